"""What the server does with such a model."""
