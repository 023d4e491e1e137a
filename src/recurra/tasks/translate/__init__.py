"""A text for each text."""
