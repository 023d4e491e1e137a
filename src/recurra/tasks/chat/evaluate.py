"""What the verbs have to say of a model that chats: `evaluate`, `inspect`, and the end of `train`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from recurra.errors import DataError
from recurra.seq2seq.metrics import foreseen
from recurra.tasks.chat.command import opened
from recurra.tasks.chat.dialogues import read_dialogues
from recurra.terminal.progress import Reporter, visible


def evaluate_replies(
    directory: Path, data: str, *, turns: str | None = None, encoding: str = "utf-8", reporter: Reporter | None = None
) -> dict[str, Any]:
    """Return how well the model foresees every reply in the dialogues of `data`, with 95 % intervals.

    turns: the key under which the turns stand (None: as in training). Raises ArtefactError, ReadError, ColumnError, and
    DataError where there is no reply.
    """
    reporter = reporter or Reporter()
    model = opened(directory)
    learnt = model.manifest.data if model.manifest else {}
    key = turns or str(learnt.get("turns") or "turns")
    reporter.info(f"Reading {data}.")
    sources: list[list[int]] = []
    replies: list[list[int]] = []
    for _, told in reporter.track(read_dialogues(data, key, encoding), "Reading"):
        encoded = [ids for turn in told if turn.strip() and (ids := model.subwords.encode(turn))]
        for place in range(1, len(encoded)):
            sources.append(model.source(encoded[:place]))
            replies.append(encoded[place])
    if not replies:
        raise DataError(f"{data} has no dialogue of two turns or more, so there is no reply to judge.")
    scored = model.score(sources, replies)
    return foreseen([one.nats for one in scored], [one.right for one in scored]) | {"rows": len(replies)}


def trained(metrics: dict[str, Any], out: Path) -> None:
    """Print the scores, the baseline beside them, an example, and where to go from here."""
    console, test = _console(), metrics["test"]
    low, high = test["perplexity_ci95"]
    console.print()
    console.print(
        f"[bold]Held-out perplexity {test['perplexity']:.1f}[/bold] a piece  (95 % interval {low:.1f} to {high:.1f}, "
        f"{test['rows']:,} replies; {test['perplexity_of_another_context']:.1f} given the turns of another dialogue)"
    )
    _heeded(console, metrics)
    table = _table("Replies", "distinct words", "distinct pairs")
    table.add_row("drawn by the model", f"{test['distinct_1']:.1%}", f"{test['distinct_2']:.1%}")
    likeliest = test["likeliest"]
    table.add_row("likeliest of the model", f"{likeliest['distinct_1']:.1%}", f"{likeliest['distinct_2']:.1%}")
    if baseline := metrics["baseline"]:
        table.add_row(_shown(baseline["name"]), f"{baseline['distinct_1']:.1%}", f"{baseline['distinct_2']:.1%}")
    people = metrics["people"]
    table.add_row("people", f"{people['distinct_1']:.1%}", f"{people['distinct_2']:.1%}")
    console.print(table)
    console.print(f"Time: {metrics['timing']['total']:.0f} s in all, {metrics['timing']['train']:.0f} s of it training")
    console.print()
    console.print(f"Model   {_shown(out)}")
    console.print(f"Report  {_shown(out / 'report.html')}")
    console.print(f"Next    recurra chat {_shown(shlex.quote(str(out)))}")


def _heeded(console: Console, metrics: dict[str, Any]) -> None:
    """Print how often the given reply is found, also without dialogues that nearly repeat one in training."""
    test, baseline = metrics["test"], metrics["baseline"] or {}
    if "right_choice" not in test:
        return
    table = _table(f"The given reply found among {test['choices']}", "replies", "model", "95 % interval", "baseline")
    for name, own, other in (
        ("held-out dialogues", test, baseline),
        ("those unlike the ones in training", test.get("apart") or {}, baseline.get("apart") or {}),
    ):
        if "right_choice" in own:
            low, high = own["right_choice_ci95"]
            beside = f"{other['right_choice']:.1%}" if "right_choice" in other else ""
            table.add_row(name, f"{own['rows']:,}", f"{own['right_choice']:.1%}", f"{low:.1%} to {high:.1%}", beside)
    console.print(table)


def evaluated(result: dict[str, Any]) -> None:
    """Print each score with its interval."""
    table = _table("Metric", "Value", "95 % interval")
    low, high = result["perplexity_ci95"]
    table.add_row("Perplexity a piece", f"{result['perplexity']:.2f}", f"{low:.2f} to {high:.2f}")
    low, high = result["accuracy_ci95"]
    table.add_row("Pieces foreseen", f"{result['accuracy']:.1%}", f"{low:.1%} to {high:.1%}")
    console = _console()
    console.print(table)
    console.print(f"{result['rows']:,} replies")


def inspected(result: dict[str, Any]) -> None:
    """Print a model's manifest as a table."""
    network, metrics, data = result["network"], result["metrics"], result["data"]
    test = metrics.get("test") or {}
    table = _table("", "")
    table.show_header, table.columns[1].justify = False, "left"
    rows = {
        "Model": result["path"],
        "Task": f"{result['task']}: {network['vocabulary']:,} pieces of words, the last {network['context']} turns",
        "Network": f"{network['layers']} x {network['cell'].upper()}({network['hidden']}) in both directions, "
        f"attention, decoder of {2 * network['hidden']}, embedding {network['embedding']}",
        "Size": f"{result['parameters']:,} weights, {result['bytes'] / 1e6:.1f} MB in all",
        "Trained on": data.get("how", data.get("name", "")),
        "Split": (metrics.get("split") or {}).get("how", ""),
        "Perplexity": f"{test['perplexity']:.1f} a piece, on {test['rows']:,} replies" if test else "",
        "Written": f"{result['created']} by Recurra {result['recurra']}",
        "Command": metrics.get("command", ""),
    }
    for name, value in rows.items():
        if value:
            table.add_row(name, _shown(value))
    _console().print(table)


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
