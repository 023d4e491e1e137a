"""Training a model that counts vowels."""
