"""An experiment: how far back does each cell remember, and at what cost?"""
