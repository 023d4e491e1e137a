"""`recurra tune`: a search for options, then a model of the best, for any task."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from recurra.errors import InterruptedTraining, OptionError, OutputError, ResumeError, TrainingError
from recurra.inference.threads import processor_count
from recurra.options.training import TaskOptions
from recurra.storage.files import atomic_write
from recurra.tasks.registry import get_task
from recurra.terminal.progress import Reporter
from recurra.training.checkpoints import CheckpointStore, training_directory
from recurra.training.installed import training_installed
from recurra.training.run import check_place, check_unfinished, run
from recurra.tuning.metric import Figure
from recurra.tuning.outcome import importance_png, outcome, told, trials_csv
from recurra.tuning.searching import Search, run_jobs
from recurra.tuning.space import Space, space_of
from recurra.tuning.study import (
    DEFAULTS,
    FILE,
    IDENTITY,
    SECONDS,
    add_defaults,
    check_identity,
    counted,
    end_left_behind,
    open_study,
    optuna_installed,
)
from recurra.tuning.trial import PREFIX, run_trial, with_values

TABLE, PLOT = "trials.csv", "importance.png"
VALID = 0.2
"""Share of the training rows that trials are judged on, unless another one is given: a choice among many needs more of
them than one training."""


def tuning_directory(out: Path) -> Path:
    """Return where the study of a search lies that writes the model `out`: beside it."""
    return out.with_name(out.name + ".tuning")


def tune(
    data: str,
    out: Path,
    options: TaskOptions,
    *,
    trials: int = 40,
    seconds: float = math.inf,
    jobs: int = 1,
    metric: str | None = None,
    space: Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    repeat: Callable[[Mapping[str, Any]], str] = lambda values: "",
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Search for options of a task, each trial judged on validation rows, and write a model of the best into `out`.

    options: those that are given, which no trial changes. trials: how many there are in all; seconds: after which no
    trial begins; jobs: processes; metric: a figure of the validation rows; space: a file, see `space_of`. resume: go on
    with the search that was stopped. repeat: from options to the command that trains with them.
    Returns what metrics.json holds, the search in "tuning". Raises RecurraError's kinds; the study then is kept.
    """
    optuna_installed()
    training_installed()
    reporter = reporter or Reporter()
    began = time.time()
    if getattr(options, "folds", None) is not None:
        raise OptionError(
            "--folds does not go with `recurra tune`: the rows that the options were chosen by would be judged by too. "
            "Search first, then give --folds with the command that it ends with, on rows that it has not seen."
        )
    given = set(options.model_fields_set) - {"task", "threads"}
    searched = space_of(options, given, space)
    trainer = get_task(options.task).trainer()
    figure = Figure(metric or trainer.search_metric)
    folder = tuning_directory(out)
    store = CheckpointStore(training_directory(out))
    check_place(out, options, resume=resume and store.begun, overwrite=overwrite)
    check_unfinished(store, resume=resume, overwrite=overwrite)
    judged = options if "valid" in given else with_values(options, {"valid": VALID})
    with CheckpointStore(folder).locked():
        _check_folder(folder, resume=resume, overwrite=overwrite)
        try:
            study = open_study(folder, higher_is_better=figure.higher_is_better)
            identity = {"options": _plain(judged), "space": _plain_space(searched), "metric": figure.name}
            if _first(study) is None:
                found = run_trial(trainer, data, judged, figure, folder, reporter=reporter)
                if not math.isfinite(found.value):
                    raise TrainingError(
                        f"With the options as given, the {figure.name} of the validation rows is no number."
                    )
                check_identity(study, {**identity, "data": found.fingerprint})
                facts = {**found.facts, "rows": found.validation_rows}
                add_defaults(study, searched, found.resolved.model_dump(), found.value, facts)
                reporter.info(f"Trial 0: {figure.name} {found.value:.4g}, with the options as given")
            else:
                check_identity(study, {**identity, "data": study.user_attrs[IDENTITY]["data"]})
                end_left_behind(study)
                reporter.info(f"Going on after {len(counted(study))} trials.")
            fingerprint = study.user_attrs[IDENTITY]["data"]
            divided = judged if jobs == 1 else _with_fewer_threads(judged, jobs)
            run_jobs(
                Search(data, divided, fingerprint, searched, figure, folder, trials, began + seconds, jobs), reporter
            )
        except BaseException as error:
            begun = _begun(folder)
            if not begun:
                shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, InterruptedTraining | KeyboardInterrupt) and begun:
                raise InterruptedTraining(
                    f"Stopped. The trials so far are kept in {folder}. "
                    "To continue, give the same command with --resume."
                ) from None
            raise
        first = _first(study)
        assert first is not None  # for the type checker: it was added, or was there
        spent = sum(trial.user_attrs.get(SECONDS, 0.0) for trial in counted(study))
        facts = outcome(study, figure, searched, seconds=spent, validation_rows=first.user_attrs["rows"])
        values = [trial.value for trial in counted(study) if trial.value is not None and trial.state.name == "COMPLETE"]
        atomic_write(folder / TABLE, trials_csv(study, figure, searched))
        atomic_write(folder / PLOT, importance_png(facts["importance"], values, figure))
        for sentence in told(facts):
            reporter.info(sentence)
        best = facts["best"]["options"]
        return run(
            trainer,
            data,
            out,
            with_values(options, best),
            resume=resume and store.begun,
            overwrite=overwrite,
            command=repeat(best),
            reporter=reporter,
            beside={"tuning": {**facts, "command": repeat(best)}},
        )


def _first(study: Any) -> Any:
    """Return the trial of the options as they were given; None where there is none yet."""
    return next((trial for trial in counted(study) if DEFAULTS in trial.user_attrs), None)


def _begun(folder: Path) -> bool:
    """Return whether a folder has a study with a trial. Raises ResumeError where it cannot be read."""
    return (folder / FILE).exists() and _first(open_study(folder, higher_is_better=False)) is not None


def _with_fewer_threads(options: TaskOptions, jobs: int) -> TaskOptions:
    """Return the options with the processors divided among the jobs, unless threads are given."""
    if options.threads is not None:
        return options
    return with_values(options, {"threads": max(1, processor_count() // jobs)})


def _plain(options: TaskOptions) -> dict[str, Any]:
    return {name: value for name, value in options.model_dump().items() if name != "threads"}


def _plain_space(space: Space) -> dict[str, Any]:
    return {name: values.plain() for name, values in space.items()}


def _check_folder(folder: Path, *, resume: bool, overwrite: bool) -> None:
    """Refuse to mix two searches. Raises OutputError, and ResumeError where there is nothing to go on with."""
    for left in folder.glob(f"{PREFIX}*"):  # of a search that was killed
        shutil.rmtree(left, ignore_errors=True)
    fresh = overwrite and not resume
    there = not fresh and _begun(folder)
    if there and not resume:
        raise OutputError(
            f"{folder} holds a search already. Go on with it with --resume (and --overwrite where its model is there, "
            "which is replaced; the trials are kept), or discard it with --overwrite alone."
        )
    if resume and not there:
        raise ResumeError(f"{folder} holds no search to go on with. Leave --resume out.")
    if not there:  # one without a trial is none: it was killed in its first
        for name in (FILE, f"{FILE}-journal", TABLE, PLOT):
            (folder / name).unlink(missing_ok=True)
