"""What the labels look like before training: spellings, missing values, several labels in a cell, quantities.

All of it comes from the names of the labels and how many rows each has. Nothing is changed: it is reported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from recurra.data.label_spelling import (
    SEVERAL,
    clash_sentences,
    clashes,
    counted,
    looks_missing,
    missing_sentences,
    written,
)

CLASSES_SHOWN = 20
"""Classes that are listed with their rows before training."""
FEW_ROWS_A_CLASS = 1.5
"""With fewer rows a class on average, labels are not taken for classes."""
MANY_CLASSES = 50
MANY_CLASSES_SHARE = 5
"""Above both this many classes and one for this many rows, a finding asks whether they are classes."""
REAL_VALUES, WHOLE_VALUES = 11, 30
"""From this many different numbers on, with and without digits after the point, labels look like a quantity."""

_LIST = re.compile(r"\s*[\[({](.*)[\])}]\s*", re.DOTALL)
_SEPARATORS = (re.compile(r"[;,|\t\n\u3001\uff0c\uff1b]"), re.compile(r"[/+&]"), re.compile(r"\s+"))
_WEAK_SEPARATORS = _SEPARATORS[1:]
"""Signs that names of classes hold too: one such label is no sign of several labels in a cell."""
_QUOTED = "'\" \t\n"


def class_list(classes: Mapping[str, int]) -> str:
    """Return the classes with their rows, the commonest first, in one line."""
    ordered = dict(sorted(classes.items(), key=lambda item: (-item[1], item[0])))
    return f"Classes ({len(ordered):,}): {counted(ordered, most=CLASSES_SHOWN)}."


def label_findings(classes: Mapping[str, int], first_rows: Mapping[str, int] | None = None) -> list[str]:
    """Return in plain sentences what is odd about the labels, if anything is.

    classes: rows of each label; first_rows: the number of a row that has it.
    """
    found = clash_sentences(clashes(classes), "row", first_rows) + missing_sentences(classes)
    for sentence in (several_labels(classes), quantity(classes), many_classes(classes)):
        if sentence:
            found.append(sentence)
    return found


def several_labels(classes: Mapping[str, int]) -> str:
    """Return a sentence where cells look as if they held several labels each, else nothing.

    Such are lists ("['a', 'b']"), and labels joined by a sign (a;b), most of whose parts recur in other labels.
    """
    lists = {label: items for label in classes if (items := _list_items(label)) is not None}
    for parted in (lists if len(lists) > 1 else {}, *_parted(classes)):
        if not parted:
            continue
        rows = sum(classes[label] for label in parted)
        parts = {part for items in parted.values() for part in items}
        example = max(parted, key=lambda label: (len(parted[label]), classes[label]))
        return (
            f"Cells such as {written(example)} look like several labels in one: {len(parted):,} combinations of "
            f"{len(parts):,} labels, in {rows:,} rows. Each combination is learned as a class of its own. Where "
            f"each part is a label, {SEVERAL}."
        )
    return ""


def quantity(classes: Mapping[str, int]) -> str:
    """Return a sentence where the labels look like measured numbers instead of classes, else nothing."""
    values = [value for label in classes if (value := _value(label)) is not None]
    others = sum(not looks_missing(label) for label in classes) - len(values)
    if not values or others > 0.05 * len(classes):
        return ""
    distinct = sorted(set(values))
    whole = all(value == value.to_integral_value() for value in distinct)
    numbered = whole and distinct[0] in (-1, 0, 1) and distinct[-1] < 2 * len(distinct)  # as classes are
    if len(distinct) < (WHOLE_VALUES if whole else REAL_VALUES) or numbered:
        return ""
    return (
        f"The labels are {len(distinct):,} different numbers between {distinct[0]} and {distinct[-1]}: that looks like "
        "a quantity, and each number is learned as a class that is no nearer to one than to another. --task regress "
        "predicts a number, with --target in place of --label."
    )


def many_classes(classes: Mapping[str, int]) -> str:
    """Return a sentence where there are many classes for the rows, else nothing."""
    rows = sum(classes.values())
    if len(classes) <= max(MANY_CLASSES, rows // MANY_CLASSES_SHARE):
        return ""
    return (
        f"{len(classes):,} classes in {rows:,} rows are {rows / len(classes):.1f} rows a class: too few to learn much "
        "from. If the column does not hold classes, name another with --label."
    )


def _list_items(label: str) -> list[str] | None:
    """Return the items of a label that is written as a list; None for any other."""
    inside = _LIST.fullmatch(label)
    return [part for item in inside[1].split(",") if (part := item.strip(_QUOTED))] if inside else None


def _parted(classes: Mapping[str, int]) -> list[dict[str, list[str]]]:
    """Return, for each kind of sign between labels, the labels that it parts into some that recur."""
    found = []
    for separator in _SEPARATORS:
        parted = {label: parts for label in classes if len(parts := _parts(label, separator)) > 1}
        if all(len(parts) == 2 and all(part.isdigit() for part in parts) for parts in parted.values()):
            continue  # numbers with a decimal comma
        used: dict[str, int] = {}
        for label in classes:
            for part in set(parted.get(label, [label.strip()])):
                used[part] = used.get(part, 0) + 1
        distinct = {part for items in parted.values() for part in items}
        if len(parted) < 2 or separator is _SEPARATORS[-1]:
            alone = {label.strip() for label in classes if label not in parted}
            if distinct <= alone and (len(parted) > 1 or separator not in _WEAK_SEPARATORS):
                found.append(parted)
            continue
        recurring = sum(used[part] > 1 for part in distinct)
        if recurring >= 2 and recurring >= 2 / 3 * len(distinct):
            found.append(parted)
    return found


def _parts(label: str, separator: re.Pattern[str]) -> list[str]:
    parts = [part.strip(_QUOTED) for part in separator.split(label)]
    return [] if "" in parts[:-1] else [part for part in parts if part]


def _value(label: str) -> Decimal | None:
    """Return the number that a label is, with a decimal point or comma."""
    try:
        value = Decimal(label.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
