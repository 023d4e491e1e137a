"""Training of models that give several labels."""
