"""Intervals and paired tests: how far a number can be trusted."""
