"""The labels of a text that may have several: read from one cell, or from a column of yes and no for each label.

A cell holds labels between separators (`toxic; insult`), or a list (`["toxic", "insult"]`). An empty cell or list is a
text without any label, which is as good to learn from as others; a null says nothing, and its row is left out. Labels
are trimmed; one that is there twice counts once.
"""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterable, Sequence

from recurra.data.label_spelling import is_blank

SEPARATORS = (";", "|", ",")
"""What is tried where no separator is given."""

TRUE, FALSE = frozenset(("1", "1.0", "true", "yes")), frozenset(("0", "0.0", "false", "no"))
"""What a column of yes and no may hold, in any case."""

CLEARLY = 10
"""A separator is guessed where it is in so many times more cells than any other."""


def labels_of(cell: str, separator: str | None) -> tuple[list[str], int]:
    """Return (the labels of a cell in order, how many were there again). Raises ValueError where it is no proper list.

    separator: between labels; None where a cell that is no list is one label.
    """
    text = cell.strip()
    if text.startswith("[") and text.endswith("]"):
        found = _listed(text)
    else:
        found = text.split(separator) if separator else [text]
    names = [name for name in (label.strip() for label in found) if not is_blank(name)]
    once = list(dict.fromkeys(names))
    return once, len(names) - len(once)


def guessed_separator(cells: Iterable[str | None]) -> tuple[str | None, bool]:
    """Return (the separator that cells have, whether that is clear).

    Clear is one that is in many more cells than any other, or that there is none at all. Lists count for nothing.
    """
    found: Counter[str] = Counter()
    for cell in cells:
        text = (cell or "").strip()
        if not (text.startswith("[") and text.endswith("]")):
            found.update(mark for mark in SEPARATORS if mark in text)
    ranked = found.most_common(2)
    if not ranked:
        return None, True
    return ranked[0][0], len(ranked) == 1 or ranked[0][1] >= CLEARLY * ranked[1][1]


def yes_or_no(value: str) -> bool | None:
    """Return what a column of a label says: 1, true or yes; 0, false or no; None for anything else."""
    plain = value.strip().casefold()
    return True if plain in TRUE else False if plain in FALSE else None


def to_key(labels: Iterable[str]) -> str:
    """Return a set of labels as text that is the same for the same set: a sorted JSON list."""
    return json.dumps(sorted(labels), ensure_ascii=False)


def from_key(key: str) -> list[str]:
    """Return the labels that `to_key` wrote."""
    labels: list[str] = json.loads(key)
    return labels


def joined(labels: Sequence[str], separator: str | None) -> str:
    """Return labels as one cell, which `labels_of` reads again: a JSON list where a label would be misread."""
    mark = separator or SEPARATORS[0]
    plain = all(mark not in label and label == label.strip() and not label.startswith("[") for label in labels)
    return f"{mark} ".join(labels) if plain else json.dumps(list(labels), ensure_ascii=False)


def _listed(text: str) -> list[str]:
    """Return the items of a list as text: of JSON, or as Python writes a list of texts or numbers."""
    try:
        items = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        try:
            items = ast.literal_eval(text)  # values alone: nothing is run
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            raise ValueError('it begins and ends as a list does, and is none; write it as ["one", "two"]') from None
    if not isinstance(items, list):
        raise ValueError('it is no list of labels; write it as ["one", "two"]')
    for item in items:
        if item is not None and not isinstance(item, str | int | float):
            raise ValueError(f"the list holds {type(item).__name__}s, where each item is a label")
    return [_spelt(item) for item in items]


def _spelt(item: str | float | bool | None) -> str:
    if item is None:
        return ""
    return str(item).lower() if isinstance(item, bool) else str(item)
