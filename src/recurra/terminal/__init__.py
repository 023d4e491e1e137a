"""What a person at a terminal sees: progress, tables and input."""
