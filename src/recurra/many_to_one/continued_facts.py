"""What is told of a model whose training went on: what it knew before, what it knows after, and by how much it grew.

"continued" of metrics.json is {model, old_data, old, new, kept_apart, further_words, further_labels}; old and new, of
the held-out rows of the model and of the new ones, are None or {rows, measure, before, before_ci95, after, after_ci95,
paired}, where paired is after less before: {difference, difference_ci95, p_value}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MEASURES = {"accuracy": "accuracy", "micro_f1": "micro F1", "mae": "mean absolute error"}
"""By which both are compared, and what they are called."""
SHARES = ("accuracy", "micro_f1")
"""Those that are shares, whose differences are told in points."""
SMALLER_IS_BETTER = ("mae",)
CHANCE = 0.05
"""From this p-value on a difference may be chance."""


def continued_sentences(continued: Mapping[str, Any] | None) -> list[str]:
    """Return what is told, in sentences; none of a model that began anew."""
    if not continued:
        return []
    told = []
    for key, rows in (("old", "held-out rows of {model}"), ("new", "new held-out rows")):
        if part := continued[key]:
            told.append(_sentence(part, rows.format(model=continued["model"])))
    if continued["old"] is None:
        told.append(f"What {continued['model']} forgot was not measured: its held-out rows were not at hand.")
    if grown := _grown(continued):
        told.append(grown)
    return told


def continued_rows(continued: Mapping[str, Any] | None) -> tuple[list[str], list[list[str]]]:
    """Return the columns and the rows of a table, before beside after; no rows of a model that began anew."""
    found = [(name, part) for name, key in (("old", "old"), ("new", "new")) if (part := (continued or {}).get(key))]
    if not found:
        return [], []
    measure = found[0][1]["measure"]
    columns = ["held-out rows", "rows", f"{MEASURES[measure]} before", "after", "difference", "95 % interval"]
    return columns, [
        [
            f"{name} ones",
            f"{part['rows']:,}",
            _value(measure, part["before"]),
            _value(measure, part["after"]),
            _difference(measure, part["paired"]["difference"]),
            " to ".join(_difference(measure, end) for end in part["paired"]["difference_ci95"]),
        ]
        for name, part in found
    ]


def _sentence(part: Mapping[str, Any], rows: str) -> str:
    measure, paired = part["measure"], part["paired"]
    change = paired["difference"] * (-1 if measure in SMALLER_IS_BETTER else 1)
    better = "better" if change > 0 else "worse"
    verdict = "which may be chance" if paired["p_value"] >= CHANCE else better
    return (
        f"On {part['rows']:,} {rows}: {MEASURES[measure]} {_value(measure, part['before'])} before, "
        f"{_value(measure, part['after'])} after ({_difference(measure, paired['difference'])}, {verdict}, "
        f"p = {paired['p_value']:.2g})."
    )


def _grown(continued: Mapping[str, Any]) -> str:
    """Return by how much a model grew, in a sentence; "" where it did not."""
    words, labels = continued["further_words"], continued["further_labels"]
    parts = [f"{words:,} word{'s'[: words != 1]}"] if words else []
    parts += [f"{len(labels)} label{'s'[: len(labels) != 1]} ({_listed(labels)})"] if labels else []
    return f"Added: {' and '.join(parts)}." if parts else ""


def _listed(labels: Sequence[Any], most: int = 8) -> str:
    return ", ".join(map(str, labels[:most])) + (", ..." if len(labels) > most else "")


def _value(measure: str, value: float) -> str:
    return f"{value:.1%}" if measure in SHARES else f"{value:.3f}"


def _difference(measure: str, value: float) -> str:
    return f"{100 * value:+.1f} points" if measure in SHARES else f"{value:+.3f}"
