"""Text that goes on after a prompt."""
