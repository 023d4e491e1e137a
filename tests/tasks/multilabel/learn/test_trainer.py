"""What training states of its data, and what it tells before it begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.tasks.multilabel.learn.trainer import MultilabelTrainer
from recurra.tasks.multilabel.options import MultilabelOptions
from recurra.training.trainer import RunContext
from support.labelled import LABELS, Told, labelled_rows, write_indicators, write_labelled


def context(folder: Path, data: Path, told: Told) -> RunContext:
    return RunContext(str(data), folder, folder / "rejects", told)


def test_the_data_and_the_division(tmp_path: Path) -> None:
    told = Told()
    data = write_labelled(tmp_path / "t.csv", labelled_rows(100), "|", "topics")
    options = MultilabelOptions(label="topics", ensemble=2)
    with MultilabelTrainer(options, context(tmp_path, data, told)) as trainer:
        found = trainer.read()
        counts, digest = trainer.split()
        assert found["label"] == "topics" and found["separator"] == "|" and found["labels"] == []
        assert found["rows"] == 100 and found["text"] == "text" and found["fingerprint"]
        assert (counts["train"], counts["valid"], counts["test"]) == (81, 9, 10) and digest
        assert trainer.labels() == LABELS
        assert "2 networks of 1 x LSTM(64)" in trainer.heading() and "n-grams of 1 to 2 words" in trainer.heading()
    assert any(sentence.startswith("Labels (4,") for sentence in told.sentences)
    assert any("stratified by label" in sentence for sentence in told.sentences)


@pytest.mark.parametrize("seed", [0, 1])
def test_another_seed_holds_out_other_rows(tmp_path: Path, seed: int) -> None:
    data = write_indicators(tmp_path / "t.csv", labelled_rows(60))
    digests = []
    for other in (seed, seed, seed + 5):
        options = MultilabelOptions(labels=",".join(LABELS), seed=other)
        with MultilabelTrainer(options, context(tmp_path, data, Told())) as trainer:
            assert trainer.read()["labels"] == LABELS
            digests.append(trainer.split()[1])
    assert digests[0] == digests[1] != digests[2]
