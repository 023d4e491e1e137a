"""What the commands print of a model that answers texts with numbers, for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from recurra.kernel.layout import CELL_NAMES
from recurra.many_to_one.continued_facts import continued_sentences
from recurra.terminal.drift_lines import print_drift
from recurra.terminal.slice_table import print_slices
from recurra.terminal.table import between, interval, shown, table

METRICS = {
    "mae": "Mean absolute error",
    "rmse": "Root mean squared error",
    "r2": "R²",
    "spearman": "Spearman's rank correlation",
    "bias": "Bias (prediction less truth)",
    "coverage": "Coverage of the intervals",
    "width": "Width of the intervals",
}
FORM = "{:.4g}"


def print_training(console: Console, metrics: Mapping[str, Any]) -> None:
    """Print the held-out error, the intervals, and the baselines beside them."""
    test = metrics["test"]
    console.print(
        f"[bold]Held-out mean absolute error {test['mae']:.4g}[/bold]  ({between(test['mae_ci95'], FORM)}, "
        f"{test['rows']:,} rows)"
    )
    console.print(
        f"Intervals         {test['coverage']:.1%} of the held-out numbers lie in theirs ({test['level']:.0%} were "
        f"asked for; {between(test['coverage_ci95'])}); mean width {test['width']:.4g}"
    )
    if baseline := metrics["baseline"]:
        console.print(
            f"Baseline          {baseline['mae']:.4g}  ({between(baseline['mae_ci95'], FORM)}; "
            f"{shown(baseline['name'])})"
        )
        console.print(_paired(metrics["paired"]))
    if constant := metrics.get("constant"):
        console.print(f"Always the median {constant['mae']:.4g}")
    if (ensemble := metrics.get("ensemble")) and ensemble["members"][0].get("mae") is not None:
        alone = [member["mae"] for member in ensemble["members"]]
        console.print(f"Its members alone {min(alone):.4g} to {max(alone):.4g}")
    console.print(
        f"Training error {metrics['train']['mae']:.4g}; R² {_number(test['r2'])}; rank correlation "
        f"{_number(test['spearman'])}"
    )
    for sentence in continued_sentences(metrics.get("continued")):
        console.print(shown(sentence))
    if count := test.get("nothing_known_rows"):
        console.print(f"Nothing known was read in {count:,} of the held-out rows; they count as any other")


def print_evaluation(console: Console, result: Mapping[str, Any]) -> None:
    """Print each score with its interval."""
    rows = table("Metric", "Value", "95 % interval")
    for name, title in METRICS.items():
        value, ends = result[name], result.get(f"{name}_ci95")
        form = "{:.1%}" if name == "coverage" else FORM
        rows.add_row(
            title if name != "coverage" else f"{title} ({result['level']:.0%} asked for)",
            "-" if value is None else form.format(value),
            "-" if ends is None else interval(ends, form),
        )
    console.print(rows)
    console.print(f"{result['rows']:,} rows, of which {result['truncated_rows']:,} were cut to the model's length")
    print_slices(console, result)
    print_drift(console, result)


def print_answer(answer: Mapping[str, Any]) -> None:
    """Print the number and the ends of its interval, tabs between; after a further tab, that nothing known was read
    where that is so."""
    mark = "\tnothing known was read" if answer.get("nothing_known") else ""
    print("\t".join(f"{answer[name]:.6g}" for name in ("value", "lo", "hi")) + mark)


def inspection(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what `recurra inspect` prints of such a model."""
    network, metrics, data = manifest["network"], manifest["metrics"], manifest.get("data") or {}
    intervals = metrics.get("intervals") or {}
    column = data.get("target")
    members = network.get("members", 1)
    several = f"the mean of {members} networks of " if members > 1 else ""
    of = f" ({column})" if isinstance(column, str) else ""
    test = metrics.get("test") or {}
    ends = test.get("mae_ci95")
    return {
        "Task": f"regress: a number{of}"
        + (f", {intervals['lowest']:g} to {intervals['highest']:g}" if intervals else ""),
        "Network": f"{several}{network['layers']} x {CELL_NAMES[network['cell']]}({network['hidden']}), "
        f"{network['direction']}, {network['pooling']} pooling, embedding {network['embedding']}",
        "Mean absolute error": f"{test['mae']:.4g}" + (f" (95 % interval {interval(ends, FORM)})" if ends else "")
        if test
        else "",
        "R²": _number(test["r2"]) if test else "",
        "Intervals": f"{intervals['level']:.0%} asked for"
        + (f"; {test['coverage']:.1%} of the held-out rows are inside" if test else "")
        if intervals
        else "",
        "Baseline": f"{baseline['mae']:.4g}" if (baseline := metrics.get("baseline")) else "",
    }


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def _paired(paired: Mapping[str, Any]) -> str:
    difference, p = paired["difference"], paired["p_value"]
    chance = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    if p >= 0.05:
        return f"The difference of {difference:+.4g} may be chance (signs of the rows' differences flipped, {chance})"
    better = "better" if difference < 0 else "worse"
    return (
        f"The model is {better} than the baseline by {abs(difference):.4g} (signs of the rows' differences flipped, "
        f"{chance})"
    )
