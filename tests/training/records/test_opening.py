"""Which records a run gets, and what is refused before anything is read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recurra.errors import OptionError, OutputError
from recurra.options.training import RecordOptions
from recurra.terminal.progress import Reporter
from recurra.training.records.opening import open_records
from support.records import csv_figures

Cli = Callable[..., Any]


def opened(tmp_path: Path, log: str | None, log_dir: Path | None = None, **how: Any) -> None:
    options = RecordOptions(log=log, log_dir=None if log_dir is None else str(log_dir))
    how = {"resume": False, "overwrite": False, **how}
    open_records(options, tmp_path / "m", tmp_path / "m.training", Reporter(quiet=True), **how)


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (
            "tensorbord",
            r"no record of the kind 'tensorbord'. Did you mean 'tensorboard'\? .*csv, tensorboard, mlflow\.",
        ),
        ("csv,", "no record of the kind ''"),
        ("", "no record of the kind ''"),
    ],
)
def test_an_unknown_kind_is_refused(tmp_path: Path, log: str, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        opened(tmp_path, log)


@pytest.mark.parametrize(
    ("kind", "module"), [("tensorboard", "tensorboardX"), ("mlflow", "mlflow"), ("mlflow", "alembic")]
)
def test_what_is_not_installed_is_named_before_training_starts(
    cli: Cli, reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    result = cli("train", reviews, "--out", tmp_path / "m", "--log", f"csv,{kind}")
    assert result.exit_code == 2
    assert f"--log {kind} needs packages that are not installed ({module})." in result.stderr
    assert f"pip install '.[{kind}]'" in result.stderr and "Reading" not in result.stderr
    assert os.listdir(tmp_path) == ["reviews.csv"]


def test_a_folder_of_something_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "manifest.json").write_text('{"recurra": "0.1.0"}')
    for folder, words in (
        (tmp_path / "m", "is a place of the model"),
        (tmp_path / "m" / "log", "is a place of the model"),
        (tmp_path / "m.training", "is a place of the state of the run"),
        (tmp_path / "file" / "log", "file is a file"),
        (tmp_path / "model" / "log", "lies in the model directory"),
    ):
        with pytest.raises(OutputError, match=f"--log-dir .*{words}"):
            opened(tmp_path, "csv", folder)
    opened(tmp_path, "csv")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    with pytest.raises(OutputError, match="may not be written to"):
        opened(tmp_path, "csv")


def test_the_record_of_an_earlier_run_is_kept_unless_it_is_to_be_overwritten(
    train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path
) -> None:
    train_tiny(reviews, tmp_path / "m", log="csv", log_dir=str(tmp_path / "log"))
    before = csv_figures(tmp_path / "log")
    assert not (tmp_path / "m.log").exists()
    with pytest.raises(OutputError, match="is the record of an earlier run"):
        train_tiny(reviews, tmp_path / "n", log="csv", log_dir=str(tmp_path / "log"))
    assert csv_figures(tmp_path / "log") == before and not (tmp_path / "n").exists()
    train_tiny(reviews, tmp_path / "m", log="csv", log_dir=str(tmp_path / "log"), epochs=2, overwrite=True)
    assert len(csv_figures(tmp_path / "log")) > len(before)
    with pytest.raises(OutputError, match="already holds a model"):
        train_tiny(reviews, tmp_path / "m", log="csv")
