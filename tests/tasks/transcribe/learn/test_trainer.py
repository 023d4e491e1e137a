"""The steps of a training run, each on what the one before left."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.tasks.transcribe.learn.trainer import TranscribeTrainer
from recurra.tasks.transcribe.options import TranscribeOptions
from recurra.terminal.progress import Reporter
from recurra.training.control import UNATTENDED
from recurra.training.trainer import RunContext
from support.speech import TINY, texts, write_speech

pytest.importorskip("soundfile")


def test_a_run_step_by_step(tmp_path: Path) -> None:
    write_speech(tmp_path, texts(40), 4)
    options = TranscribeOptions(**{**TINY, "epochs": 2})
    context = RunContext(str(tmp_path / "list.csv"), tmp_path, tmp_path / "rejects", Reporter(quiet=True))
    before = set(tmp_path.iterdir())
    with TranscribeTrainer(options, context) as trainer:
        data = trainer.read()
        assert data["rows"] == 40 and data["name"] == "list.csv" and data["speakers"] == 4
        split, digest = trainer.split()
        assert split["train"] + split["valid"] + split["test"] == 40 and digest
        assert "symbols, 2 epochs" in trainer.heading()
        assert len(trainer.fit(UNATTENDED)) == 2
        metrics = trainer.evaluate()
        assert {"test", "train", "mistakes", "baseline", "paired", "hygiene", "config"} <= metrics.keys()
        assert metrics["config"]["sample_rate"] == 8_000 and metrics["config"]["epochs"] == 2
        whole = {**metrics, "data": data, "split": split, "history": [], "task": "transcribe"}
        assert trainer.summary(whole)["wer"] == metrics["test"]["wer"]
        assert '"characters"' in trainer.tokenizer_json()
        assert {"read", "evaluate", "baseline"} <= context.timing.seconds.keys()
    assert set(tmp_path.iterdir()) == before, "temporary files go with the run"
