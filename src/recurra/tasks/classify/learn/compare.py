"""`recurra compare`: the same job with several cells, side by side."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.model_folder import check_outside_models
from recurra.errors import OptionError, did_you_mean
from recurra.evaluation.intervals import wilson_over_runs
from recurra.evaluation.significance import compare_runs, mcnemar
from recurra.options.base import flag
from recurra.storage.files import check_publishable, publish
from recurra.tasks.classify.corpus import Corpus
from recurra.tasks.classify.learn.defaults import sized
from recurra.tasks.classify.learn.findings import report_findings
from recurra.tasks.classify.learn.split import divided, read_rows
from recurra.tasks.classify.learn.vocabulary import level_notes, settled
from recurra.tasks.classify.options import ClassifyOptions
from recurra.terminal.progress import Reporter
from recurra.training.control import RunControl
from recurra.training.installed import training_installed
from recurra.training.setup import choose_setup
from recurra.training.versions import versions

LATENCY_TEXTS = 200
WHAT = "a comparison"
FILES = ("comparison.json", "comparison.md", "comparison.png")


def compare(
    data: str,
    out: Path,
    cells: list[str],
    options: ClassifyOptions,
    *,
    seeds: int = 1,
    overwrite: bool = False,
    command: str = "",
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Train each cell `seeds` times on one split and write comparison.json, .md and .png into `out`.

    The split, the vocabulary and the held-out rows are the same for all. Returns what comparison.json holds.
    Raises OptionError for an unknown cell and OutputError, before any work, where `out` cannot be written.
    """
    _refuse_what_is_no_comparison(options)
    training_installed()
    from recurra.nn.cells import CELLS
    from recurra.tasks.classify.learn.comparison_plot import comparison_png
    from recurra.tasks.classify.learn.fit import fit_classifier

    for cell in cells:
        if cell not in CELLS:
            raise OptionError(f"--cell {cell!r}: accepted are {', '.join(CELLS)}.{did_you_mean(cell, CELLS)}")
    if not options.split and not (options.test or options.split_column):
        raise OptionError("--split 0 leaves nothing to compare on; give a share of the rows, such as --split 0.1.")
    if len(set(cells)) < len(cells):
        raise OptionError("--cell names a cell twice.")
    out = out.resolve() if out.name in ("", "..") else out
    replaceable = FILES if overwrite else None
    check_outside_models(out, "--out")
    choose_setup(options)  # before the data are read, which may take long
    check_publishable(out, replaceable=replaceable, what=WHAT)
    reporter = reporter or Reporter()
    with Corpus(punctuation=options.punctuation, level=options.level) as corpus:
        rejects = out.with_name(out.name + ".rejects")
        opened, named_parts = read_rows(corpus, data, options, reporter, rejects=rejects)
        corpus.seal()
        labels, targets, parts = divided(corpus, named_parts, options)
        given, options = options, settled(corpus, parts.train, options)
        options = sized(options, int(parts.train.sum()), len(labels))
        for note in (*opened.notes, *level_notes(given, options)):
            reporter.info(f"Data: {note}")
        report_findings(corpus, labels, parts, options, reporter)
        reporter.info(f"Split: {parts.how}.")
        test_rows = np.flatnonzero(parts.test)
        truth = targets[parts.test]
        results: list[dict[str, Any]] = []
        correct: dict[str, list[NDArray[np.bool_]]] = {cell: [] for cell in cells}
        for cell in cells:
            accuracies, seconds, rates = [], [], []
            for run in range(seeds):
                chosen = options.model_copy(update={"cell": cell, "seed": options.seed + run, "quantise": "never"})
                reporter.heading(f"{cell.upper()}, seed {chosen.seed}")
                with reporter.training() as progress:
                    fitted = fit_classifier(
                        corpus,
                        targets,
                        len(labels),
                        parts.train,
                        parts.valid,
                        chosen,
                        control=RunControl(on_progress=progress),
                    )
                model = fitted.model(labels)
                answers = model.predict_proba(corpus.texts[int(row)] for row in test_rows).argmax(1)
                accuracies.append(float((answers == truth).mean()))
                seconds.append(sum(entry["seconds"] for entry in fitted.history))
                rates.append(int(parts.train.sum()) * len(fitted.history) / seconds[-1])
                correct[cell].append(answers == truth)
            mean = float(np.mean(accuracies))
            latencies = _latencies(model, [corpus.texts[int(row)] for row in test_rows[:LATENCY_TEXTS]])
            results.append(
                {
                    "cell": cell,
                    "accuracy": mean,
                    "accuracy_ci95": list(wilson_over_runs(accuracies, len(truth))),
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
        best = max(results, key=lambda row: row["accuracy"])["cell"]
        result: dict[str, Any] = {
            "cells": results,
            "best": best,
            "paired_with_best": {cell: compare_correct(correct[best], correct[cell]) for cell in cells if cell != best},
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
            "comparison.png": comparison_png(results),
        },
        replaceable=replaceable,
        what=WHAT,
    )
    return result


def _refuse_what_is_no_comparison(options: ClassifyOptions) -> None:
    """Raise OptionError for an option that a config file may have, and that no comparison heeds."""
    for name, why in (
        ("unlabelled", "it compares networks that learn from the labelled rows alone"),
        ("from_", "it compares networks of several cells, and a base has one"),
    ):
        if getattr(options, name) is not None:
            raise OptionError(f"{flag(name)} does not go with `recurra compare`: {why}. Leave it out.")


def _latencies(model: Any, texts: list[str]) -> list[float]:
    """Return the milliseconds that each text takes alone, from text to probability, after a warm-up."""
    model.predict_proba(texts[:10])
    milliseconds = []
    for text in texts:
        started = time.perf_counter()
        model.predict_proba([text])
        milliseconds.append((time.perf_counter() - started) * 1e3)
    return milliseconds


def compare_correct(best: Sequence[NDArray[np.bool_]], other: Sequence[NDArray[np.bool_]]) -> dict[str, Any]:
    """Return whether one cell is `better` than another on the same rows, by which `test`, and the figures of it.

    best, other: for each seed, whether the cell was right, bool [N]. One seed: `mcnemar`. Several: `compare_runs`;
    only_model and only_baseline are then added up over the seeds, and by_seed has McNemar's test of each. Better where
    p < 0.05 and the difference is above 0.
    """
    by_seed = [mcnemar(one, two) for one, two in zip(best, other, strict=True)]
    if len(by_seed) == 1:
        result = by_seed[0] | {"test": "McNemar's test"}
    else:
        result = {
            "only_model": sum(one["only_model"] for one in by_seed),
            "only_baseline": sum(one["only_baseline"] for one in by_seed),
            **compare_runs(np.stack(best).sum(axis=0) - np.stack(other).sum(axis=0), len(by_seed)),
            "test": "signs of the rows' differences flipped at random",
            "by_seed": by_seed,
        }
    return result | {"better": result["p_value"] < 0.05 and result["difference"] > 0}


def _note(result: dict[str, Any]) -> str:
    """Return a sentence on whether the best is significantly better on these rows, and by which test."""
    unsure = [cell for cell, test in result["paired_with_best"].items() if not test["better"]]
    if not result["paired_with_best"]:
        return ""
    if result["seeds"] == 1:
        how = f"McNemar's test on the same held-out rows, one seed, p {'>=' if unsure else '<'} 0.05"
    else:
        how = (
            f"difference of the means over {result['seeds']} seeds, signs of the rows' differences flipped at random, "
            f"p {'>=' if unsure else '<'} 0.05"
        )
    if unsure:
        return f"{result['best']} is not reliably better than {', '.join(unsure)} here ({how})."
    return f"{result['best']} is better than each of the others ({how})."


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
