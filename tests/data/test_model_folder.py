"""Nothing is written into a model directory, which would be refused from then on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import recurra
from recurra.data.model_folder import check_outside_models, model_folder
from recurra.errors import OutputError
from support.written_models import MODELS


@pytest.fixture
def model(tmp_path: Path) -> Path:
    shutil.copytree(MODELS / "classify", tmp_path / "m")
    return tmp_path / "m"


def test_a_place_in_a_model_is_found_at_any_depth_and_through_links(model: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(model, target_is_directory=True)
    for inside in (model / "x", model / "a" / "b" / "c", tmp_path / "link" / "x", model / ".." / "m" / "x"):
        assert model_folder(inside) == model
    for outside in (model, tmp_path / "x", tmp_path / "mx" / "y", model / ".." / "x"):
        assert model_folder(outside) is None
        check_outside_models(outside, "--out")
    with pytest.raises(OutputError, match=rf"^--out {model}/x lies in the model directory {model}, "):
        check_outside_models(model / "x", "--out")


@pytest.mark.parametrize("content", ["{}", "[]", "", '{"name": "a web application"}'])
def test_a_manifest_of_something_else_makes_no_model(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    assert model_folder(tmp_path / "x") is None


@pytest.mark.parametrize(
    "words",
    [
        ("train", "{data}", "--out", "{inside}/x"),
        ("train", "{data}", "--out", "{inside}/a/b", "--overwrite"),
        ("train", "{data}", "--out", "{inside}/x", "--resume"),
        ("train", "{data}", "--out", "{inside}/x", "--task", "generate"),
        ("compare", "{data}", "--out", "{inside}/x"),
        ("probe", "--out", "{inside}/x"),
        ("predict", "{model}", "--input", "{data}", "--output", "{inside}/x.csv"),
        ("predict", "{model}", "--input", "{data}", "--output", "{inside}/report.html.csv", "--overwrite"),
        ("predict", MODELS / "tag", "--input", "{data}", "--output", "{inside}/x.conll"),
        ("predict", MODELS / "translate", "--input", "{data}", "--output", "{inside}/x.csv"),
        ("explain", "{model}", "a good film", "--html", "{inside}/x.html"),
        ("explain", "{model}", "a good film", "--html", "{inside}/report.html", "--overwrite"),
    ],
)
def test_no_command_writes_into_a_model(
    cli: Callable[..., Any], model: Path, reviews: Path, tmp_path: Path, words: tuple[Any, ...]
) -> None:
    before = sorted(tmp_path.rglob("*"))
    given = [str(word).format(data=reviews, inside=model, model=MODELS / "classify") for word in words]
    result = cli(*given)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"lies in the model directory {model}, " in result.stderr
    assert sorted(tmp_path.rglob("*")) == before
    recurra.load(model)


def test_rejected_rows_are_not_written_into_a_model(
    cli: Callable[..., Any], model: Path, write_csv: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write_csv([("a good film", "positive"), ("broken", "negative", "x")], "r.csv")
    monkeypatch.chdir(model)
    result = cli("evaluate", ".", data, "--bad-rows", "skip")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "The file for rejected rows" in result.stderr and "lies in the model directory" in result.stderr
    recurra.load(model)


def test_a_classifier_is_not_saved_into_a_model(model: Path) -> None:
    classifier = recurra.SequenceClassifier(hidden=2, embedding=2, epochs=1, threads=1)
    classifier.fit(["good film", "bad film"] * 10, [True, False] * 10)
    with pytest.raises(OutputError, match="lies in the model directory"):
        classifier.save(model / "x")
    recurra.load(model)
