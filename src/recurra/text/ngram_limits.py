"""Bounds of n-grams, of words and of characters, for options and shapes: this module imports no NumPy."""

LONGEST = 3
"""Words of the longest n-gram."""
MAX_WORDS = 1 << 20
"""Ids of words are below this."""
MOST_SUBWORD_BUCKETS = 1 << 21
"""Buckets of character n-grams."""
