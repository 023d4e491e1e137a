"""The ways in which a recurrent layer is computed, and which one is chosen."""
