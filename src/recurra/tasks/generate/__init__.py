"""Text that continues a prompt."""
