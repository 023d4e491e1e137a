"""The part of a report on a search for options: what was tried, what was best, and what mattered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from recurra.options.base import flag
from recurra.report import wording
from recurra.report.blocks import table
from recurra.terminal.history import title

HEADING = "How the options were chosen"


def lead(found: Mapping[str, Any]) -> str:
    """Return a sentence on a search. found: "tuning" of metrics.json."""
    better = "" if found["best"]["options"] else " None was better than the options as given."
    ended = f"{found['pruned']} pruned, {found['failed']} failed"
    rows = wording.count(found["validation_rows"], "validation row")
    return (
        f"The best of {wording.count(found['trials'], 'trial')} ({ended}) on {rows}, by its {title(found['metric'])}. "
        f"The best of many is in part luck; the held-out rows were seen by no trial.{better}"
    )


def body(found: Mapping[str, Any]) -> Markup:
    """Return the table of a search: each option with its best value, the one as given, and how much it mattered."""
    best, defaults, importance = found["best"], found["defaults"], found["importance"]
    rows = [
        (
            flag(name),
            _shown(best["options"].get(name, defaults["options"].get(name))),
            _shown(defaults["options"].get(name)),
            wording.percent(importance[name], 0) if name in importance else "–",
        )
        for name in sorted(found["space"], key=lambda name: -importance.get(name, 0))
    ]
    rows.append((title(found["metric"]).capitalize(), f"{best['value']:.4g}", f"{defaults['value']:.4g}", ""))
    return table(["Option", "Best", "As given", "Differences explained"], rows, numbers=3)


def _shown(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
