"""Training a model that answers a text with a number."""
