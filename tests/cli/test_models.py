"""`recurra models`: the models that come with the package."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recurra.storage import packaged_models
from support.packaged import Packager
from support.tampered_models import put


def test_the_models_are_listed(
    cli: Callable[..., Any], only_json: Callable[[str], dict[str, Any]], packaged: Packager
) -> None:
    directory = packaged()
    size = sum(path.stat().st_size for path in directory.iterdir() if path.name != "manifest.json")
    assert only_json(cli("models", "--json").stdout)["models"] == [
        {
            "name": "tone-en",
            "task": "classify",
            "labels": ["negative", "positive"],
            "bytes": size,
            "summary": "Says whether an English sentence is kind.",
            "licence": "Apache-2.0 for the weights",
            "path": str(directory),
        }
    ]
    packaged("talker", "chat", card="# Talker\n")
    shown = cli("models").stdout
    assert shown.index("talker") < shown.index("tone-en")
    for words in ("classify", "negative, positive", "Says whether", "Apache-2.0", "not stated in its card", "MB"):
        assert words in shown


def test_without_models(
    cli: Callable[..., Any], only_json: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(packaged_models, "MODELS", tmp_path)
    result = cli("models")
    assert (result.exit_code, result.stdout) == (0, "") and "No model comes" in result.stderr
    assert only_json(cli("models", "--json").stdout) == {"models": []}


def test_a_damaged_model_is_told(cli: Callable[..., Any], packaged: Packager) -> None:
    directory = packaged()
    (directory / "model.onnx").write_bytes(b"x")
    result = cli("models")
    assert result.exit_code == 1 and "model.onnx" in result.stderr and "Traceback" not in result.output


def test_a_model_without_a_card(
    cli: Callable[..., Any], only_json: Callable[[str], dict[str, Any]], packaged: Packager
) -> None:
    put(packaged(), "README.md", None)
    (model,) = only_json(cli("models", "--json").stdout)["models"]
    assert model["summary"] == model["licence"] == ""
