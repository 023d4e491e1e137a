"""The order of classes."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"-?[0-9]+")


def class_order(names: Iterable[str]) -> list[str]:
    """Return label names in order: by value where all are whole numbers, else by spelling."""
    names = list(names)
    if all(_NUMBER.fullmatch(name) for name in names):
        return sorted(names, key=lambda name: (int(name), name))
    return sorted(names)
