"""Evaluating a translator: what is skipped is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

import recurra
from recurra.tasks.translate.evaluate import evaluate
from recurra.tasks.translate.options import TranslateEvaluateOptions
from recurra.terminal.progress import Reporter
from support.written_models import MODELS


def test_broken_rows_that_are_skipped_are_reported_and_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    data = tmp_path / "pairs.tsv"
    data.write_text("source\ttarget\none\tuno\ntwo\tdue\tmany\nthree\ttre\n")
    model = recurra.load(MODELS / "translate", task="translate")
    options = TranslateEvaluateOptions(bad_rows="skip", beam=1)
    assert evaluate(model, str(data), options, Reporter())["rows"] == 2
    assert "two" in Path("pairs.tsv.rejects").read_text()
    assert f"1 broken rows were skipped; they are in {Path.cwd() / 'pairs.tsv.rejects'}" in capsys.readouterr().err
