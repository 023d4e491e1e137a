"""Options: each has one name, one bound, one default and one sentence."""
