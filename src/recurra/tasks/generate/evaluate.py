"""What the verbs have to say of a writing model: `evaluate`, `inspect`, and the end of `train`."""

from __future__ import annotations

import hashlib
import shlex
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from recurra.evaluation.block_bootstrap import block_interval
from recurra.storage import model_directory
from recurra.tasks.generate.command import opened
from recurra.tasks.generate.metrics import foresight
from recurra.tasks.generate.reading import read_text
from recurra.tasks.generate.tokenizer import UNKNOWN
from recurra.terminal.progress import Reporter, visible

_NAMES = {
    "nats_per_char": "Nats per character",
    "bits_per_char": "Bits per character",
    "perplexity": "Perplexity",
    "nats_per_symbol": "Nats per symbol",
}


def evaluate_text(
    directory: Path, data: str, encoding: str = "utf-8", *, reporter: Reporter | None = None
) -> dict[str, Any]:
    """Return how well the model in `directory` foresees the text in the file `data`, with 95 % intervals.

    Raises ArtefactError, ReadError and OptionError.
    """
    reporter = reporter or Reporter()
    model = opened(directory)
    reporter.info(f"Reading {data}.")
    text = read_text(Path(data), encoding)
    trained_on = model_directory.read(directory, ()).manifest.data.get("fingerprint")
    if hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() == trained_on:
        reporter.info(
            "This is the very text that the model was made from: the figures say how well it remembers, not how well "
            "it writes. Its held-out score stands in `recurra inspect`."
        )
    nats, right = model.read(text)
    ids = model.units.encode(text)
    unknown = int((ids == UNKNOWN).sum())
    if unknown:
        reporter.info(
            f"{unknown:,} of {len(ids):,} symbols are unknown to the model; they count as one and the same symbol."
        )
    found = foresight(nats, len(text) if model.units.level != "word" else None)
    return found | {
        "accuracy": float(right.mean()),
        "accuracy_ci95": list(block_interval(right)),
        "rows": len(nats),
        "characters": len(text),
        "unknown_rate": unknown / len(ids),
        "level": model.units.level,
    }


def trained(metrics: dict[str, Any], out: Path) -> None:
    """Print the score, the baseline beside it, a piece of what it writes, and where to go from here."""
    console, test = _console(), metrics["test"]
    leading = _leading(test)
    console.print()
    console.print(
        f"[bold]Held-out {_NAMES[leading].lower()} {test[leading]:.3f}[/bold]  "
        f"(95 % interval {_interval(test[f'{leading}_ci95'])}, {test['rows']:,} symbols)"
    )
    if baseline := metrics["baseline"]:
        console.print(
            f"Baseline {baseline[leading]:.3f}  (95 % interval {_interval(baseline[f'{leading}_ci95'])}; "
            f"{_shown(baseline['name'])})"
        )
        low, high = metrics["paired"]["difference_ci95"]
        words = "better than" if low > 0 else "worse than" if high < 0 else "no different, as far as one can tell, from"
        console.print(
            f"The model is {words} the baseline: {metrics['paired']['difference']:+.3f} nats a symbol "
            f"(95 % interval {low:+.3f} to {high:+.3f})"
        )
    console.print(f"Time: {metrics['timing']['total']:.0f} s in all, {metrics['timing']['train']:.0f} s of it training")
    sample = next((one for one in metrics["samples"] if one["temperature"] == 0.8), None)
    if sample:
        console.print("\n[bold]It writes, at temperature 0.8[/bold]")
        console.print(escape(visible(sample["text"].strip("\n")[:300], keep="\n")))
    console.print()
    console.print(f"Model   {_shown(out)}")
    console.print(f"Report  {_shown(out / 'report.html')}")
    console.print(f'Next    recurra generate {_shown(shlex.quote(str(out)))} --prompt "Begin here" --tokens 400')


def evaluated(result: dict[str, Any]) -> None:
    """Print each score with its interval."""
    table = _table("Metric", "Value", "95 % interval")
    for name, words in _NAMES.items():
        if name in result:
            table.add_row(words, f"{result[name]:.4f}", _interval(result[f"{name}_ci95"], 4))
    low, high = result["accuracy_ci95"]
    table.add_row("Accuracy", f"{result['accuracy']:.1%}", f"{low:.1%} to {high:.1%}")
    console = _console()
    console.print(table)
    console.print(
        f"{result['characters']:,} characters, {result['rows']:,} symbols, {result['unknown_rate']:.2%} unknown"
    )


def inspected(result: dict[str, Any]) -> None:
    """Print a model's manifest as a table."""
    network, metrics, data = result["network"], result["metrics"], result["data"]
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    table = _table("", "")
    table.show_header, table.columns[1].justify = False, "left"
    leading = _leading(test)
    rows = {
        "Model": result["path"],
        "Task": f"{result['task']}: {network['vocabulary'] - 1:,} symbols of the level {network['level']}",
        "Network": f"{network['layers']} x {network['cell'].upper()}({network['hidden']}), embedding "
        f"{network['embedding']}{', tied' if network['tied'] else ''}",
        "Size": f"{result['parameters']:,} weights, {result['bytes'] / 1e6:.1f} MB in all",
        "Trained on": data.get("how", data.get("name", "")),
        "Split": (metrics.get("split") or {}).get("how", ""),
        _NAMES[leading]: f"{test[leading]:.3f} (95 % interval {_interval(test[f'{leading}_ci95'])})" if test else "",
        "Baseline": f"{baseline[leading]:.3f} ({baseline['name']})" if baseline else "",
        "Written": f"{result['created']} by Recurra {result['recurra']}",
        "Command": metrics.get("command", ""),
    }
    for name, value in rows.items():
        if value:
            table.add_row(name, _shown(value))
    _console().print(table)


def _leading(test: dict[str, Any]) -> str:
    """Return the name of the score that says most: per character, or per word where there is no such."""
    return "nats_per_char" if "nats_per_char" in test else "perplexity"


def _interval(interval: list[float], digits: int = 3) -> str:
    return f"{interval[0]:.{digits}f} to {interval[1]:.{digits}f}"


def _shown(value: object) -> str:
    """Return a value so that nothing in it is taken for mark-up or for a terminal's commands."""
    return escape(visible(str(value)))


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True, emoji=False)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place == 0 else "right")
    return table
