"""Sharing runs of a model between requests."""
