"""Which records a run gets: the kinds of --log, checked before any work."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

from recurra.data.model_folder import check_outside_models
from recurra.errors import OptionError, OutputError, did_you_mean, installation
from recurra.options.training import RecordOptions
from recurra.terminal.progress import Reporter
from recurra.training.installed import not_installed
from recurra.training.records.recorder import Recorder
from recurra.training.records.records import Records, read_tokens

RECORDERS: dict[str, str] = {
    "csv": "recurra.training.records.csv:CsvRecorder",
    "tensorboard": "recurra.training.records.tensorboard:TensorBoardRecorder",
    "mlflow": "recurra.training.records.mlflow:MLflowRecorder",
}
"""The kinds of records, as "module:Class"."""
TOKENS = "records.json"


def open_records(
    options: RecordOptions, out: Path, state: Path, reporter: Reporter, *, resume: bool, overwrite: bool
) -> Records:
    """Return the records that the options ask for; nothing is written yet.

    out: the model; state: the folder of the run. Raises OptionError for an unknown kind and for packages that are not
    installed, OutputError where the folder cannot be used, or holds the record of another run.
    """
    kinds = _kinds(options.log)
    folder = Path(options.log_dir) if options.log_dir is not None else out.with_name(out.name + ".log")
    recorders = [_class(kind)(folder.resolve(), out.name) for kind in kinds]
    if recorders:
        _check_folder(folder, out, state)
    before = read_tokens(state / TOKENS) if resume else {}
    for recorder in recorders:
        if recorder.name not in before or not recorder.continues(before[recorder.name]):
            recorder.check(replace=overwrite)
    if recorders:
        reporter.info(f"Recording the run in {folder} ({', '.join(kinds)}).")
    return Records(recorders, state / TOKENS, reporter)


def _kinds(log: str | None) -> list[str]:
    """Return the kinds of records, each once. Raises OptionError for one that there is not."""
    kinds = [] if log is None else [kind.strip() for kind in log.split(",")]
    for kind in kinds:
        if kind not in RECORDERS:
            raise OptionError(
                f"--log {log}: there is no record of the kind {kind!r}.{did_you_mean(kind, RECORDERS)} The kinds are: "
                f"{', '.join(RECORDERS)}."
            )
    return list(dict.fromkeys(kinds))


def _class(kind: str) -> type[Recorder]:
    """Return the class of a kind. Raises OptionError where what it needs is not installed."""
    module, _, name = RECORDERS[kind].partition(":")
    found: type[Recorder] = getattr(import_module(module), name)
    if missing := not_installed(found.modules):
        raise OptionError(
            f"--log {kind} needs packages that are not installed ({', '.join(missing)}). {installation(found.extra)}"
        )
    return found


def _check_folder(folder: Path, out: Path, state: Path) -> None:
    """Raise OutputError where `folder` is of something else, or cannot be written to."""
    check_outside_models(folder, "--log-dir")
    real = Path(os.path.realpath(folder))
    for other, what in ((out, "the model"), (state, "the state of the run")):
        place = Path(os.path.realpath(other))
        if real == place or place in real.parents:
            raise OutputError(f"--log-dir {folder} is a place of {what}, {other}. Choose another one.")
    there = next(place for place in (real, *real.parents) if place.exists())
    if not there.is_dir():
        raise OutputError(f"--log-dir {folder}: {there} is a file. Choose another place.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise OutputError(f"--log-dir {folder}: {there} may not be written to. Choose another place.")
