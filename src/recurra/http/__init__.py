"""The parts that answer requests, whatever the task."""
