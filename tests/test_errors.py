"""How what a file holds appears in a message."""

from __future__ import annotations

from pathlib import Path

import pytest

import recurra
from recurra.errors import ArtefactError, brief, did_you_mean
from support.tampered_models import copied, edit_json, edit_manifest
from support.written_models import MODELS


def test_a_value_is_quoted_escaped_and_cut() -> None:
    assert brief("a\nb\x1b") == "'a\\nb\\x1b'"
    assert brief("x" * 81) == f"'{'x' * 80}...'" and brief("x" * 80) == f"'{'x' * 80}'"
    assert brief(["x" * 500]) == f"['{'x' * 78}..." and brief(5) == "5"


def test_a_word_is_not_meant_by_itself() -> None:
    assert did_you_mean("lable", ["label", "text"]) == " Did you mean 'label'?"
    assert did_you_mean("label", ["label", "text"]) == ""


@pytest.mark.parametrize("field", ["pattern", "kind", "rule"])
@pytest.mark.parametrize("task", ["classify", "generate", "tag", "translate"])
def test_names_of_a_model_are_cut_in_its_errors(task: str, field: str, tmp_path: Path) -> None:
    model = copied(MODELS / task, tmp_path / "model")
    edit_json(
        model, "tokenizer.json", lambda plain: {**plain, field: "x" * 5000} if field in plain else {"y" * 5000: 1}
    )
    with pytest.raises(ArtefactError) as raised:
        recurra.load(model)
    assert len(str(raised.value)) < 600
    edit_manifest(model, lambda plain: {**plain, "x" * 5000: 1})
    with pytest.raises(ArtefactError) as raised:
        recurra.load(model)
    assert len(str(raised.value)) < 600
