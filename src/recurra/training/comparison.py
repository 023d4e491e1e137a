"""`recurra compare`: the same job with several cells, side by side, for any task's Comparison."""

from __future__ import annotations

import json
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from recurra.data.model_folder import check_outside_models
from recurra.errors import OptionError, did_you_mean
from recurra.evaluation.comparison import Measure
from recurra.kernel.layout import CELL_NAMES
from recurra.options.training import TaskOptions
from recurra.storage.files import check_publishable, publish
from recurra.terminal.progress import Reporter
from recurra.training.control import RunControl
from recurra.training.installed import training_installed
from recurra.training.trainer import RunContext
from recurra.training.versions import versions

LATENCY_ROWS = 200
WHAT = "a comparison"
FILES = ("comparison.json", "comparison.md", "comparison.png")

Options = TypeVar("Options", bound=TaskOptions)


@dataclass(frozen=True)
class Contender:
    """A trained network. rows: what each held-out row counts in the measure, [N] or more; history: one entry an epoch;
    answer: answers one of the held-out rows, by its place, alone."""

    rows: NDArray[Any]
    history: list[dict[str, Any]]
    parameters: int
    megabytes: float
    answer: Callable[[int], object]


class Comparison(ABC, Generic[Options]):
    """What a task does where cells are compared: `read` is called once, `train` for each cell and seed.

    It is a context: on leaving it, its temporary files are removed. measure: known once the data are read.
    """

    measure: Measure

    def __init__(self, options: Options, context: RunContext) -> None:
        self.options = options
        self.context = context

    @classmethod
    def check(cls, options: Options) -> None:
        """Raise OptionError for options that no comparison heeds, or with which nothing can be compared."""

    @abstractmethod
    def read(self) -> dict[str, Any]:
        """Read and divide the data. Returns "split", "data" and "config" of comparison.json."""

    @abstractmethod
    def train(self, cell: str, seed: int, control: RunControl) -> Contender:
        """Train a cell on the rows to learn from, and answer those that are held out."""

    def close(self) -> None:
        """Remove temporary files."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def compare(
    comparison: type[Comparison[Any]],
    data: str,
    out: Path,
    cells: list[str],
    options: TaskOptions,
    *,
    seeds: int = 1,
    overwrite: bool = False,
    command: str = "",
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Train each cell `seeds` times on one split and write comparison.json, .md and .png into `out`.

    comparison: the task's. The split and the held-out rows are the same for all. Returns what comparison.json holds.
    Raises OptionError for an unknown cell and OutputError, before any work, where `out` cannot be written.
    """
    comparison.check(options)
    training_installed()
    from recurra.nn.cells import CELLS
    from recurra.training.comparison_plot import comparison_png
    from recurra.training.setup import choose_setup

    for cell in cells:
        if cell not in CELLS:
            raise OptionError(f"--cell {cell!r}: accepted are {', '.join(CELLS)}.{did_you_mean(cell, CELLS)}")
    if len(set(cells)) < len(cells):
        raise OptionError("--cell names a cell twice.")
    out = out.resolve() if out.name in ("", "..") else out
    replaceable = FILES if overwrite else None
    check_outside_models(out, "--out")
    choose_setup(options)  # before the data are read, which may take long
    check_publishable(out, replaceable=replaceable, what=WHAT)
    reporter = reporter or Reporter()
    with tempfile.TemporaryDirectory() as folder:
        context = RunContext(data, Path(folder), out.with_name(out.name + ".rejects"), reporter)
        with comparison(options, context) as task:
            facts = task.read()
            rows = {cell: [] for cell in cells}  # type: dict[str, list[NDArray[Any]]]
            results = [_measured(task, cell, seeds, facts, rows[cell], reporter) for cell in cells]
            measure = task.measure
    best = (max if measure.higher_is_better else min)(results, key=lambda row: row[measure.name])["cell"]
    result: dict[str, Any] = {
        "measure": measure.name,
        "cells": results,
        "best": best,
        "paired_with_best": {cell: measure.paired(rows[best], rows[cell]) for cell in cells if cell != best},
        "seeds": seeds,
        **facts,
        "versions": versions(),
        "command": command,
    }
    result["note"] = note(result)
    publish(
        out,
        {
            "comparison.json": json.dumps(result, indent=1, allow_nan=False).encode(),
            "comparison.md": _markdown(result, measure).encode(),
            "comparison.png": comparison_png(results, measure),
        },
        replaceable=replaceable,
        what=WHAT,
    )
    return result


def _measured(
    task: Comparison[Any], cell: str, seeds: int, facts: dict[str, Any], rows: list[NDArray[Any]], reporter: Reporter
) -> dict[str, Any]:
    """Train one cell `seeds` times, put what its rows count into `rows`, and return its entry in comparison.json."""
    seconds, rates, name = [], [], task.measure.name
    for seed in range(task.options.seed, task.options.seed + seeds):
        reporter.heading(f"{CELL_NAMES[cell]}, seed {seed}")
        with reporter.training() as progress:
            contender = task.train(cell, seed, RunControl(on_progress=progress))
        rows.append(contender.rows)
        seconds.append(sum(entry["seconds"] for entry in contender.history))
        rates.append(facts["split"]["train"] * len(contender.history) / seconds[-1])
    values = [task.measure.value(run) for run in rows]
    milliseconds = _latencies(contender.answer, min(LATENCY_ROWS, len(contender.rows)))
    return {
        "cell": cell,
        name: float(np.mean(values)),
        f"{name}_ci95": list(task.measure.interval(rows)),
        f"{name}_by_seed": values,
        f"{name}_sd_over_seeds": float(np.std(values, ddof=1)) if seeds > 1 else None,
        "train_seconds": float(np.mean(seconds)),
        "train_rows_per_second": float(np.mean(rates)),
        "parameters": contender.parameters,
        "model_megabytes": contender.megabytes,
        "latency_p50_ms": float(np.percentile(milliseconds, 50)),
        "latency_p99_ms": float(np.percentile(milliseconds, 99)),
    }


def _latencies(answer: Callable[[int], object], rows: int) -> list[float]:
    """Return the milliseconds that each row takes alone, from input to answer, after a warm-up."""
    for row in range(min(10, rows)):
        answer(row)
    milliseconds = []
    for row in range(rows):
        started = time.perf_counter()
        answer(row)
        milliseconds.append((time.perf_counter() - started) * 1e3)
    return milliseconds


def note(result: dict[str, Any]) -> str:
    """Return a sentence on whether the best is significantly better on these rows, and by which test."""
    paired = result["paired_with_best"]
    unsure = [cell for cell, test in paired.items() if not test["better"]]
    if not paired:
        return ""
    test, sign = next(iter(paired.values()))["test"], ">=" if unsure else "<"
    if result["seeds"] == 1:
        how = f"{test} on the same held-out rows, one seed, p {sign} 0.05"
    else:
        how = f"difference of the means over {result['seeds']} seeds, {test}, p {sign} 0.05"
    if unsure:
        return f"{result['best']} is not reliably better than {', '.join(unsure)} here ({how})."
    return f"{result['best']} is better than each of the others ({how})."


def _markdown(result: dict[str, Any], measure: Measure) -> str:
    lines = [
        f"| cell | {measure.title} | 95 % interval | train s | rows/s | weights | model MB | one row ms, p50 | p99 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in result["cells"]:
        low, high = row[f"{measure.name}_ci95"]
        lines.append(
            f"| {row['cell']} | {measure.shown(row[measure.name])} | {measure.shown(low)} to {measure.shown(high)} "
            f"| {row['train_seconds']:.1f} | {row['train_rows_per_second']:,.0f} | {row['parameters']:,} "
            f"| {row['model_megabytes']:.1f} | {row['latency_p50_ms']:.2f} | {row['latency_p99_ms']:.2f} |"
        )
    return "\n".join([*lines, "", result["note"], "", f"Command: `{result['command']}`", ""])
