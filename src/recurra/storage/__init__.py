"""Model directories, and files that appear whole or not at all."""
