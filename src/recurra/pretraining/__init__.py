"""Pretraining: from texts without labels to a base that many models start from."""
