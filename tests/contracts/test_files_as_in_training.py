"""Every task reads a file in the encoding of its training, and writes the file that a link leads to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.tampered_models import copied, edit_manifest
from support.written_models import FILES, MODELS, write_data

Cli = Callable[..., Any]


def trained_on(encoding: str, task: str, folder: Path) -> Path:
    """Return a model of version 0.1.0 whose training was told an encoding."""
    model = copied(MODELS / task, folder / "model")
    edit_manifest(model, lambda plain: plain | {"config": plain["config"] | {"encoding": encoding}})
    return model


@pytest.mark.parametrize("task", FILES)
def test_a_file_in_the_encoding_of_training_is_judged_as_it_is(cli: Cli, tmp_path: Path, task: str) -> None:
    model, data = trained_on("utf-16", task, tmp_path), write_data(task, tmp_path)
    in_utf_8 = cli("evaluate", model, data, "--json")
    data.write_text(FILES[task][1], encoding="utf-16")
    as_trained = cli("evaluate", model, data, "--json")
    assert (in_utf_8.exit_code, as_trained.exit_code) == (0, 0), in_utf_8.stderr + as_trained.stderr
    first, second = ({**json.loads(result.stdout), "real_time_factor": None} for result in (as_trained, in_utf_8))
    assert first == second
    assert "is in UTF-8, unlike the training's" in in_utf_8.stderr
    assert "Reading as in training: --encoding" in as_trained.stderr
    stated = cli("evaluate", model, data, "--encoding", "utf-8")
    assert stated.exit_code == 1 and "--encoding utf-16" in stated.stderr


@pytest.mark.parametrize("task", ["classify", "tag", "translate"])
def test_a_file_in_the_encoding_of_training_is_answered(cli: Cli, tmp_path: Path, task: str) -> None:
    model, data = trained_on("latin-1", task, tmp_path), write_data(task, tmp_path)
    data.write_text(FILES[task][1].replace("river", "rivière"), encoding="latin-1")
    output = tmp_path / f"out{data.suffix}"
    result = cli("predict", model, "--input", data, "--output", output)
    assert result.exit_code == 0, result.stderr
    assert "rivière" in output.read_text("latin-1" if task == "tag" else "utf-8")


@pytest.mark.parametrize("task", ["classify", "tag", "translate"])
def test_a_link_stays_and_the_file_behind_it_is_written(cli: Cli, tmp_path: Path, task: str) -> None:
    data = write_data(task, tmp_path)
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "answers.bin", tmp_path / f"link{data.suffix}"
    link.symlink_to(target)
    result = cli("predict", MODELS / task, "--input", data, "--output", link, "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["output"] == str(target)
    assert link.is_symlink() and len(target.read_text("utf-8").splitlines()) >= 13
    again = cli("predict", MODELS / task, "--input", data, "--output", link)
    assert again.exit_code == 1 and "exists already" in again.stderr
    around = tmp_path / f"round{data.suffix}"
    around.symlink_to(around)
    result = cli("predict", MODELS / task, "--input", data, "--output", around)
    assert result.exit_code == 1 and "round in a circle" in result.stderr, result.stderr
