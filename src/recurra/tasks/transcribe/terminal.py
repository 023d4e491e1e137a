"""What the commands print of a transcriber, for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from recurra.kernel.layout import CELL_NAMES
from recurra.terminal.progress import visible
from recurra.terminal.table import interval, shown, table

SCORES = {
    "wer": "Word error rate",
    "cer": "Character error rate",
    "exact_match": "Exact match (recordings)",
}


def print_training(console: Console, metrics: Mapping[str, Any]) -> None:
    """Print the held-out scores and the baseline beside them."""
    test, baseline = metrics["test"], metrics["baseline"]
    console.print(f"[bold]Held-out word error rate {test['wer']:.1%}[/bold]{_interval(test, 'wer')}")
    if baseline:
        console.print(f"Baseline word error rate {baseline['wer']:.1%}  ({shown(baseline['name'])})")
    console.print(f"Held-out character error rate {test['cer']:.1%}{_interval(test, 'cer')}")
    console.print(_counts(test))


def print_evaluation(console: Console, result: Mapping[str, Any]) -> None:
    """Print each score with its interval, the kinds of errors, and each speaker."""
    scores = table("Score", "Value", "95 % interval")
    for name, title in SCORES.items():
        if result.get(name) is not None:
            ends = result.get(f"{name}_ci95")
            scores.add_row(title, f"{result[name]:.2%}", interval(ends, "{:.2%}") if ends else "")
    console.print(scores)
    console.print(
        f"{_count(result['substitutions'], 'word')} replaced, {result['deletions']:,} left out, "
        f"{result['insertions']:,} added"
    )
    if len(result.get("per_speaker") or []) > 1:
        speakers = table("Speaker", "Recordings", "Words", "Word error rate")
        for row in result["per_speaker"]:
            speakers.add_row(
                shown(row["speaker"]),
                f"{row['rows']:,}",
                f"{row['words']:,}",
                "" if row["wer"] is None else f"{row['wer']:.1%}",
            )
        console.print(speakers)
    console.print(_counts(result))


def print_answer(answer: Mapping[str, Any]) -> None:
    """Print the text of a recording, or its subtitles where they were asked for."""
    if "subtitles" in answer:
        print(visible(answer["subtitles"], keep="\n"), end="")
        return
    print(visible(answer["text"]))


def inspection(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Return what `recurra inspect` prints of a transcriber."""
    network, metrics = manifest["network"], manifest["metrics"]
    test, baseline = metrics.get("test"), metrics.get("baseline")
    ways = "in both directions" if network["direction"] == "both" else "forward"
    return {
        "Task": f"transcribe: {network['symbols'] - 1} characters, speech at {network['rate']:,} samples a second",
        "Network": f"{network['layers']} x {CELL_NAMES[network['cell']]}({network['hidden']}) {ways}, "
        f"{network['mels']} mels, {network['stack']} frames a step",
        "Word error rate": f"{test['wer']:.1%}{_interval(test, 'wer')}" if test else "",
        "Baseline": f"{baseline['wer']:.1%}" if baseline else "",
    }


def _interval(scores: Mapping[str, Any], name: str) -> str:
    ends = scores.get(f"{name}_ci95")
    return f"  (95 % interval {interval(ends)})" if ends else ""


def _counts(result: Mapping[str, Any]) -> str:
    text = f"{_count(result['words'], 'word')} in {_count(result['rows'], 'recording')}"
    factor = result.get("real_time_factor")
    return text if factor is None else f"{text}; a second of speech takes {factor:.3f} s"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s'[: number != 1]}"
