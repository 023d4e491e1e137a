"""The order of classes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from itertools import pairwise

from recurra.errors import LabelError, brief

_NUMBER = re.compile(r"-?[0-9]+")


def class_order(names: Iterable[str]) -> list[str]:
    """Return label names in order: by value where all are whole numbers, else by spelling."""
    names = list(names)
    if all(_NUMBER.fullmatch(name) for name in names):
        return sorted(names, key=lambda name: (int(name), name))
    return sorted(names)


def stated_order(names: Iterable[str], order: str | None) -> list[str]:
    """Return label names from the least to the most: as `order` says, with commas between, or as numbers by value.

    Raises LabelError where `order` does not name each of them once and no other, or names are no numbers without it.
    """
    names = sorted(names)
    if order is None:
        values = {name: _value(name) for name in names}
        bad = [name for name, value in values.items() if value is None]
        if bad:
            raise LabelError(
                f"--ordered needs labels whose order is known, and {brief(bad[0])} is no number. Say the order of the "
                f"labels from the least to the most, such as --order {','.join(names[:5])!r}, or leave --ordered out."
            )
        ordered = sorted(names, key=lambda name: (values[name] or 0.0, name))
        for low, high in pairwise(ordered):
            if values[low] == values[high]:
                raise LabelError(
                    f"--ordered: the labels {brief(low)} and {brief(high)} are one number. Write it in one way."
                )
        return ordered
    given = [part.strip() for part in order.split(",")]
    doubled = sorted({name for name in given if given.count(name) > 1})
    missing, unknown = [name for name in names if name not in given], [name for name in given if name not in names]
    for wrong, what in (
        (doubled, "names a label twice"),
        (missing, "does not name every label of the training rows"),
        (unknown, "names a label that no training row has"),
    ):
        if wrong:
            raise LabelError(f"--order {brief(order)} {what}: {brief(wrong[0])}. The labels are: {', '.join(names)}.")
    return given


def _value(name: str) -> float | None:
    try:
        value = float(name)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
