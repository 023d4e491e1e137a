"""What an estimator takes from its caller, and leaves as it was: texts, and the state of torch."""

from __future__ import annotations

from recurra.training.estimator import column as texts_of
from recurra.training.estimator import torch_as_it_was

__all__ = ["texts_of", "torch_as_it_was"]
