"""Which task a model directory is of."""

from __future__ import annotations

from pathlib import Path

import pytest

import recurra
from recurra.cli.inspect import inspect
from recurra.errors import ArtefactError
from recurra.storage import model_directory


def test_a_model_of_a_task_that_is_not_here_is_refused(tmp_path: Path) -> None:
    files = {"model.onnx": b"m", "tokenizer.json": b"t"}
    model_directory.write(tmp_path / "m", files, task="segment", labels=[], network={}, config={}, metrics={}, data={})
    for look in (recurra.load, inspect):
        with pytest.raises(ArtefactError, match="the task 'segment', which this Recurra does not have"):
            look(tmp_path / "m")  # type: ignore[operator]


PROGRAM = """
from typing import assert_type

import recurra

assert_type(recurra.load("m", task="classify"), recurra.Classifier)
assert_type(recurra.load("m", task="multilabel"), recurra.MultilabelClassifier)
assert_type(recurra.load("m", task="generate"), recurra.Generator)
assert_type(recurra.load("m", 2, task="tag"), recurra.Tagger)
assert_type(recurra.load("m", task="translate"), recurra.Translator)
assert_type(recurra.load("m", task="chat"), recurra.Chatter)
assert_type(recurra.load("m", task="transcribe"), recurra.Transcriber)
assert_type(recurra.load("m", task="regress"), recurra.TextRegressor)
assert_type(recurra.load("m", task="series"), recurra.SeriesModel)
assert_type(recurra.load("m", task="forecast"), recurra.ForecastModel)
assert_type(
    recurra.load("m"),
    recurra.Classifier
    | recurra.MultilabelClassifier
    | recurra.TextRegressor
    | recurra.Generator
    | recurra.Tagger
    | recurra.Translator
    | recurra.Chatter
    | recurra.Transcriber
    | recurra.SeriesModel
    | recurra.ForecastModel,
)
recurra.load("m", task="tag").tagg([])
"""


def test_a_type_checker_knows_the_class_of_each_task(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api", reason="needs mypy")
    (tmp_path / "program.py").write_text(PROGRAM)
    arguments = ["--config-file=", "--strict", "--ignore-missing-imports", "--follow-imports=silent"]
    printed, _, _ = api.run([*arguments, f"--cache-dir={tmp_path / 'cache'}", str(tmp_path / "program.py")])
    errors = [line for line in printed.splitlines() if "error:" in line]
    assert len(errors) == 1 and '"Tagger" has no attribute "tagg"' in errors[0], printed
