"""What the commands print of a tagger, for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from recurra.kernel.layout import CELL_NAMES
from recurra.terminal.progress import visible
from recurra.terminal.table import interval, shown, table

WORDS = {"accuracy": "Accuracy (words)", "exact_match": "Exact match (sentences)"}
SPANS = {"precision": "Precision of spans", "recall": "Recall of spans", "f1": "F1 of spans"}


def print_training(console: Console, metrics: Mapping[str, Any]) -> None:
    """Print the held-out scores and the baseline beside them."""
    test, baseline = metrics["test"], metrics["baseline"]
    for name, title in (("f1", "F1 of spans"), ("accuracy", "accuracy")):
        if test.get(name) is None:
            continue
        console.print(
            f"[bold]Held-out {title:<11} {test[name]:.1%}[/bold]  (95 % interval {interval(test[f'{name}_ci95'])})"
        )
        if baseline:
            console.print(f"Baseline {title:<11} {baseline[name]:.1%}  ({shown(baseline['name'])})")
    console.print(f"{test['words']:,} words in {test['rows']:,} sentences; {_unknown(test)}")


def print_evaluation(console: Console, result: Mapping[str, Any]) -> None:
    """Print each score with its interval, and each tag."""
    scores = table("Score", "Value", "95 % interval")
    for name, title in (WORDS | SPANS).items():
        if result.get(name) is not None:
            scores.add_row(title, f"{result[name]:.2%}", interval(result[f"{name}_ci95"]))
    console.print(scores)
    labels = table("Label", "Number", "Precision", "Recall", "F1")
    for row in sorted(result.get("per_span") or result["per_class"], key=lambda row: -row["support"]):
        shares = (f"{row[name]:.1%}" for name in ("precision", "recall", "f1"))
        labels.add_row(shown(row["label"]), f"{row['support']:,}", *shares)
    console.print(labels)
    console.print(f"{result['words']:,} words in {result['rows']:,} sentences; {_unknown(result)}")


def print_answer(answer: Mapping[str, Any]) -> None:
    """Print a sentence as word/TAG word/TAG."""
    pairs = zip(answer["tokens"], answer["tags"], strict=True)
    print(" ".join(f"{visible(word)}/{visible(tag)}" for word, tag in pairs))


def inspection(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what `recurra inspect` prints of a tagger."""
    network, metrics, labels = manifest["network"], manifest["metrics"], manifest["labels"]
    test, baseline = metrics.get("test"), metrics.get("baseline")
    return {
        "Task": f"tag: {len(labels)} tags ({', '.join(map(str, labels[:8]))}{' ...' if len(labels) > 8 else ''})",
        "Network": f"{network['layers']} x {CELL_NAMES[network['cell']]}({network['hidden']}) in both directions, "
        f"embedding {network['embedding']}, spelling by {network['characters']}",
        "Accuracy": f"{test['accuracy']:.1%} (95 % interval {interval(test['accuracy_ci95'])})" if test else "",
        "Baseline": f"{baseline['accuracy']:.1%}" if baseline else "",
    }


def _unknown(result: Mapping[str, Any]) -> str:
    part = result["unknown_words"]
    if not part["words"]:
        return "all are in the vocabulary"
    return f"of the {part['words']:,} that are not in the vocabulary, {part['accuracy']:.1%} are right"
