"""What is held out: a share, a file, or nothing where a task can be trained without an evaluation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recurra.errors import OptionError
from recurra.tasks.configuration import task_options


@pytest.mark.parametrize("task", ["tag", "generate", "translate", "chat"])
def test_other_tasks_need_something_to_evaluate_on(task: str) -> None:
    with pytest.raises(OptionError, match=r"such as --split 0\.01, or another file with --test"):
        task_options({"task": task, "split": 0.0})
    assert task_options({"task": task, "split": 0.01}).split == 0.01  # type: ignore[attr-defined]


def test_a_classifier_may_train_on_all_rows() -> None:
    assert task_options({"split": 0.0}).split == 0.0  # type: ignore[attr-defined]


@pytest.mark.parametrize("share", [-0.1, 1.0, 2.0])
def test_a_share_that_is_none(share: float) -> None:
    with pytest.raises(OptionError, match="--split cannot be"):
        task_options({"split": share})


def test_it_is_said_before_any_file_is_read(cli: Callable[..., Any], tmp_path: Path) -> None:
    result = cli("train", tmp_path / "none.txt", "--task", "tag", "--out", tmp_path / "m", "--split", "0")
    assert result.exit_code == 2 and "--split 0.01" in result.stderr.replace("\n", " ")
