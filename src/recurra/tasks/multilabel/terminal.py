"""What the commands print of a model that gives several labels, for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from recurra.evaluation.label_metrics import LABEL_METRICS
from recurra.many_to_one.continued_facts import continued_sentences
from recurra.many_to_one.shape_in_words import network_in_words
from recurra.terminal.drift_lines import print_drift
from recurra.terminal.progress import visible
from recurra.terminal.slice_table import print_slices
from recurra.terminal.table import interval, shown, table

WEAKEST = 12
"""Labels that are listed, those with the least F1, where there are more."""

MACRO_AVERAGE_PRECISION = "Macro average precision"


def print_training(console: Console, metrics: Mapping[str, Any]) -> None:
    """Print the held-out micro F1 and the baseline beside it; where no row was held out, that nothing was measured."""
    test = metrics["test"]
    if not test:
        console.print("[bold]Not evaluated: no row was held out, so how it does on new texts is unknown[/bold]")
        console.print(f"Micro F1 of the validation rows {metrics['valid']['micro_f1']:.1%} (threshold 0.5)")
        return
    console.print(
        f"[bold]Held-out micro F1 {test['micro_f1']:.1%}[/bold]  (95 % interval {interval(test['micro_f1_ci95'])}, "
        f"{test['rows']:,} rows, {len(test['per_label'])} labels)"
    )
    console.print(
        f"Macro F1          {_percent(test['macro_f1'])}; all labels right in {test['subset_accuracy']:.1%} of the rows"
    )
    half = test["at_half"]["micro_f1"]
    console.print(
        f"Thresholds        {_rule(metrics['thresholds'])}; with 0.5 for all, micro F1 would be {_percent(half)}"
    )
    if baseline := metrics["baseline"]:
        console.print(
            f"Baseline          {baseline['micro_f1']:.1%}  (95 % interval {interval(baseline['micro_f1_ci95'])}; "
            f"{shown(baseline['name'])})"
        )
        console.print(_paired(metrics["paired"]))
    for sentence in continued_sentences(metrics.get("continued")):
        console.print(shown(sentence))
    if bare := metrics["hygiene"].get("without_held_out"):
        names = ", ".join(map(visible, bare[:5])) + (" ..." if len(bare) > 5 else "")
        console.print(shown(f"No held-out row has {names}: the scores are those of the other labels"))
    if count := test.get("nothing_known_rows"):
        console.print(f"Nothing known was read in {count:,} of the held-out rows; they count as any other")


def print_evaluation(console: Console, result: Mapping[str, Any]) -> None:
    """Print each metric with its interval, and the weakest labels."""
    rows = table("Metric", "Value", "95 % interval")
    titles = {name: metric.title for name, metric in LABEL_METRICS.items()}
    titles["macro_average_precision"] = MACRO_AVERAGE_PRECISION
    for name, title in titles.items():
        value, ends = result[name], result.get(f"{name}_ci95")
        number = "-" if value is None else f"{value:.4f}"
        rows.add_row(title, number, "-" if ends is None else interval(ends, "{:.4f}"))
    console.print(rows)
    labels = table("Label", "Threshold", "Precision", "Recall", "F1", "Rows")
    per_label = sorted((row for row in result["per_label"] if row["f1"] is not None), key=lambda row: row["f1"])
    for row in per_label[:WEAKEST]:
        figures = [_percent(row[name]) for name in ("precision", "recall", "f1")]
        labels.add_row(shown(row["label"]), f"{row['threshold']:.3f}", *figures, f"{row['support']:,}")
    console.print(labels)
    if len(per_label) > WEAKEST:
        console.print(f"The {WEAKEST} labels with the least F1, of {len(per_label)} that are there or given")
    console.print(
        f"{result['rows']:,} rows with {result['labels_per_row']:.2f} labels each and {result['answers_per_row']:.2f} "
        f"given; {result['truncated_rows']:,} were cut to the model's length"
    )
    print_slices(console, result)
    print_drift(console, result)


def print_answer(answer: Mapping[str, Any]) -> None:
    """Print each label that is given with its probability after a colon, tabs between them; "-" where there is none.

    With --top, the most probable labels instead, given or not; after a further tab, that nothing known was read.
    """
    probabilities = answer["probabilities"]
    given = [(one["label"], one["probability"]) for one in answer.get("top", [])] or [
        (label, probabilities[str(label)]) for label in answer["labels"]
    ]
    mark = "\tnothing known was read" if answer.get("nothing_known") else ""
    print(("\t".join(f"{visible(str(label))}: {chance:.4f}" for label, chance in given) or "-") + mark)


def inspection(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what `recurra inspect` prints of such a model."""
    metrics, labels = manifest["metrics"], manifest["labels"]
    test, baseline = metrics.get("test"), metrics.get("baseline")
    names = ", ".join(map(str, labels[:8])) + (" ..." if len(labels) > 8 else "")
    thresholds = metrics.get("thresholds")
    values = thresholds["values"] if isinstance(thresholds, dict) else thresholds or []
    return {
        "Task": f"{manifest['task']}: {len(labels)} labels ({names})",
        **network_in_words(manifest["network"]),
        "Thresholds": f"{min(values):.3f} to {max(values):.3f}" if values else "0.5",
        "Micro F1": f"{test['micro_f1']:.1%} (95 % interval {interval(test['micro_f1_ci95'])})" if test else "",
        "Baseline": f"{baseline['micro_f1']:.1%}" if baseline else "",
    }


def _rule(thresholds: Mapping[str, Any]) -> str:
    """Return in words how thresholds came about."""
    values, weight = thresholds["values"], thresholds["weight"]
    if weight is None:
        return f"{values[0]:g} for all"
    if weight == "all":
        return f"{values[0]:.3f} for all, chosen on the validation rows"
    return f"one for each label, {min(values):.3f} to {max(values):.3f}, chosen on the validation rows"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _paired(paired: Mapping[str, Any]) -> str:
    difference, p = paired["difference"], paired["p_value"]
    chance = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    if p >= 0.05:
        return f"The difference of {difference * 100:+.1f} points may be chance (rows exchanged at random, {chance})"
    better = "better" if difference > 0 else "worse"
    return (
        f"The model is {better} than the baseline by {abs(difference) * 100:.1f} points (rows exchanged at random, "
        f"{chance})"
    )
