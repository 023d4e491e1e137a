"""What --from names: a base, a classifier's layers, or a model that training goes on with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recurra.errors import ArtefactError, OptionError
from recurra.many_to_one.learn.start import read_start
from recurra.many_to_one.learn.trained import Trained
from recurra.storage.base import Base
from recurra.tasks.classify.options import ClassifyOptions
from support.bases import written_base

BEFORE = Path(__file__).parents[2] / "fixtures" / "models-0.1.0"


def test_a_model_of_the_task_is_gone_on_with(trained: tuple[Path, dict[str, Any]]) -> None:
    start, options = read_start(ClassifyOptions(from_=str(trained[0])), "classify")
    assert isinstance(start, Trained) and (options.hidden, options.embedding) == (8, 8)
    assert read_start(ClassifyOptions(), "classify")[0] is None


def test_its_layers_alone_with_a_new_head_or_for_another_task(trained: tuple[Path, dict[str, Any]]) -> None:
    given = ClassifyOptions(from_=str(trained[0]))
    for task, new_head in (("classify", True), ("regress", False)):
        start, options = read_start(given, task, new_head=new_head)
        assert isinstance(start, Base) and options.hidden == 8


def test_a_base_is_started_from_and_has_no_old_rows(tmp_path: Path) -> None:
    written_base(tmp_path / "base")
    given = ClassifyOptions(from_=str(tmp_path / "base"))
    assert isinstance(read_start(given, "classify")[0], Base)
    with pytest.raises(OptionError, match=r"--old-test held\.csv is for a model that training goes on with"):
        read_start(given, "classify", old_test="held.csv")


def test_a_model_of_a_task_that_reads_otherwise_is_refused() -> None:
    with pytest.raises(ArtefactError, match="is a model of the task tag"):
        read_start(ClassifyOptions(from_=str(BEFORE / "tag")), "classify")


@pytest.mark.parametrize("given", [{"new_head": True}, {"old_test": "held.csv"}])
def test_what_is_for_a_start_needs_one(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is for a model in --from"):
        ClassifyOptions(**given)
