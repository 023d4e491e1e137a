"""A model of series over HTTP: its routes, its stream, and what its page is told."""
