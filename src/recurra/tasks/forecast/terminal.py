"""What the commands print of a model that forecasts, for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from recurra.kernel.layout import CELL_NAMES
from recurra.terminal.progress import visible
from recurra.terminal.table import interval, shown, table

TITLES = {"mase": "MASE", "smape": "sMAPE", "crps": "CRPS", "coverage": "Coverage of the band"}
"""What the scores are called."""
SHARES = ("smape", "coverage")


def print_training(console: Console, metrics: Mapping[str, Any]) -> None:
    """Print the score of the held-out part, and the other methods beside it."""
    test = metrics["test"]
    console.print(
        f"[bold]Held-out MASE {_value('mase', test['mase'])}[/bold]  (95 % interval {_ends('mase', test)}, "
        f"{_count(test['rows'])}; 1 is repeating the last season)"
    )
    others = (metrics.get("baselines") or []) if metrics["baseline"] else []
    for one in sorted(others, key=lambda row: not row["chosen"]):
        name = f"Baseline ({one['name']})" if one["chosen"] else shown(one["name"])
        console.print(f"{name} {_value('mase', one['mase'])}" + _on(one, test))
    if metrics["paired"] and test["rows"] > 1:
        console.print(_paired(metrics["paired"]))
    console.print(
        f"Coverage of the {test['nominal_coverage']:.0%} band {_value('coverage', test['coverage'])} "
        f"(95 % interval {_ends('coverage', test)})"
    )


def print_evaluation(console: Console, result: Mapping[str, Any]) -> None:
    """Print each score with its interval."""
    rows = table("Metric", "Value", "95 % interval")
    for name, title in TITLES.items():
        ends = result.get(f"{name}_ci95")
        rows.add_row(title, _value(name, result[name]), _ends(name, result) if ends else "-")
    console.print(rows)
    console.print(f"{_count(result['rows'])}, {result['how']}")


def print_answer(answer: Mapping[str, Any]) -> None:
    """Print a line for each step: series and time where they are known, the forecast, and the ends of the band; tabs
    between."""
    for row in answer["forecast"]:
        parts = [visible(answer["series"])] if "series" in answer else []
        parts.append(visible(str(row["ds"])))
        print("\t".join([*parts, *(_number(row[name]) for name in ("y", "lo", "hi"))]))


def inspection(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what `recurra inspect` prints of a model that forecasts."""
    network, metrics, data = manifest["network"], manifest["metrics"], manifest["data"]
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    season = f"season {data['season']:,}" if data.get("season", 1) > 1 else "no season"
    covariates = [name for names in (data.get("covariates") or {}).values() for name in names]
    return {
        "Task": f"forecast: up to {network['horizon']:,} steps of frequency {data.get('frequency', '?')}, {season}",
        "Network": f"{network['members']} x {network['layers']} x {CELL_NAMES[network['cell']]}({network['hidden']}) "
        f"on {network['segments']} segments of {network['segment']:,} steps",
        "Covariates": ", ".join(map(visible, covariates)),
        "MASE": f"{_value('mase', test['mase'])} (95 % interval {_ends('mase', test)})" if test else "",
        "Coverage": f"{_value('coverage', test['coverage'])} in the band of {test['nominal_coverage']:.0%}"
        if test
        else "",
        "Baseline": f"{baseline['name']}: MASE {_value('mase', baseline['mase'])}" if baseline else "",
    }


def _number(value: float) -> str:
    """Six digits, or as many as there are before the point and one behind it."""
    return f"{value:.1f}" if 1e5 <= abs(value) < 1e15 else f"{value:.6g}"


def _paired(paired: Mapping[str, Any]) -> str:
    difference, p = paired["difference"], paired["p_value"]
    chance = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    if p >= 0.05:
        return f"The difference to the baseline of {difference:+.3f} may be chance ({chance})"
    return f"The model is {'better' if difference < 0 else 'worse'} than the baseline, by {difference:+.3f} ({chance})"


def _on(scores: Mapping[str, Any], test: Mapping[str, Any]) -> str:
    """Return on how many series a method was judged, where not on all, and what the model has there."""
    if scores["rows"] == test["rows"] or scores.get("model_mase") is None:
        return ""
    return f"  ({_count(scores['rows'])}, where the model has {_value('mase', scores['model_mase'])})"


def _value(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1%}" if name in SHARES else f"{value:.3f}"


def _ends(name: str, scores: Mapping[str, Any]) -> str:
    ends = scores.get(f"{name}_ci95")
    if not ends:
        return "unknown"
    return interval(ends) if name in SHARES else interval(ends, "{:.3f}")


def _count(number: int) -> str:
    return f"{number:,} series"
