"""The server: its processes, its routes and its page."""
