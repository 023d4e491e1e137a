"""How long a base is trained, and from which word vectors it starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recurra.pretraining import fit as module
from recurra.pretraining.fit import epochs_for, fit_base
from recurra.pretraining.options import PretrainOptions
from recurra.pretraining.texts import PretrainingTexts
from recurra.terminal.progress import Reporter
from recurra.training.control import UNATTENDED
from support.commands import made_rows


def test_fewer_texts_are_read_more_often() -> None:
    options = PretrainOptions()
    epochs = [epochs_for(options, texts) for texts in (100, 20_000, 50_000, 1_000_000)]
    assert epochs == sorted(epochs, reverse=True) and epochs[0] > epochs[1] > epochs[2] >= epochs[3] >= 1
    assert epochs_for(PretrainOptions(epochs=7), 1_000_000) == 7


def test_it_starts_from_vectors_counted_in_the_texts_to_learn_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t.txt").write_text("\n".join(text for text, _ in made_rows(40)), encoding="utf-8")
    options = PretrainOptions(
        min_count=1, hidden=3, embedding=4, epochs=1, valid=0.25, window=4, threads=1, learning_rate=1e-8
    )
    texts = PretrainingTexts(tmp_path, options)
    texts.read(str(tmp_path / "t.txt"), Reporter(quiet=True), tmp_path / "rejects")
    numbered = texts.numbered()
    seen: list[NDArray[Any]] = []

    def counted(sequences: Any, words: int, width: int, *, scale: float, seed: int) -> NDArray[np.float32]:
        seen.extend(sequences)
        return np.full((words, width), 0.25, dtype=np.float32)

    monkeypatch.setattr(module, "vectors", counted)
    fitted = fit_base(texts, numbered, options, UNATTENDED)
    assert [ids.tolist() for ids in seen] == [
        numbered.tokenizer.ids(list(texts.texts)[text]).tolist() for text in texts.train
    ]
    assert np.allclose(fitted.weights["embedding.weight"], 0.25, atol=1e-5)
    assert fitted.weights.keys() == fitted.shape.weight_shapes().keys()
    assert fitted.held_out["texts"] == 10
    texts.close()
