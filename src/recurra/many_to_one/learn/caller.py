"""What an estimator takes from its caller, and leaves as it was: texts, and the state of torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch

from recurra.errors import OptionError


def texts_of(X: Iterable[str], name: str = "X") -> list[str]:
    """Return the texts as a list. Raises OptionError for anything but a column of texts."""
    if isinstance(X, str | bytes):
        raise OptionError(f"{name} must be a list of texts; got one text. Pass it in a list: [text].")
    shape = getattr(X, "shape", None)
    if shape is not None and len(shape) != 1:
        raise OptionError(f"{name} must be one column of texts; got an array of shape {shape}.")
    if isinstance(X, dict | set | frozenset) or not isinstance(X, Iterable):
        raise OptionError(f"{name} must be a list of texts; got {type(X).__name__}.")
    return list(X)


@contextmanager
def torch_as_it_was() -> Iterator[None]:
    """Restore the caller's random generator and number of threads."""
    threads = torch.get_num_threads()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(threads)
