"""What computes a classifier's answers."""
