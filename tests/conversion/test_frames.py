"""Which columns a model takes and gives, and that a table never names a file."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from recurra.conversion.frames import FRAMES, Columns, _of_labels, frame_of
from recurra.errors import DataError, OptionError
from recurra.tasks.registry import TASKS, all_tasks, get_task, load
from support.written_models import MODELS, write_data


@pytest.mark.parametrize("task", TASKS)
def test_a_task_answers_a_table_or_names_another_command(task: str) -> None:
    if task in FRAMES:
        assert get_task(task).can("predict") and frame_of(get_task(task)) is FRAMES[task]
    else:
        with pytest.raises(OptionError, match=rf"task {task} does not answer the rows .* Try: recurra {task} DIR"):
            frame_of(get_task(task))


def test_no_task_is_named_that_there_is_not() -> None:
    assert FRAMES.keys() <= {task.name for task in all_tasks()}


@pytest.mark.parametrize(
    ("labels", "kind"),
    [(["a", "b"], "text"), ([0, 1], "whole"), ([0, 0.5], "number"), ([False, True], "flag"), ([1, "one"], "text")],
)
def test_labels_keep_their_type(labels: list[Any], kind: str) -> None:
    expected: Any = {"label": kind, "probability": "number", "probabilities": "numbers by name"}
    assert _of_labels(labels) == expected


@pytest.mark.parametrize("cell", ["file.csv", "", " x[", None, 3, [1, 2]])
def test_a_series_is_a_list_and_never_a_path(cell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.csv").write_text("x,y\n1,2\n")
    model = load(MODELS / "series")
    with pytest.raises(DataError, match=r"Row 2: the column series must hold a JSON list"):
        FRAMES["series"].answer(get_task("series"), model, {"series": ["[[1, 2]]", cell]})


@pytest.mark.parametrize("cell", ["/etc/hostname", None, 3])
def test_a_recording_is_bytes_and_never_a_path(cell: Any) -> None:
    model = load(MODELS / "transcribe")
    with pytest.raises(DataError, match="Row 1: the column audio must hold the bytes of a recording"):
        FRAMES["transcribe"].answer(get_task("transcribe"), model, {"audio": [cell]})


def test_covariates_are_columns_too(tmp_path: Path) -> None:
    covariates = {"past": ["visits"], "future": ["price", "holiday"], "static": ["area"]}
    manifest = SimpleNamespace(data={"id": "shop", "time": "day", "target": "sold", "covariates": covariates})
    expected: Columns = {
        "shop": "text", "day": "text", "sold": "number",
        "visits": "number", "price": "number", "holiday": "number", "area": "number",
    }  # fmt: skip
    frame: Any = FRAMES["forecast"]
    assert frame.inputs(None, manifest) == expected
    assert list(frame.outputs(None, manifest)) == ["shop", "day", "y", "lo", "hi"]
    manifest.data = {"id": None, "time": "day", "target": "sold", "covariates": {}}
    assert frame.inputs(None, manifest) == {"day": "text", "sold": "number"}
    assert list(frame.outputs(None, manifest)) == ["unique_id", "day", "y", "lo", "hi"]


def test_an_error_of_a_table_names_its_row_and_not_where_it_lay(tmp_path: Path) -> None:
    cells = {"unique_id": ["a", "a", "a"], "ds": ["2020-01-01", "2020-02-01", "2020-02-01"], "y": [1.0, 2.0, 3.0]}
    assert write_data("forecast", tmp_path)
    with pytest.raises(DataError, match="row 3"):
        FRAMES["forecast"].answer(get_task("forecast"), load(MODELS / "forecast"), cells)
