"""Text to ids: words, pieces of words, sentences."""
