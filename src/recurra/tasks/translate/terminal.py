"""What the commands print of a translator, for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from recurra.kernel.layout import CELL_NAMES
from recurra.terminal.counts import counted
from recurra.terminal.progress import visible
from recurra.terminal.table import between, interval, shown, table

METRICS = {
    "bleu": ("BLEU", "{:.1f}"),
    "chrf": ("chrF", "{:.1f}"),
    "perplexity": ("Perplexity", "{:.2f}"),
    "accuracy": ("Accuracy (next subword)", "{:.1%}"),
    "exact_match": ("Exact match", "{:.1%}"),
}


def print_training(console: Console, metrics: Mapping[str, Any]) -> None:
    """Print the score, the baseline beside it, and what was found in the data."""
    test = metrics["test"]
    console.print(
        f"[bold]Held-out BLEU {test['bleu']:.1f}[/bold]  ({_between(test)}; chrF {test['chrf']:.1f}, perplexity "
        f"{test['perplexity']:.2f}; {counted(test['rows'], 'text')})"
    )
    if baseline := metrics["baseline"]:
        console.print(f"Baseline      {baseline['bleu']:.1f}  ({_between(baseline)}; {shown(baseline['name'])})")


def print_evaluation(console: Console, result: Mapping[str, Any]) -> None:
    """Print each score with its interval."""
    rows = table("Metric", "Value", "95 % interval")
    for name, (title, form) in METRICS.items():
        rows.add_row(title, form.format(result[name]), interval(result[f"{name}_ci95"], form))
    console.print(rows)
    if result["bleu_ci95"] is None:
        console.print("One pair is too few for intervals: evaluate more to know how far to trust these numbers.")
    console.print(
        f"{counted(result['rows'], 'pair')}; the translations have {result['length_ratio']:.2f} times the length of "
        f"the references. {counted(result['truncated'], 'text was', 'texts were')} cut. {result['bleu_signature']}"
    )


def print_answer(answer: Mapping[str, Any]) -> None:
    """Print a translation."""
    print(visible(answer["translation"]))


def inspection(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what `recurra inspect` prints of a translator."""
    network, metrics = manifest["network"], manifest["metrics"]
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    return {
        "Task": f"{manifest['task']}: {network['vocabulary']:,} subwords",
        "Network": f"{network['layers']} x {CELL_NAMES[network['cell']]}({network['hidden']}) in both directions, "
        f"attention, decoder of {2 * network['hidden']}, embedding {network['embedding']}",
        "BLEU": f"{test['bleu']:.1f} ({_between(test)})" if test.get("bleu") is not None else "",
        "Perplexity": f"{test['perplexity']:.2f}" if test else "",
        "Baseline": f"{baseline['bleu']:.1f} ({baseline['name']})" if baseline.get("bleu") is not None else "",
        "Decoding": f"beam width {network['beam']}, length penalty {network['length_penalty']:g}, at most "
        f"{network['max_tokens']} subwords",
    }


def _between(scores: Mapping[str, Any]) -> str:
    return between(scores["bleu_ci95"], METRICS["bleu"][1], "too few texts for an interval")
