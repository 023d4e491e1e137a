"""What the commands print of a language model, for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from recurra.kernel.layout import CELL_NAMES
from recurra.terminal.counts import counted
from recurra.terminal.progress import visible
from recurra.terminal.table import between, interval, shown, table

METRICS = {
    "nats_per_char": "Nats per character",
    "bits_per_char": "Bits per character",
    "perplexity": "Perplexity",
    "nats_per_symbol": "Nats per symbol",
}
NUMBER = "{:.3f}"


def print_training(console: Console, metrics: Mapping[str, Any]) -> None:
    """Print the score, the baseline beside it, and a sample of what the model writes."""
    test = metrics["test"]
    name = _leading(test)
    console.print(
        f"[bold]Held-out {METRICS[name].lower()} {test[name]:.3f}[/bold]  "
        f"({_between(test[f'{name}_ci95'])}, {counted(test['rows'], 'symbol')})"
    )
    if parts := metrics.get("parts"):
        console.print(f"Network alone {parts['network'][name]:.3f}, n-grams alone {parts['ngrams'][name]:.3f}")
    if baseline := metrics["baseline"]:
        console.print(
            f"Baseline {baseline[name]:.3f}  ({_between(baseline[f'{name}_ci95'])}; {shown(baseline['name'])})"
        )
        console.print(_comparison(metrics["paired"]))
    sample = next((one for one in metrics["samples"] if one["temperature"] == 0.8), None)
    if sample:
        console.print("\n[bold]A sample, at temperature 0.8[/bold]")
        console.print(escape(visible(sample["text"].strip("\n")[:300], keep="\n")))
        console.print()


def print_evaluation(console: Console, result: Mapping[str, Any]) -> None:
    """Print each score with its interval."""
    rows = table("Metric", "Value", "95 % interval")
    for name, title in METRICS.items():
        if name in result:
            rows.add_row(title, f"{result[name]:.4f}", interval(result[f"{name}_ci95"], "{:.4f}"))
    rows.add_row("Accuracy", f"{result['accuracy']:.1%}", interval(result["accuracy_ci95"]))
    console.print(rows)
    if result["accuracy_ci95"] is None:
        console.print(
            "The text is too short for intervals: evaluate a longer one to know how far to trust these numbers."
        )
    console.print(
        f"{counted(result['characters'], 'character')}, {counted(result['rows'], 'symbol')}, "
        f"{result['unknown_rate']:.2%} unknown"
    )


def print_answer(answer: Mapping[str, Any]) -> None:
    """Print a text."""
    print(visible(str(answer["text"]), keep="\n\t"))


def inspection(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what `recurra inspect` prints of a language model."""
    network, metrics = manifest["network"], manifest["metrics"]
    test, baseline = metrics.get("test") or {}, metrics.get("baseline")
    name, order = _leading(test), network.get("ngrams") or 0
    beside = f"; beside it n-grams of 1 to {order} symbols" if order else ""
    return {
        "Task": f"{manifest['task']}: {network['vocabulary'] - 1:,} symbols, each a {LEVELS[network['level']]}",
        "Network": f"{network['layers']} x {CELL_NAMES[network['cell']]}({network['hidden']}), embedding "
        f"{network['embedding']}{', tied' if network['tied'] else ''}{beside}",
        METRICS[name]: f"{test[name]:.3f} ({_between(test[f'{name}_ci95'])})" if test else "",
        "Baseline": f"{baseline[name]:.3f} ({baseline['name']})" if baseline else "",
    }


LEVELS = {"char": "character", "word": "word", "bpe": "subword"}


def _comparison(paired: Mapping[str, Any]) -> str:
    """Return whether the model is better than the baseline on the same symbols; of a short text, that it is unknown."""
    fewer, ends = paired["difference"] >= 0, paired["difference_ci95"]
    nats = f"it needs {abs(paired['difference']):.3f} nats {'fewer' if fewer else 'more'} a symbol"
    if ends is None:
        return (
            f"Compared with the baseline {nats}, which may be chance: there is too little held-out text to say "
            "which is better. Hold out more with --test"
        )
    low, high = ends
    words = "better than" if low > 0 else "worse than" if high < 0 else "not measurably different from"
    return f"The model is {words} the baseline: {nats} ({_between(ends if fewer else (-high, -low))})"


def _between(ends: Sequence[float] | None) -> str:
    return between(ends, NUMBER, "too little text for an interval")


def _leading(test: Mapping[str, Any]) -> str:
    """Return the name of the main score: per character, or per word where there is no such."""
    return "nats_per_char" if "nats_per_char" in test else "perplexity"
