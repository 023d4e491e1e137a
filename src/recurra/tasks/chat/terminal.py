"""What the commands print of a chat model, for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from recurra.kernel.layout import CELL_NAMES
from recurra.terminal.counts import counted
from recurra.terminal.progress import visible
from recurra.terminal.table import between, interval, shown, table


def print_training(console: Console, metrics: Mapping[str, Any]) -> None:
    """Print the scores and the baseline beside them."""
    _print_scores(console, "Held-out perplexity", metrics["test"], metrics["baseline"], metrics["people"])


def print_evaluation(console: Console, result: Mapping[str, Any]) -> None:
    """Print the same of new dialogues; the baseline is beside them where training's dialogues were given."""
    _print_scores(console, "Perplexity", result, result["baseline"], result["people"])


def _print_scores(
    console: Console, title: str, test: Mapping[str, Any], baseline: Mapping[str, Any] | None, people: Mapping[str, Any]
) -> None:
    other = test.get("perplexity_of_another_context")  # none where all replies are of one dialogue
    gain = "" if other is None else f"; {other:.1f} given the turns of another dialogue"
    console.print(
        f"[bold]{title} {test['perplexity']:.1f}[/bold] a subword  "
        f"({_between(test['perplexity_ci95'], '{:.1f}')}, {counted(test['rows'], 'reply', 'replies')}{gain})"
    )
    if "context_gain" in test:
        console.print(
            f"Gain from the context: {test['context_gain']:.3f} nats a subword  "
            f"({_between(test['context_gain_ci95'], '{:.3f}')})"
        )
    console.print(f"Accuracy (next subword): {test['accuracy']:.1%}  ({_between(test['accuracy_ci95'])})")
    _print_response_selection(console, test, baseline or {})
    rows = table("Replies", "distinct words", "distinct pairs")
    diversity = [
        ("sampled from the model", test),
        ("likeliest of the model", test["likeliest"]),
        *([(baseline["name"], baseline)] if baseline else []),
        ("people", people),
    ]
    for name, scores in diversity:
        rows.add_row(shown(name), f"{scores['distinct_1']:.1%}", f"{scores['distinct_2']:.1%}")
    console.print(rows)


def _between(ends: Sequence[float] | None, form: str = "{:.1%}") -> str:
    return between(ends, form, "too few replies for an interval")


def _print_response_selection(console: Console, test: Mapping[str, Any], baseline: Mapping[str, Any]) -> None:
    """Print how often the given reply is found, also without dialogues that nearly repeat one in training."""
    if "right_choice" not in test:
        return
    rows = table(f"The given reply found among {test['choices']}", "replies", "model", "95 % interval", "baseline")
    for name, own, other in (
        ("all dialogues", test, baseline),
        ("those unlike the ones in training", test.get("apart") or {}, baseline.get("apart") or {}),
    ):
        if "right_choice" in own:
            beside = f"{other['right_choice']:.1%}" if "right_choice" in other else ""
            rows.add_row(
                name, f"{own['rows']:,}", f"{own['right_choice']:.1%}", interval(own["right_choice_ci95"]), beside
            )
    console.print(rows)


def print_answer(answer: Mapping[str, Any]) -> None:
    """Print a text."""
    print(visible(str(answer["reply"]), keep="\n\t"))


def inspection(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what `recurra inspect` prints of a chat model."""
    network, test = manifest["network"], manifest["metrics"].get("test")
    return {
        "Task": f"{manifest['task']}: {network['vocabulary']:,} subwords, the last {network['context']} turns",
        "Network": f"{network['layers']} x {CELL_NAMES[network['cell']]}({network['hidden']}) in both directions, "
        f"attention, decoder of {2 * network['hidden']}, embedding {network['embedding']}",
        "Perplexity": f"{test['perplexity']:.1f} a subword, on {counted(test['rows'], 'reply', 'replies')}"
        if test
        else "",
    }
