"""Growth of Recurra's time and memory: with 1x, 4x and 16x the rows, and with 100, 400 and 1,600 tokens a row."""

from __future__ import annotations

import csv
from typing import Any

from peers.arithmetic import growth, rates, rounded
from peers.driver import Bench, in_turns
from peers.inputs import train_command
from peers.parts.memory import peak_of
from peers.parts.wall import timed
from peers.task import Task

TIMES = (1, 4, 16)
BATCH = 32


def run(bench: Bench, about: dict[str, Any]) -> dict[str, Any]:
    """Return {"rows": [...], "tokens": [...]}.

    rows: each with rows, seconds (reading, tokenising and one epoch), peak_mb; tokens: each with tokens, rate (rows a
    second), peak_mb. per_row and per_token say by how much the cost of one grew from the smallest.
    """
    return {"rows": by_rows(bench), "tokens": by_tokens(bench)}


def by_rows(bench: Bench) -> list[dict[str, Any]]:
    """Train one epoch on the same reviews, repeated with a salt that makes them texts of their own."""
    found: list[dict[str, Any]] = []
    for times in TIMES:
        name = f"grown-{times}.csv"
        count = repeat(bench, name, times)
        bench.say(f"  {count:,} rows ...")
        command = train_command(bench, name, "grown", "--epochs", "1", "--no-baseline")
        ran = timed(bench, command)
        if ran is None:
            bench.note(f"recurra, growth: training on {count:,} rows failed")
            continue
        timing = ran[0]["timing"]
        seconds = timing["read"] + timing["tokenise"] + timing["train"]
        row: dict[str, Any] = {"rows": count, "seconds": rounded(seconds), "peak_mb": ran[1]["peak_mb"]}
        if found:
            row["per_row"] = growth(found[0]["seconds"], seconds, count / found[0]["rows"])
        found.append(row)
    return found


def repeat(bench: Bench, name: str, times: int) -> int:
    """Write the first rows of the reviews `times` times; returns how many rows that is."""
    csv.field_size_limit(2**24)
    with (bench.inputs / "reviews.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row, _ in zip(csv.DictReader(file), range(bench.sizes.growth_rows), strict=False)]
    with (bench.inputs / name).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["review", "sentiment", "split"])
        for copy in range(times):
            for number, row in enumerate(rows):
                part = "test" if number % 10 == 0 else "train"
                table.writerow([f"Copy {copy} of {number}. {row['review']}", row["sentiment"], part])
    return times * len(rows)


def by_tokens(bench: Bench) -> list[dict[str, Any]]:
    """Train at several lengths, in turns; the memory is that of a process that knows one length alone."""
    tasks = [
        Task("training", "lstm", "fp32", BATCH, tokens, bench.sizes.training) for tokens in bench.sizes.growth_tokens
    ]
    found: list[dict[str, Any]] = []
    for (_, task), rounds in in_turns(bench, [("recurra", task) for task in tasks]).items():
        row: dict[str, Any] = {"tokens": task.tokens, "rate": rates(rounds)}
        row["peak_mb"] = peak_of(bench, "recurra", task)
        if found:
            times = task.tokens / found[0]["tokens"]
            row["per_token"] = growth(1 / found[0]["rate"]["median"], 1 / row["rate"]["median"], times)
        found.append(row)
    return found
