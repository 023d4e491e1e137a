"""`recurra probe`: train every cell on every problem at every length, and write table, plot and JSON."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import product
from multiprocessing import active_children, connection, get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from recurra.data.model_folder import check_outside_models
from recurra.errors import OptionError, did_you_mean
from recurra.inference.threads import processor_count
from recurra.kernel.layout import CELL_NAMES, GATES
from recurra.probe.budget import SEEDS, Budget
from recurra.storage.files import check_publishable, publish
from recurra.terminal.progress import Reporter
from recurra.training.installed import training_installed
from recurra.training.versions import versions

if TYPE_CHECKING:
    from recurra.probe.measure import Outcome

WHAT = "a probe"
FILES = ("probe.json", "probe.md", "probe.png")


def probe(
    cells: Sequence[str],
    lengths: Sequence[int],
    out: Path,
    *,
    problems: Sequence[str],
    seeds: int = SEEDS,
    first_seed: int = 0,
    budget: Budget | None = None,
    processes: int | None = None,
    overwrite: bool = False,
    command: str = "",
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Train every cell on every problem at every length with `seeds` seeds, and write the results to `out`.

    cells, problems: names in GATES and PROBLEMS; processes: trainings in parallel, each on one thread (None: one for
    each core), on which scores do not depend. Returns the contents of probe.json.
    Raises OptionError for unknown names, bad lengths or missing packages, and OutputError.
    """
    training_installed()
    from recurra.probe.measure import BATCH, CLIP, HELD_OUT
    from recurra.probe.plot import probe_png
    from recurra.probe.problems import LONGEST, PROBLEMS, SHORTEST

    _check_names("--cell", cells, GATES)
    _check_names("--tasks", problems, PROBLEMS)
    if not lengths or min(lengths) < SHORTEST or max(lengths) > LONGEST:
        raise OptionError(f"--length: give lengths of {SHORTEST} to {LONGEST:,} steps, with commas between.")
    replaceable = set(FILES) if overwrite else None
    check_outside_models(out, "--out")
    check_publishable(out, replaceable=replaceable, what=WHAT)
    reporter = reporter or Reporter()
    budget = budget or Budget()
    settings = list(product(problems, cells, sorted(set(lengths))))
    outcomes = _run([(*setting, first_seed + k) for setting in settings for k in range(seeds)], budget, processes)
    rows = []
    for _ in settings:
        rows.append(_row([next(outcomes) for _ in range(seeds)]))
        reporter.info(_line(rows[-1]))
    described = [
        {key: getattr(PROBLEMS[name], key) for key in ("name", "title", "score", "trivial", "perfect", "solved")}
        for name in problems
    ]
    result: dict[str, Any] = {
        "problems": described,
        "rows": rows,
        "seeds": seeds,
        "first_seed": first_seed,
        "steps": budget.steps,
        "hidden": budget.hidden,
        "learning_rates": {cell: budget.rate(cell) for cell in cells},
        "clip": CLIP,
        "batch": BATCH,
        "held_out": HELD_OUT,
        "cpu_seconds": sum(row["cpu_seconds"] for row in rows),
        "versions": versions(),
        "command": command,
    }
    publish(
        out,
        {
            "probe.json": json.dumps(result, indent=1, allow_nan=False).encode(),
            "probe.md": markdown(result).encode(),
            "probe.png": probe_png(rows, described),
        },
        replaceable=replaceable,
        what=WHAT,
    )
    return result


def _run(runs: Sequence[tuple[str, str, int, int]], budget: Budget, processes: int | None) -> Iterator[Outcome]:
    """Yield the outcome of each run (problem, cell, length, seed), in the order of `runs`."""
    work = [(*run, budget) for run in runs]
    count = min(processes or processor_count(), len(work))
    if count == 1:
        yield from map(_measure, work)
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_end_with_parent) as pool:
        with _signals_held_back():  # a process inherits that: this one alone is stopped, and ends the others
            outcomes = pool.map(_measure, work)
        try:
            yield from outcomes
        except KeyboardInterrupt:
            for child in active_children():
                child.terminate()
            raise


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """Hold SIGINT back in this block, and for good in every process that is started in it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    """Let this process end when the one that started it has ended, however that came about."""
    parent = parent_process()
    assert parent is not None  # for the type checker: a pool started this process

    def wait() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _measure(work: tuple[str, str, int, int, Budget]) -> Outcome:
    """Measure on one thread: a network this small gains nothing from more."""
    import torch

    from recurra.probe.measure import measure
    from recurra.probe.problems import PROBLEMS
    from recurra.training.memory import prepare_memory

    prepare_memory()
    torch.set_num_threads(1)
    name, cell, length, seed, budget = work
    return measure(PROBLEMS[name], cell, length, seed, budget)


def parse_lengths(text: str) -> list[int]:
    """Return the lengths in "10,30,100". Raises OptionError."""
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise OptionError(f"--length {text}: give whole numbers with commas between, as in 10,30,100.") from None


def markdown(result: dict[str, Any]) -> str:
    """Return the table of a probe, from the contents of probe.json."""
    lines = []
    for problem in result["problems"]:
        lines += [
            f"## {problem['title']}: {problem['score']}, remembering nothing {problem['trivial']:.3f}",
            "",
            "| cell | length | score | worst to best seed | solved | steps | CPU s | CPU ms a step | weights |",
            "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        ]
        for row in result["rows"]:
            if row["problem"] == problem["name"]:
                low, high = row["score_range"]
                lines.append(
                    f"| {row['cell']} | {row['length']:,} | {row['score']:.3f} | {low:.3f} to {high:.3f} "
                    f"| {row['solved']} of {result['seeds']} | {row['steps']:,.0f} | {row['cpu_seconds']:.1f} "
                    f"| {row['cpu_milliseconds_per_step']:.1f} | {row['weights']:,} |"
                )
        lines.append("")
    return "\n".join([*lines, f"Command: `{result['command']}`", ""])


def _row(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the entry of `rows` in probe.json for one problem, cell and length, over its seeds."""
    first, scores = outcomes[0], [outcome.score for outcome in outcomes]
    costs = [outcome.cpu_seconds / outcome.steps for outcome in outcomes]
    return {
        "problem": first.problem,
        "cell": first.cell,
        "length": first.length,
        "score": float(np.mean(scores)),
        "score_range": [min(scores), max(scores)],
        "scores": scores,
        "solved": sum(outcome.solved for outcome in outcomes),
        "steps": float(np.mean([outcome.steps for outcome in outcomes])),
        "seconds": float(np.mean([outcome.seconds for outcome in outcomes])),
        "cpu_seconds": sum(outcome.cpu_seconds for outcome in outcomes),
        "cpu_milliseconds_per_step": 1e3 * float(np.mean(costs)),
        "cpu_milliseconds_per_step_range": [1e3 * min(costs), 1e3 * max(costs)],
        "weights": first.weights,
    }


def _line(row: dict[str, Any]) -> str:
    """Return a row as a line of progress."""
    low, high = row["score_range"]
    return (
        f"{row['problem']:<10} {CELL_NAMES[row['cell']]:<7} {row['length']:>6,} steps: {row['score']:.3f} "
        f"({low:.3f} to {high:.3f}), solved {row['solved']} of {len(row['scores'])}, {row['seconds']:.1f} s each"
    )


def _check_names(option: str, names: Sequence[str], known: Collection[str]) -> None:
    """Raise OptionError unless `names` are one or more of `known`, each once."""
    for name in names:
        if name not in known:
            raise OptionError(f"{option} {name}: accepted are {', '.join(known)}.{did_you_mean(name, known)}")
    if not names or len(set(names)) < len(names):
        raise OptionError(f"{option}: give one or more of {', '.join(known)}, each once, with commas between.")
