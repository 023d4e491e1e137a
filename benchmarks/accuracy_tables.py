"""The tables of docs/explanation/small-and-large-data.md, from accuracy.json and accuracy_vectors.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NONE = "No run is recorded yet."


def table(run: Mapping[str, Any] | None) -> str:
    """Return the accuracies of a recorded run of accuracy.py as Markdown; None: there is none."""
    if run is None:
        return NONE
    lines = [
        "| set | held-out rows | model | its network alone | its n-grams alone | baseline | better by | p | seconds |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, found in run["metrics"]["sets"].items():
        runs, paired = found["runs"], found["paired"]
        cells = [
            name,
            " + ".join(f"{each['rows']:,}" for each in runs),
            f"**{_percent(found['accuracy']['mean'])}** ({', '.join(_percent(each['accuracy']) for each in runs)})",
            *(_mean(found, key) for key in ("network_alone", "ngrams_alone", "baseline")),
            f"{100 * paired['difference']:+.1f}" if paired else "",
            f"{paired['p_value']:.2g}" if paired else "",
            f"{found['seconds']['mean']:.0f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    said = f"`{run['command']}` on {run['machine']}; load average before: {run['load_average_before']}."
    return "\n".join([*lines, "", said])


def _mean(found: Mapping[str, Any], key: str) -> str:
    return _percent(found[key]["mean"]) if key in found else ""


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
