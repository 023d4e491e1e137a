"""`recurra compare`: the same job with several cells, side by side."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from recurra.config import TrainOptions
from recurra.corpus import Corpus
from recurra.errors import OptionError, OutputError, did_you_mean
from recurra.evaluation import mcnemar, wilson
from recurra.files import publish
from recurra.verbs.needs import training_installed
from recurra.verbs.prepare import divided, read_rows
from recurra.verbs.train import versions
from recurra.verbs.voice import Voice

LATENCY_TEXTS = 200
FILES = ("comparison.json", "comparison.md", "comparison.png")


def compare(
    data: str,
    out: Path,
    cells: list[str],
    options: TrainOptions,
    *,
    seeds: int = 1,
    overwrite: bool = False,
    command: str = "",
    voice: Voice | None = None,
) -> dict[str, Any]:
    """Train each cell `seeds` times on one split and write comparison.json, .md and .png into `out`.

    The split, the vocabulary and the held-out rows are the same for all. Returns what comparison.json holds.
    Raises OptionError for an unknown cell and OutputError where `out` holds something already.
    """
    training_installed()
    from recurra.nn.cells import CELLS
    from recurra.report.comparison import comparison_png
    from recurra.runtime.model import Model
    from recurra.training.fit import fit

    for cell in cells:
        if cell not in CELLS:
            raise OptionError(f"--cell {cell!r}: accepted are {', '.join(CELLS)}.{did_you_mean(cell, CELLS)}")
    if len(set(cells)) < len(cells):
        raise OptionError("--cell names a cell twice.")
    if out.exists() and not overwrite and (out.is_file() or any(out.iterdir())):
        raise OutputError(f"--out {out} is not empty. Choose another place, or replace what is there with --overwrite.")
    voice = voice or Voice()
    with Corpus() as corpus:
        opened, said = read_rows(corpus, data, options, voice, rejects=out.with_name(out.name + ".rejects"))
        corpus.seal()
        labels, targets, parts = divided(corpus, said, options)
        voice.say(f"Split: {parts.how}.")
        test_rows = np.flatnonzero(parts.test)
        truth = targets[parts.test]
        found: list[dict[str, Any]] = []
        first_right: dict[str, Any] = {}
        for cell in cells:
            accuracies, seconds, rates = [], [], []
            for run in range(seeds):
                chosen = options.model_copy(update={"cell": cell, "seed": options.seed + run})
                voice.heading(f"{cell.upper()}, seed {chosen.seed}")
                with voice.training() as watch:
                    fitted = fit(corpus, targets, len(labels), parts.train, parts.valid, chosen, watch=watch)
                model = Model(fitted.tokenizer, fitted.graph, labels)
                answers = model.predict_proba(corpus.texts[int(row)] for row in test_rows).argmax(1)
                accuracies.append(float((answers == truth).mean()))
                seconds.append(sum(entry["seconds"] for entry in fitted.history))
                rates.append(int(parts.train.sum()) * len(fitted.history) / seconds[-1])
                first_right.setdefault(cell, answers == truth)
            mean = float(np.mean(accuracies))
            latencies = _latencies(model, [corpus.texts[int(row)] for row in test_rows[:LATENCY_TEXTS]])
            found.append(
                {
                    "cell": cell,
                    "accuracy": mean,
                    "accuracy_ci95": list(wilson(round(mean * len(truth)), len(truth))),
                    "accuracy_by_seed": accuracies,
                    "accuracy_sd_over_seeds": float(np.std(accuracies, ddof=1)) if seeds > 1 else None,
                    "train_seconds": float(np.mean(seconds)),
                    "train_rows_per_second": float(np.mean(rates)),
                    "parameters": fitted.shape.parameters,
                    "model_megabytes": len(fitted.graph) / 1e6,
                    "latency_p50_ms": float(np.percentile(latencies, 50)),
                    "latency_p99_ms": float(np.percentile(latencies, 99)),
                }
            )
        best = max(found, key=lambda row: row["accuracy"])["cell"]
        result: dict[str, Any] = {
            "cells": found,
            "best": best,
            "paired_with_best": {
                cell: mcnemar(first_right[best], right) for cell, right in first_right.items() if cell != best
            },
            "seeds": seeds,
            "split": {"how": parts.how, "train": int(parts.train.sum()), "test": len(truth)},
            "data": {"name": opened.source.name, "how": opened.source.how, "fingerprint": corpus.fingerprint},
            "config": options.model_dump(),
            "versions": versions(),
            "command": command,
        }
    result["note"] = _note(result)
    publish(
        out,
        {
            "comparison.json": json.dumps(result, indent=1, allow_nan=False).encode(),
            "comparison.md": _markdown(result).encode(),
            "comparison.png": comparison_png(found),
        },
        replaceable=FILES if overwrite else None,
    )
    return result


def _latencies(model: Any, texts: list[str]) -> list[float]:
    """Return the milliseconds that each text takes alone, from text to probability, after a warm-up."""
    model.predict_proba(texts[:10])
    milliseconds = []
    for text in texts:
        started = time.perf_counter()
        model.predict_proba([text])
        milliseconds.append((time.perf_counter() - started) * 1e3)
    return milliseconds


def _note(result: dict[str, Any]) -> str:
    """Say whether the best is really better, as far as these rows can tell."""
    unsure = [cell for cell, paired in result["paired_with_best"].items() if paired["p_value"] >= 0.05]
    if not result["paired_with_best"]:
        return ""
    if unsure:
        return f"{result['best']} is not reliably better than {', '.join(unsure)} here (McNemar's test, p >= 0.05)."
    return f"{result['best']} is better than each of the others (McNemar's test, p < 0.05)."


def _markdown(result: dict[str, Any]) -> str:
    lines = [
        "| cell | accuracy | 95 % interval | train s | rows/s | weights | model MB | one text ms, p50 | p99 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in result["cells"]:
        low, high = row["accuracy_ci95"]
        lines.append(
            f"| {row['cell']} | {row['accuracy']:.1%} | {low:.1%} to {high:.1%} | {row['train_seconds']:.1f} "
            f"| {row['train_rows_per_second']:,.0f} | {row['parameters']:,} | {row['model_megabytes']:.1f} "
            f"| {row['latency_p50_ms']:.2f} | {row['latency_p99_ms']:.2f} |"
        )
    return "\n".join([*lines, "", result["note"], "", f"Command: `{result['command']}`", ""])
