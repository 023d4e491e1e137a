"""Where a run is recorded is an option of every task, and decides nothing of the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recurra.errors import OptionError
from recurra.options.training import RecordOptions, TaskOptions
from recurra.tasks.configuration import task_options
from recurra.training.records.opening import RECORDERS


def test_the_option_names_every_kind_of_record() -> None:
    description = RecordOptions.model_fields["log"].description or ""
    assert all(kind in description for kind in RECORDERS)


def test_where_a_run_is_recorded_is_no_part_of_it() -> None:
    options = TaskOptions(log="csv", log_dir="x")
    assert options.model_dump() == TaskOptions().model_dump()
    assert (options.log, options.log_dir) == ("csv", "x")


def test_a_config_file_may_ask_for_records(tmp_path: Path) -> None:
    (tmp_path / "options.toml").write_text('log = "csv,mlflow"\nlog-dir = "records"\n')
    options = task_options({}, tmp_path / "options.toml")
    assert (options.log, options.log_dir) == ("csv,mlflow", "records")
    with pytest.raises(OptionError, match="log cannot be true: it must be a text"):
        task_options({"log": True})


def test_a_folder_without_records_is_refused(cli: Callable[..., Any], reviews: Path, tmp_path: Path) -> None:
    result = cli("train", reviews, "--out", tmp_path / "m", "--log-dir", tmp_path / "log")
    assert result.exit_code == 2
    assert "--log-dir is the folder for what --log records; give --log too, or leave it out." in result.stderr
