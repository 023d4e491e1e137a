"""Whole files: lists and joined cells, thresholds, and a run that is resumed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import recurra
from recurra.data.label_sets import labels_of
from recurra.errors import OutputError
from recurra.storage.journal import Journal
from recurra.tasks.multilabel import predict_file as module
from recurra.tasks.multilabel.options import PredictOptions
from support.labelled import LABELS, labelled_rows

TEXTS = [text for text, _ in labelled_rows(40, seed=3)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    pl.DataFrame({"id": range(41), "text": [*TEXTS, ""]}).write_csv(tmp_path / "in.csv")
    return tmp_path / "in.csv"


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_every_kind_of_file_holds_the_labels(labelled_model: tuple[Path, Any], source: Path, suffix: str) -> None:
    model, output = recurra.load(labelled_model[0], task="multilabel"), source.with_name(f"out{suffix}")
    counts = module.predict_file(model, str(source), output, PredictOptions(probabilities=True))
    assert counts["rows"] == 41 and counts["nothing_known_rows"] == 1
    expected = model.predict(TEXTS)
    if suffix == ".csv":
        rows = list(csv.DictReader(output.read_text(encoding="utf-8").splitlines()))
        assert [labels_of(row["labels"], ";")[0] for row in rows[:40]] == expected
        assert rows[40]["labels"] == "" and rows[40]["p(food)"] == ""
        assert list(rows[0]) == ["id", "text", "labels", "truncated", *(f"p({label})" for label in LABELS)]
        return
    rows = (
        [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
        if suffix == ".jsonl"
        else pl.read_parquet(output).to_dicts()
    )
    assert [row["labels"] for row in rows[:40]] == expected and rows[40]["labels"] is None
    assert any(row["labels"] == [] for row in rows[:40])
    assert rows[0]["p(sport)"] == pytest.approx(float(model.predict_proba(TEXTS[:1])[0, LABELS.index("sport")]))


def test_a_threshold_for_all_and_labels_that_hold_the_separator(labelled_model: tuple[Path, Any], source: Path) -> None:
    model, output = recurra.load(labelled_model[0], task="multilabel"), source.with_name("out.csv")
    module.predict_file(model, str(source), output, PredictOptions(threshold=1e-12, answer_empty=True))
    rows = list(csv.DictReader(output.read_text(encoding="utf-8").splitlines()))
    assert all(set(labels_of(row["labels"], ";")[0]) == set(LABELS) for row in rows)


def test_a_run_that_was_stopped_is_resumed_to_the_same_file(
    labelled_model: tuple[Path, Any], source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PIECE_ROWS", 4)
    monkeypatch.setattr(module, "PART_ROWS", 8)
    model = recurra.load(labelled_model[0], task="multilabel")
    whole, output = source.with_name("whole.csv"), source.with_name("out.csv")
    module.predict_file(model, str(source), whole, PredictOptions())
    add: Callable[..., None] = Journal.add

    def failing(self: Journal, *given: Any) -> None:
        if len(self.parts) == 2:
            raise KeyboardInterrupt
        add(self, *given)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "add", failing)
        with pytest.raises(KeyboardInterrupt):
            module.predict_file(model, str(source), output, PredictOptions())
    with pytest.raises(OutputError):
        module.predict_file(model, str(source), output, PredictOptions(threshold=0.3), resume=True)
    counts = module.predict_file(model, str(source), output, PredictOptions(), resume=True)
    assert counts["rows"] == 41 and output.read_bytes() == whole.read_bytes()
