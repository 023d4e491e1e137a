"""A model in the form of another program: one file for each target of `recurra export`."""
