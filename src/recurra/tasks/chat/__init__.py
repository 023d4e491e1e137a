"""A reply to the turns of a dialogue."""
