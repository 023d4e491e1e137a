"""Training an encoder-decoder."""
