"""`recurra train`: from data to a model directory. What is particular to a task is told in `tasks/`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recurra.errors import InterruptedTraining, OutputError, ResumeError
from recurra.options.everything import TaskOptions
from recurra.storage import model_directory
from recurra.storage.files import check_publishable
from recurra.terminal.progress import Reporter
from recurra.training.trainer import RunContext, RunControl, Trainer
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
) -> dict[str, Any]:
    """Train a model of the task in `options` on `data` and write the model directory `out`.

    data: a path or a name from the catalog. resume: go on with the run that was stopped. overwrite: replace the model
    in `out`, or drop an unfinished run beside it. Returns what metrics.json holds.
    Raises RecurraError's kinds; `out` then is as it was.
    """
    from recurra.training.checkpoints import CheckpointStore, training_directory
    from recurra.training.setup import resolved

    reporter = reporter or Reporter()
    out = _named(out)
    store = CheckpointStore(training_directory(out))
    _check_out(out, store, resume=resume, overwrite=overwrite)
    replaceable = {model_directory.MANIFEST, *model_directory.LIMITS} if overwrite else None
    check_publishable(out, replaceable=replaceable, what="a model")
    with _held(store, resume=resume, overwrite=overwrite):
        context = RunContext(data, store.directory, out.with_name(out.name + ".rejects"), reporter)
        with trainer(options, context) as task:
            source = task.read()
            split, division = task.split()
            said = options.model_dump()
            identity = {
                "options": said,
                "data": source["fingerprint"],
                "rows": source["rows"],
                "machine": resolved(options, said["cell"]),
                "split": hashlib.sha256(division).hexdigest(),
            }
            if resume:
                _check_same_run(store, identity, reporter)
            else:
                store.forget()
            reporter.heading(task.heading())
            with context.timing.step("train"), reporter.training() as on_progress:
                history = task.fit(RunControl(store, resume, identity, on_progress))
            scores = task.evaluate()
            metrics = {
                "task": options.task,
                **scores,
                "history": history,
                "split": split,
                "network": task.network(),
                "seed": said["seed"],
                "versions": versions(),
                "data": source,
                "command": command,
                "timing": context.timing.all(),
            }
            _write(out, task, metrics, overwrite=overwrite)
        store.forget()
    return metrics


def _named(out: Path) -> Path:
    """Return `out` with a name of its own, also where it was given as `.` or `..`."""
    named = out.resolve() if out.name in ("", "..") else out
    if not named.name:
        raise OutputError(f"--out {out} cannot become a model directory. Choose another place.")
    return named


def _check_out(out: Path, store: CheckpointStore, *, resume: bool, overwrite: bool) -> None:
    """Refuse, before any work, what would lose somebody's work at the end."""
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
    if resume and not store.paths():
        raise ResumeError(f"{out} holds a finished model; there is nothing to resume.")
    if not overwrite:
        ways = "add --overwrite to --resume" if resume else "replace it with --overwrite"
        raise OutputError(f"{out} already holds a model. Choose another --out, or {ways}.")


@contextmanager
def _held(store: CheckpointStore, *, resume: bool, overwrite: bool) -> Iterator[None]:
    """Hold the directory of the run, and leave it behind only where it has a state to go on from."""
    with store.locked():
        if store.paths() and not (resume or overwrite):
            raise OutputError(
                f"{store.directory} holds an unfinished training run. Go on with it by --resume, or drop it by "
                "--overwrite."
            )
        try:
            for left in store.directory.glob("recurra-*"):  # the rows of a killed run of an earlier version
                shutil.rmtree(left, ignore_errors=True)
            yield
        except KeyboardInterrupt:
            if not store.paths():
                raise
            raise InterruptedTraining(
                f"Stopped. The training so far is saved in {store.directory}. "
                "To go on, give the same command with --resume."
            ) from None
        except OutputError as error:
            if not store.paths():
                raise
            raise OutputError(
                f"{error} The training so far is saved in {store.directory}: give the same command with --resume."
            ) from error
        finally:
            if not store.paths():
                store.clear()


def _check_same_run(store: CheckpointStore, identity: dict[str, Any], reporter: Reporter) -> None:
    """Refuse to resume a run with other options or other data."""
    saved = store.newest()
    if saved is None:
        reporter.info("There is nothing to resume; starting from the beginning.")
        return
    then = saved[1]["identity"]
    changes = [
        f"--{name.replace('_', '-')} was {then['options'].get(name)!r} and is now {value!r}"
        for name, value in identity["options"].items()
        if then["options"].get(name) != value
    ]
    changes += [
        f"the {name} was {then['machine'].get(name)} and is now {value}"
        for name, value in identity["machine"].items()
        if then["machine"].get(name) != value
    ]
    if then["data"] != identity["data"]:
        changes.append(
            f"the data were {then['rows']:,} rows with fingerprint {then['data'][:12]} and are now "
            f"{identity['rows']:,} rows with fingerprint {identity['data'][:12]}"
        )
    elif then["split"] != identity["split"]:
        changes.append("the rows are divided otherwise into training, validation and held-out rows")
    if changes:
        raise ResumeError(
            f"Cannot resume: {'; '.join(changes)}. Give the same options and data, or start over with --overwrite."
        )
    reporter.info(f"Resuming after step {saved[1]['run']['step']:,}.")


def _write(out: Path, task: Trainer[Any], metrics: Mapping[str, Any], *, overwrite: bool) -> None:
    model_directory.write(
        out,
        {**task.files(metrics), model_directory.METRICS: json.dumps(metrics, indent=1, allow_nan=False).encode()},
        task=metrics["task"],
        labels=task.labels(),
        network=metrics["network"],
        config=metrics["config"],
        metrics=task.summary(metrics),
        data=metrics["data"],
        overwrite=overwrite,
    )
