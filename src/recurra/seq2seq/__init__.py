"""What the tasks that read one sequence and write another share."""
