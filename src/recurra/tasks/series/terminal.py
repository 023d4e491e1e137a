"""What the commands print of a model of series, for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from recurra.kernel.layout import CELL_NAMES
from recurra.terminal.progress import visible
from recurra.terminal.table import interval, shown, table

OF_LABELS = {
    "accuracy": "Accuracy",
    "macro_f1": "Macro F1",
    "roc_auc": "ROC AUC",
    "log_loss": "Log loss",
    "brier": "Brier score",
    "ece": "Calibration error",
}
OF_NUMBERS = {
    "mae": "Mean absolute error",
    "rmse": "Root mean squared error",
    "r2": "R²",
    "spearman": "Spearman's rank correlation",
}


def print_training(console: Console, metrics: Mapping[str, Any]) -> None:
    """Print the held-out score and the baselines beside it."""
    test = metrics["test"]
    name = "accuracy" if "accuracy" in test else "mae"
    title = {"accuracy": "accuracy", "mae": "mean absolute error"}[name]
    console.print(
        f"[bold]Held-out {title} {_value(name, test[name])}[/bold]  (95 % interval {_ends(name, test)}, "
        f"{_count(test['rows'])})"
    )
    chosen = metrics["baseline"]
    others = [one for one in metrics.get("baselines") or [] if not one["chosen"]] if chosen else []
    for one in [chosen, *others] if chosen else []:
        console.print(f"Baseline {_value(name, one[name])}  ({shown(one['name'])})")
    if paired := metrics["paired"]:
        console.print(_paired(name, paired))
    train = metrics["train"]
    console.print(f"Training {title} {_value(name, train[name])}")


def print_evaluation(console: Console, result: Mapping[str, Any]) -> None:
    """Print each score with its interval."""
    rows = table("Metric", "Value", "95 % interval")
    for name, title in {**OF_LABELS, **OF_NUMBERS}.items():
        if name in result:
            value, ends = result[name], result.get(f"{name}_ci95")
            rows.add_row(title, "-" if value is None else f"{value:.4f}", interval(ends, "{:.4f}") if ends else "-")
    console.print(rows)
    console.print(_count(result["rows"]) + (f"; {result['left_out']:,} left out" if result["left_out"] else ""))


def print_answer(answer: Mapping[str, Any]) -> None:
    """Print the name of a series where it has one, and its label with the probability, and in the same way the next
    ones where there are such, or its number; tabs between."""
    parts = [visible(answer["series"])] if "series" in answer else []
    if "number" in answer:
        parts.append(f"{answer['number']:.6g}")
    else:
        for one in answer.get("top", [answer]):
            parts += [visible(one["label"]), f"{one['probability']:.4f}"]
    print("\t".join(parts))


def inspection(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what `recurra inspect` prints of a model of series."""
    network, metrics, labels = manifest["network"], manifest["metrics"], manifest["labels"]
    test = metrics.get("test") or {}
    name = "accuracy" if network["kind"] == "classify" else "mae"
    names = ", ".join(map(str, labels[:8])) + (" ..." if len(labels) > 8 else "")
    gives = f"{len(labels)} labels ({names})" if labels else "a number"
    channels = network["channels"]
    baseline = metrics.get("baseline") or {}
    ways = "in both directions" if network["direction"] == "both" else "forward"
    return {
        "Task": f"series: {channels} channel{'s'[: channels != 1]} to {gives}",
        "Network": f"{network['layers']} x {CELL_NAMES[network['cell']]}({network['hidden']}) {ways}"
        + (", random convolutions beside it" if network.get("dilations") else ""),
        {"accuracy": "Accuracy", "mae": "Mean absolute error"}[name]: f"{_value(name, test[name])} "
        f"(95 % interval {_ends(name, test)})"
        if test
        else "",
        "Baseline": _value(name, baseline[name]) if baseline else "",
    }


def _paired(name: str, paired: Mapping[str, Any]) -> str:
    difference, p = paired["difference"], paired["p_value"]
    chance = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    by = f"{difference * 100:+.1f} points" if name == "accuracy" else f"{difference:+.4g}"
    if p >= 0.05:
        return f"The difference of {by} may be chance ({chance})"
    better = (difference > 0) == (name == "accuracy")
    return f"The model is {'better' if better else 'worse'} than the baseline, by {by} ({chance})"


def _value(name: str, value: float) -> str:
    return f"{value:.1%}" if name == "accuracy" else f"{value:.4g}"


def _ends(name: str, scores: Mapping[str, Any]) -> str:
    ends = scores.get(f"{name}_ci95")
    if not ends:
        return "unknown"
    return interval(ends) if name == "accuracy" else interval(ends, "{:.4g}")


def _count(number: int) -> str:
    return f"{number:,} series"
