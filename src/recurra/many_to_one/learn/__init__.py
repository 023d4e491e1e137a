"""Training such a network, and writing its graph."""
