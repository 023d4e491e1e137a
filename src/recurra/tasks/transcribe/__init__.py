"""Text for speech: connectionist temporal classification."""
