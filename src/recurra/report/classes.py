"""The sections of a report on classes: what is confused with what, and class by class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from recurra.report.page import Section
from recurra.report.template import template

SMALL = 4
"""Up to this many classes the confusion matrix and the table of classes are side by side."""
DENSE = 12
"""Above this many classes the confusion matrix is drawn small, with numbered columns."""
TINY = 30
"""Above this many classes its cells are coloured squares; pointing at one shows its number."""
MOST_CLASSES = 100
"""Above this many classes there is no confusion matrix, only the commonest mix-ups."""


def css() -> str:
    """Return the style rules of the sections."""
    return files("recurra.report").joinpath("classes.css").read_text(encoding="utf-8")


def class_sections(test: Mapping[str, Any], labels: Sequence[str]) -> list[Section]:
    """Return the sections on the classes of held-out rows; the body of one is empty where there is nothing for it.

    test: what `evaluation.class_scores.score_classes` returned. labels: the names of the classes.
    """
    parts: Any = template("recurra.report", "classes.html.j2").module  # its macros
    empty = Markup("")
    confusion, per_class = test.get("confusion") or [], test.get("per_class") or []
    labels = labels or [str(k) for k in range(len(confusion))]
    matrix = _matrix(confusion) if 0 < len(confusion) <= MOST_CLASSES else None
    dense = matrix is not None and matrix["dense"]
    mix_ups = _mix_ups(confusion, labels) if len(confusion) > 2 else []
    if len(per_class) > DENSE:
        per_class = sorted(per_class, key=lambda row: row["f1"])
    apart = (per_class or mix_ups) and not (matrix and matrix["small"])  # else the classes are beside the matrix
    return [
        Section(
            "What it confuses",
            parts.confusion(matrix, labels, per_class) if matrix else empty,
            "A row for each true class, a column for each predicted one. Blue is right, amber is wrong; the stronger, "
            f"the larger the share of its row.{' Columns are numbered as the rows.' if dense else ''}",
        ),
        Section(
            "Class by class",
            parts.classes(per_class, mix_ups, DENSE) if apart else empty,
            f"The weakest twelve of {len(per_class)} classes, by F1, and the commonest mix-ups."
            if len(per_class) > DENSE
            else "",
        ),
    ]


def _matrix(confusion: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Return the confusion matrix [K, K] as cells with a count, a share of their line, a shade and a class."""
    many = len(confusion)
    floor = 0.4 if many > TINY else 0.2 if many > DENSE else 0.12  # the smaller the cell, the stronger its colour
    rows = []
    for k, line in enumerate(confusion):
        total = sum(line)
        cells = []
        for j, number in enumerate(line):
            share = number / total if total else 0.0
            kinds = ["right"] * (j == k) + ["strong"] * (share > 0.5)
            shade = floor + (0.92 - floor) * share
            cells.append({"count": number, "share": share, "shade": shade, "kind": " ".join(kinds)})
        rows.append(cells)
    size = "dense tiny" if many > TINY else "dense" if many > DENSE else ""
    return {"small": many <= SMALL, "dense": many > DENSE, "tiny": many > TINY, "size": size, "rows": rows}


def _mix_ups(confusion: Sequence[Sequence[int]], labels: Sequence[str], most: int = 12) -> list[dict[str, Any]]:
    """Return the commonest wrong answers: truth, predicted, count."""
    wrong = [(number, k, j) for k, line in enumerate(confusion) for j, number in enumerate(line) if number and j != k]
    wrong.sort(key=lambda item: (-item[0], item[1], item[2]))
    return [{"truth": labels[k], "predicted": labels[j], "count": number} for number, k, j in wrong[:most]]
