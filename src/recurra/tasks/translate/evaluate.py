"""What the verbs have to say of a translator: `evaluate`, `inspect`, and the end of `train`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from recurra.data.tables.table import Dialect
from recurra.errors import DataError
from recurra.tasks.translate.metrics import translation_scores
from recurra.tasks.translate.parallel_corpus import ParallelCorpus
from recurra.tasks.translate.predict import opened
from recurra.tasks.translate.reading import open_parallel
from recurra.terminal.progress import Reporter, visible

_NAMES = {
    "bleu": ("BLEU", "{:.1f}"),
    "chrf": ("chrF", "{:.1f}"),
    "perplexity": ("Perplexity", "{:.2f}"),
    "accuracy": ("Pieces foreseen", "{:.1%}"),
    "exact_match": ("Exact", "{:.1%}"),
}


def evaluate_translations(
    directory: Path,
    data: str,
    *,
    target_file: str | None = None,
    source: str | None = None,
    target: str | None = None,
    dialect: Dialect | None = None,
    beam: int | None = None,
    length_penalty: float | None = None,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Return BLEU, chrF and the rest on the pairs of `data`, with 95 % intervals: see `runtime.translation_scores`.

    target_file, source, target: as in training. Pairs with an empty side are left out and counted.
    Raises ArtefactError, ReadError, ColumnError, and DataError where no pair is left.
    """
    reporter = reporter or Reporter()
    model = opened(directory)
    learnt = model.manifest.data if model.manifest else {}
    table = open_parallel(data, dialect or Dialect(), target_file=target_file, source=source, target=target)
    reporter.info(f"Reading {table.how}.")
    pairs = ParallelCorpus()
    try:
        for pair in reporter.track(table.rows(), "Reading"):
            pairs.add(*pair)
        if not len(pairs):
            raise DataError(f"{data} has no pair with two sides. Check --source and --target, or --target-file.")
        if pairs.fingerprint == learnt.get("fingerprint"):
            reporter.info(
                "These are the very data that the model was made from: the figures say how well it remembers, not how "
                "well it translates. Its held-out score stands in `recurra inspect`."
            )
        sources, references = list(pairs.sources), list(pairs.targets)
    finally:
        pairs.close()
    translations = model.translate_iter(sources, beam=beam, length_penalty=length_penalty)
    written = list(reporter.track(translations, "Translating"))
    return translation_scores(model, sources, references, written) | {"left_out_rows": pairs.empty}


def trained(metrics: dict[str, Any], out: Path) -> None:
    """Print the score, the baseline beside it, and where to go from here."""
    console, test = _console(), metrics["test"]
    console.print()
    console.print(
        f"[bold]Held-out BLEU {test['bleu']:.1f}[/bold]  (95 % interval {_interval(test, 'bleu')}; chrF "
        f"{test['chrf']:.1f}, perplexity {test['perplexity']:.2f}; {test['rows']:,} texts)"
    )
    if baseline := metrics["baseline"]:
        console.print(
            f"Baseline      {baseline['bleu']:.1f}  (95 % interval {_interval(baseline, 'bleu')}; "
            f"{_shown(baseline['name'])})"
        )
    console.print("Data: " + _shown(" ".join(metrics["hygiene"]["findings"]) or "nothing was found to be wrong."))
    console.print(f"Time: {metrics['timing']['total']:.0f} s in all, {metrics['timing']['train']:.0f} s of it training")
    console.print()
    console.print(f"Model   {_shown(out)}")
    console.print(f"Report  {_shown(out / 'report.html')}")
    console.print(f'Next    recurra predict {_shown(shlex.quote(str(out)))} "Type a text here."')


def evaluated(result: dict[str, Any]) -> None:
    """Print each score with its interval."""
    table = _table("Metric", "Value", "95 % interval")
    for name, (words, shape) in _NAMES.items():
        table.add_row(words, shape.format(result[name]), _interval(result, name))
    console = _console()
    console.print(table)
    console.print(
        f"{result['rows']:,} pairs; the translations have {result['length_ratio']:.2f} times the length of the "
        f"references. {result['truncated']:,} texts were cut. {result['bleu_signature']}"
    )


def inspected(result: dict[str, Any]) -> None:
    """Print a model's manifest as a table."""
    network, metrics, data = result["network"], result["metrics"], result["data"]
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    table = _table("", "")
    table.show_header, table.columns[1].justify = False, "left"
    rows = {
        "Model": result["path"],
        "Task": f"{result['task']}: {network['vocabulary']:,} pieces of words",
        "Network": f"{network['layers']} x {network['cell'].upper()}({network['hidden']}) in both directions, "
        f"attention, decoder of {2 * network['hidden']}, embedding {network['embedding']}",
        "Size": f"{result['parameters']:,} weights, {result['bytes'] / 1e6:.1f} MB in all",
        "Trained on": data.get("how", data.get("name", "")),
        "Split": (metrics.get("split") or {}).get("how", ""),
        "BLEU": f"{test['bleu']:.1f} (95 % interval {_interval(test, 'bleu')})" if test.get("bleu") is not None else "",
        "Perplexity": f"{test['perplexity']:.2f}" if test else "",
        "Baseline": f"{baseline['bleu']:.1f} ({baseline['name']})" if baseline.get("bleu") is not None else "",
        "Decoding": f"a beam of {network['beam']}, length penalty {network['length_penalty']:g}, at most "
        f"{network['max_tokens']} pieces",
        "Written": f"{result['created']} by Recurra {result['recurra']}",
        "Command": metrics.get("command", ""),
    }
    for name, value in rows.items():
        if value:
            table.add_row(name, _shown(value))
    _console().print(table)


def _interval(scores: dict[str, Any], name: str) -> str:
    low, high = scores[f"{name}_ci95"]
    shape = _NAMES[name][1]
    return f"{shape.format(low)} to {shape.format(high)}"


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
