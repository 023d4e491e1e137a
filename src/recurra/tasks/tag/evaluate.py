"""`recurra evaluate` with a tagger: judge it on tagged sentences. Base installation only."""

from __future__ import annotations

import shlex
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from recurra.data.fingerprint import Fingerprint
from recurra.tasks.registry import load
from recurra.tasks.tag.metrics import judge_tags, said_unknown
from recurra.tasks.tag.model import CHUNK, Tagger
from recurra.tasks.tag.predict import open_as_learnt
from recurra.terminal.progress import Reporter, visible


def evaluate_tags(
    directory: Path,
    data: str,
    *,
    encoding: str = "utf-8",
    word_column: str | None = None,
    tag_column: str | None = None,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Return everything measured on the sentences of `data`; see `evaluation.tags.judge_tags`.

    Words whose tag the model does not know count as wrong; how many they are is said. Raises ArtefactError, ReadError
    and ColumnError.
    """
    reporter = reporter or Reporter()
    tagger: Tagger = load(directory)
    file = open_as_learnt(tagger, data, encoding=encoding, word_column=word_column, tag_column=tag_column)
    reporter.info(f"Reading {data}; the tags are in column {file.tag_column}.")
    gold: list[list[str]] = []
    predicted: list[list[str]] = []
    known: list[list[bool]] = []
    fingerprint = Fingerprint()
    sentences = reporter.track((sentence for sentence in file.sentences() if sentence.words), "Tagging")
    while chunk := list(islice(sentences, CHUNK)):
        for sentence in chunk:
            fingerprint.add("\t".join(sentence.words), "\t".join(sentence.tags))
            gold.append(sentence.tags)
            known.append([tagger.lexicon.knows(word) for word in sentence.words])
        predicted += tagger.tag(sentence.words for sentence in chunk)
    if tagger.manifest and fingerprint.hexdigest() == tagger.manifest.data.get("fingerprint"):
        reporter.info(
            "These are the very data that the model was made from: the figures say how well it remembers, not how well "
            "it judges. Its held-out score stands in `recurra inspect`."
        )
    result = judge_tags(gold, predicted, tagger.tags, known)
    if result["unknown_tags"]:
        reporter.info(said_unknown(result["unknown_tags"]))
    return result


def trained(metrics: dict[str, Any], out: Path) -> None:
    """Print for a person how the tagger did, the baseline beside it, and where to go from here."""
    test, baseline, lines = metrics["test"], metrics["baseline"], []
    for name, title in (("f1", "F1 of spans"), ("accuracy", "Words right")):
        if test.get(name) is None:
            continue
        lines.append(f"Held-out {title:<12} {test[name]:.1%}  (95 % interval {_interval(test[f'{name}_ci95'])})")
        if baseline:
            lines.append(f"Baseline {title:<12} {baseline[name]:.1%}  ({baseline['name']})")
    lines.append(f"{test['words']:,} words in {test['rows']:,} sentences; {_unknown(test)}")
    lines.append(f"Time: {metrics['timing']['total']:.0f} s in all, {metrics['timing']['train']:.0f} s of it training")
    lines += ["", f"Model   {out}", f"Report  {out / 'report.html'}"]
    lines.append(f"Next    recurra predict {shlex.quote(str(out))} --input FILE --output TAGGED")
    for line in lines:
        _console().print(visible(line), markup=False, soft_wrap=True)


def evaluated(result: dict[str, Any]) -> None:
    """Print for a person each score with its interval, and each tag."""
    table = Table("Score", "Value", "95 % interval")
    names = {"accuracy": "Words right", "exact_match": "Sentences without a mistake"}
    spans = {"precision": "Precision of spans", "recall": "Recall of spans", "f1": "F1 of spans"}
    for name, title in (names | spans).items():
        if result.get(name) is not None:
            table.add_row(title, f"{result[name]:.2%}", _interval(result[f"{name}_ci95"]))
    console = _console()
    console.print(table)
    labels = Table("Label", "Number", "Precision", "Recall", "F1")
    for row in sorted(result.get("per_span") or result["per_class"], key=lambda row: -row["support"]):
        shares = (f"{row[name]:.1%}" for name in ("precision", "recall", "f1"))
        labels.add_row(visible(row["label"]), f"{row['support']:,}", *shares)
    console.print(labels)
    console.print(f"{result['words']:,} words in {result['rows']:,} sentences; {_unknown(result)}", markup=False)


def inspected(result: dict[str, Any]) -> None:
    """Print for a person a model's manifest as a table."""
    network, metrics, data = result["network"], result["metrics"], result["data"]
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    rows = {
        "Model": result["path"],
        "Task": f"tag: {len(result['labels'])} tags ({', '.join(map(str, result['labels'][:8]))} ...)",
        "Network": f"{network['layers']} x {network['cell'].upper()}({network['hidden']}) in both directions, "
        f"embedding {network['embedding']}, spelling by {network['characters']}",
        "Size": f"{result['parameters']:,} weights, {result['bytes'] / 1e6:.1f} MB in all",
        "Trained on": data.get("how", data.get("name", "")),
        "Words right": f"{test['accuracy']:.1%} ({_interval(test['accuracy_ci95'])})" if test else "",
        "Baseline": f"{baseline['accuracy']:.1%}" if baseline else "",
        "Written": f"{result['created']} by Recurra {result['recurra']}",
        "Command": metrics.get("command", ""),
    }
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in rows.items():
        if value:
            table.add_row(name, Text(visible(str(value))))
    _console().print(table)


def _console() -> Console:
    return Console(highlight=False, emoji=False)


def _interval(ends: tuple[float, float] | list[float]) -> str:
    return f"{100 * ends[0]:.1f} to {100 * ends[1]:.1f}"


def _unknown(result: dict[str, Any]) -> str:
    part = result["unknown_words"]
    if not part["words"]:
        return "the model knows every one"
    return f"of the {part['words']:,} that the model does not know, {part['accuracy']:.1%} right"
