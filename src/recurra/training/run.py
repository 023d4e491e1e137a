"""`recurra train`: from data to a model directory, for any task's trainer."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recurra.data.model_folder import check_outside_models
from recurra.errors import InterruptedTraining, OutputError, ResumeError
from recurra.options.training import TaskOptions
from recurra.storage import model_directory
from recurra.storage.base import check_apart
from recurra.storage.files import atomic_write, check_new_file, check_publishable
from recurra.storage.model_directory import Manifest
from recurra.terminal.progress import Reporter, TrainingProgress
from recurra.training.control import RunControl
from recurra.training.records.opening import open_records
from recurra.training.records.records import Records
from recurra.training.split import Fold
from recurra.training.trainer import RunContext, Trainer
from recurra.training.versions import versions

if TYPE_CHECKING:
    from recurra.training.checkpoints import CheckpointStore


def run(
    trainer: type[Trainer[Any]],
    data: str,
    out: Path,
    options: TaskOptions,
    *,
    resume: bool = False,
    overwrite: bool = False,
    command: str = "",
    reporter: Reporter | None = None,
    beside: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Train a model of the task in `options` on `data` and write the model directory `out`.

    trainer: the task's. data: a path or a name from the catalog. resume: continue the run that was stopped. overwrite:
    replace the model in `out`, or discard an unfinished run beside it. beside: what metrics.json and the report have
    besides. Returns what metrics.json holds.
    Raises RecurraError's kinds; `out` then is as it was.
    """
    from recurra.training.checkpoints import CheckpointStore, training_directory
    from recurra.training.setup import choose_setup
    from recurra.training.word_vectors import with_width

    reporter = reporter or Reporter()
    out = _with_a_name(out)
    store = CheckpointStore(training_directory(out))
    check_place(out, options, resume=resume, overwrite=overwrite)
    choose_setup(options)  # before the data are read, which may take long
    options = with_width(options)
    with _locked(store, resume=resume, overwrite=overwrite):
        folds = getattr(options, "folds", None)
        whole = None if folds is None else Fold(folds, folds)
        answers = None if folds is None else check_new_file(out_of_fold(out), "--folds", replace=overwrite or resume)
        context = RunContext(data, store.directory, out.with_name(out.name + ".rejects"), reporter, fold=whole)
        records = open_records(options, out, store.directory, reporter, resume=resume, overwrite=overwrite)
        with records, trainer(options, context) as task:
            metrics = _train(task, options, store, records, resume=resume, command=command, beside=beside or {})
            if answers is not None and task.pooled is not None:
                from recurra.training.folds import out_of_fold_csv

                atomic_write(answers, out_of_fold_csv(task, task.pooled))
            manifest = _write(out, task, metrics, overwrite=overwrite)
            scores = {name: manifest.metrics.get(name) for name in trainer.summary_scores}
            records.finish(manifest.config, scores, {"model": out.name, "digest": manifest.digest})
        store.forget()
    return metrics


def out_of_fold(out: Path) -> Path:
    """Return where the out-of-fold answers of --folds are written: beside the model."""
    return out.with_name(out.name + ".folds.csv")


def check_place(out: Path, options: TaskOptions, *, resume: bool, overwrite: bool) -> None:
    """Raise OutputError or ResumeError, before any work, where a run could not write the model `out` at its end."""
    from recurra.training.checkpoints import CheckpointStore, training_directory

    out = _with_a_name(out)
    store = CheckpointStore(training_directory(out))
    check_apart(getattr(options, "from_", None), out, store.directory)
    _check_out(out, store, resume=resume, overwrite=overwrite)
    replaceable = {model_directory.MANIFEST, *model_directory.LIMITS} if overwrite else None
    check_publishable(out, replaceable=replaceable, what="a model")


def _train(
    trainer: Trainer[Any],
    options: TaskOptions,
    store: CheckpointStore,
    records: Records,
    *,
    resume: bool,
    command: str,
    beside: Mapping[str, Any],
) -> dict[str, Any]:
    """Go through the steps of a trainer, and return what metrics.json holds."""
    from recurra.training.identity import check_same_command, check_same_run, run_identity

    reporter, timing = trainer.context.reporter, trainer.context.timing
    if resume:
        check_same_command(store.latest_stage().check_format(), options)
    data = trainer.read()
    split, division = trainer.split()
    identity = run_identity(options, data, division)
    saved = _newest(store, reporter) if resume else None
    if not resume:
        store.forget()
    elif saved:
        try:
            check_same_run(saved[1]["identity"], identity)
            stage = saved[1]["identity"].get("stage")
            reporter.info(f"Resuming after step {saved[1]['run']['step']:,}{f' ({stage})' if stage else ''}.")
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise store.latest_stage().damaged() from error
    else:
        reporter.info("There is nothing to resume; starting from the beginning.")
    records.begin(_parameters(options, data, split), resume=bool(saved))
    reporter.heading(trainer.heading())
    with timing.step("train"), reporter.training() as bar:

        def on_progress(progress: TrainingProgress) -> None:
            bar(progress)
            records.watch(progress)

        control, folds = RunControl(store, resume, identity, on_progress, records.flush), None
        if trainer.context.fold is not None:
            from recurra.training.folds import cross_validate

            trainer.pooled, folds = cross_validate(trainer, options, control)
            control = control.called("all rows")
        history = trainer.fit(control)
    scores = trainer.evaluate()
    metrics = {
        "task": options.task,
        "labels": trainer.labels(),
        **scores,
        "history": history,
        "split": split,
        "network": trainer.network(),
        "word_vectors": trainer.word_vectors(),
        "seed": options.seed,
        "versions": versions(),
        "data": data,
        "command": command,
        "timing": timing.all(),
        **({} if folds is None else {"folds": folds}),
        **beside,
    }
    verdict = trainer.verdict(metrics)
    told = None if verdict is None else {"tone": verdict.tone, "headline": verdict.headline}
    return metrics | {"verdict": told}


def _parameters(options: TaskOptions, data: Mapping[str, Any], split: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is recorded of a run before it trains: options, data, split and versions."""
    return {
        **options.model_dump(),
        **{f"data/{name}": data[name] for name in ("name", "fingerprint", "rows")},
        **{f"split/{name}": split[name] for name in ("train", "valid", "test") if name in split},
        **{f"version/{name}": number for name, number in versions().items()},
    }


def _newest(store: CheckpointStore, reporter: Reporter) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return what `CheckpointStore.newest` does of the latest stage; of an earlier one where all of that are damaged,
    which is told: its work, such as the answers of a teacher, need not be done again."""
    latest = store.latest_stage().directory
    sound = store.without_damaged_stages()
    if sound.directory != latest:
        reporter.info(f"The checkpoints in {latest} are damaged; going on from the stage before it.")
    return sound.newest()


def _with_a_name(out: Path) -> Path:
    """Return `out` with a name of its own, also where it was given as `.` or `..`."""
    named = out.resolve() if out.name in ("", "..") else out
    if not named.name:
        raise OutputError(f"--out {out} cannot become a model directory. Choose another place.")
    return named


def _check_out(out: Path, store: CheckpointStore, *, resume: bool, overwrite: bool) -> None:
    """Refuse, before any work, what would lose somebody's work at the end."""
    check_outside_models(out, "--out")
    try:
        there = sorted(os.listdir(out))
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise OutputError(
            f"--out {out} is a file, or lies below one; a model is a directory. Choose another place."
        ) from None
    except OSError as error:
        raise OutputError(f"--out {out} cannot be used: {error.strerror}. Choose another place.") from None
    if not there:
        return
    if model_directory.MANIFEST not in there:
        raise OutputError(f"--out {out} is not empty and holds no model. Choose another place.")
    if resume and not store.begun:
        raise ResumeError(
            f"{out} holds a finished model; there is nothing to resume. To train anew, as on new rows, give "
            "--overwrite instead of --resume, or another --out."
        )
    if not overwrite:
        ways = "add --overwrite to --resume" if resume else "replace it with --overwrite"
        raise OutputError(f"{out} already holds a model. Choose another --out, or {ways}.")


def check_unfinished(store: CheckpointStore, *, resume: bool, overwrite: bool) -> None:
    """Raise OutputError where a run that was stopped would be lost."""
    if store.begun and not (resume or overwrite):
        raise OutputError(
            f"{store.directory} holds an unfinished training run. Continue it with --resume, or discard it "
            "with --overwrite."
        )


@contextmanager
def _locked(store: CheckpointStore, *, resume: bool, overwrite: bool) -> Iterator[None]:
    """Lock the directory of the run, and remove it at the end unless it holds checkpoints to continue from."""
    with store.locked():
        check_unfinished(store, resume=resume, overwrite=overwrite)
        try:
            for left in store.directory.glob("recurra-*"):  # the rows of a killed run of an earlier version
                shutil.rmtree(left, ignore_errors=True)
            yield
        except KeyboardInterrupt:
            if not store.begun:
                raise
            raise InterruptedTraining(
                f"Stopped. The training so far is saved in {store.directory}. "
                "To continue, give the same command with --resume."
            ) from None
        except OutputError as error:
            if not store.begun:
                raise
            raise OutputError(
                f"{error} The training so far is saved in {store.directory}: give the same command with --resume."
            ) from error
        finally:
            if not store.begun:
                store.clear()


def _write(out: Path, trainer: Trainer[Any], metrics: Mapping[str, Any], *, overwrite: bool) -> Manifest:
    return model_directory.write(
        out,
        {**trainer.files(metrics), model_directory.METRICS: json.dumps(metrics, indent=1, allow_nan=False).encode()},
        task=metrics["task"],
        labels=metrics["labels"],
        network=metrics["network"],
        config=metrics["config"],
        metrics=trainer.summary(metrics),
        data=metrics["data"],
        overwrite=overwrite,
    )
