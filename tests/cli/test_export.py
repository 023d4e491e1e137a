"""`recurra export`: its targets, and what it prints."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from recurra.cli.export import TARGETS
from support.written_models import MODELS

Cli = Callable[..., Any]


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_is_a_function(target: str, cli: Cli) -> None:
    module, _, name = TARGETS[target].partition(":")
    assert callable(getattr(import_module(module), name))
    assert target in cli("export", "--help").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--to", "mlfow", "--output", "out"), "--to mlfow: accepted are mlflow. Did you mean 'mlflow'?"),
        (("--output", "out"), "--to"),
        (("--to", "mlflow"), "--output"),
        (("--to", "mlflow", "--output", ""), "--output is empty"),
    ],
)
def test_what_is_wrong_is_said(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = cli("export", MODELS / "classify", *words)
    assert (result.exit_code, result.stdout) == (2, "") and said in result.stderr
    assert os.listdir(tmp_path) == []


def test_it_prints_where_the_model_is_and_the_next_command(
    cli: Cli, tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    out = tmp_path / "a model"
    printed = cli("export", MODELS / "tag", "--to", "mlflow", "--output", out).stdout.splitlines()
    assert printed[0] == f"mlflow  {out}"
    assert printed[1].startswith(f"Next    mlflow models predict --model-uri '{out}' ")
    result = only_json(cli("export", MODELS / "tag", "--to", "mlflow", "--output", tmp_path / "b", "--json").stdout)
    assert result["output"] == str(tmp_path / "b") and result["inputs"] == {"text": "text"}
