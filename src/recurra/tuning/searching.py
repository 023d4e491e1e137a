"""One process of a search: trial after trial, until there are enough or the time is over."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING

from recurra.errors import (
    ArtefactError,
    CatalogError,
    InterruptedTraining,
    OutputError,
    ReadError,
    RecurraError,
    ResumeError,
    TrainingError,
)
from recurra.options.training import TaskOptions
from recurra.tasks.registry import get_task
from recurra.terminal.progress import Reporter
from recurra.training.memory import return_freed_memory
from recurra.tuning.metric import Figure
from recurra.tuning.space import Space, on_command_line, rounded
from recurra.tuning.study import EPOCHS, MESSAGE, SECONDS, ask, open_study
from recurra.tuning.trial import Pruned, run_trial, watched, with_values

if TYPE_CHECKING:
    from optuna import Study, Trial

NOT_OF_THE_VALUES = (ReadError, CatalogError, OutputError, ArtefactError, ResumeError)
"""Errors that no other values would mend: they end the search."""
FAILURES_IN_A_ROW = 10
"""After so many trials that failed, one after the other, the search ends."""


@dataclass(frozen=True)
class Search:
    """What all processes of a search share. options: those that were given; fingerprint: of the data; trials: how many
    there are to be; deadline: by `time.time`."""

    data: str
    options: TaskOptions
    fingerprint: str
    space: Space
    figure: Figure
    folder: Path
    trials: int
    deadline: float
    jobs: int

    def study(self) -> Study:
        """Return the study, as it is now."""
        return open_study(self.folder, higher_is_better=self.figure.higher_is_better)


def run_jobs(search: Search, reporter: Reporter) -> None:
    """Run the trials that are left, in `search.jobs` processes. Raises what ended one of them, when all have ended."""
    if search.jobs == 1:
        run_trials(search, reporter)
        return
    context = multiprocessing.get_context("spawn")
    jobs = []
    for _ in range(search.jobs):
        here, there = context.Pipe(duplex=False)
        jobs.append((context.Process(target=_job, args=(search, there)), here))
        jobs[-1][0].start()
        there.close()
    try:
        running = {process.sentinel: (process, here) for process, here in jobs}
        while running:
            ended = connection.wait(list(running))
            for sentinel in [each for each in running if each in ended]:
                if (error := _error(*running.pop(sentinel))) is not None:
                    raise error
    finally:
        for process, _ in jobs:
            if process.is_alive():
                process.terminate()  # in a training, that is a request to stop
            process.join()


def _error(process: BaseProcess, here: Connection) -> RecurraError | None:
    """Return what ended a process too early, None where it did all it was to do."""
    process.join()
    try:
        ended: RecurraError | None = here.recv()
        return ended
    except EOFError:
        return TrainingError(
            f"A process of the search was killed (status {process.exitcode}), perhaps for want of memory. Its trial is "
            "lost: go on with --resume, and fewer --jobs."
        )


def _job(search: Search, there: Connection) -> None:
    """Run trials in a process of their own; send what ended them too early, or None."""
    from recurra.training.memory import prepare_memory

    prepare_memory()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    ended: RecurraError | None = None
    try:
        run_trials(search, Reporter())
    except RecurraError as error:
        ended = error
    except KeyboardInterrupt:
        ended = InterruptedTraining("Stopped.")
    except Exception as error:
        there.send(TrainingError(f"A process of the search ended with {type(error).__name__}: {error}"))
        raise
    there.send(ended)


def _end_with_parent() -> None:
    """Wait until the process that began the search has ended, and stop this one then."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


def run_trials(search: Search, reporter: Reporter) -> None:
    """Run trials one after the other. Raises InterruptedTraining where it is stopped, and RecurraError where no trial
    can do."""
    failed = 0
    while time.time() < search.deadline:
        study = search.study()
        trial = ask(study, search.space, search.folder, search.trials, search.options.seed, search.jobs)
        if trial is None:
            return
        told, message = run_one(search, study, trial)
        failed = failed + 1 if message else 0
        reporter.info(told)
        if failed == FAILURES_IN_A_ROW:
            raise TrainingError(f"{failed} trials failed one after the other, the last since: {message}")
        return_freed_memory()


def run_one(search: Search, study: Study, trial: Trial) -> tuple[str, str]:
    """Run a trial and tell the study how it ended. Returns a line on it, and why it failed, "" where it did not."""
    from optuna.trial import TrialState

    words = f"Trial {trial.number}: "
    chosen = rounded(trial.params)
    values = on_command_line(chosen, str)
    try:
        options = with_values(search.options, chosen)
        found = run_trial(
            get_task(options.task).trainer(),
            search.data,
            options,
            search.figure,
            search.folder,
            on_epoch=watched(trial),
        )
        if found.fingerprint != search.fingerprint:
            raise ResumeError("The content of the data is not what it was when the search began.")
        if not math.isfinite(found.value):
            raise TrainingError(f"its {search.figure.name} is no number.")
    except Pruned:
        study.tell(trial, state=TrialState.PRUNED)
        return f"{words}pruned, {values}", ""
    except (InterruptedTraining, KeyboardInterrupt, *NOT_OF_THE_VALUES):
        study.tell(trial, state=TrialState.FAIL)
        raise
    except (RecurraError, MemoryError) as error:
        message = str(error) or type(error).__name__
        trial.set_user_attr(MESSAGE, message[:500])
        study.tell(trial, state=TrialState.FAIL)
        return f"{words}failed, {values}: {message}", message
    for name in (EPOCHS, SECONDS):
        trial.set_user_attr(name, found.facts[name])
    study.tell(trial, found.value)
    best = study.best_trial
    beside = "the best so far" if best.number == trial.number else f"the best is {best.value:.4g}, trial {best.number}"
    return f"{words}{search.figure.name} {found.value:.4g} ({beside}), {values}", ""
