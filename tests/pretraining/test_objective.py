"""The loss of a batch, and the measures of the held-out texts."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from recurra.pretraining.network import PretrainingNetwork
from recurra.pretraining.objective import Foretelling, surprise, surprise_by_counts
from recurra.pretraining.options import PretrainOptions
from recurra.pretraining.pieces import Pieces
from recurra.pretraining.texts import PretrainingTexts
from recurra.storage.base import BaseShape
from recurra.terminal.progress import Reporter


def test_the_loss_is_that_of_a_word_not_of_a_piece() -> None:
    objective, outputs = Foretelling(), torch.tensor([[6.0, 3.0], [2.0, 1.0], [0.0, 0.0]])
    assert float(objective.loss(outputs, None)) == 2.0
    assert objective.metrics(outputs, None) == {"count": 4.0}
    assert objective.summarise({"count": 4.0}) == {}
    nothing = torch.zeros(2, 2)
    assert float(objective.loss(nothing, None)) == 0.0 and objective.metrics(nothing, None) == {"count": 1.0}


def made_texts() -> list[str]:
    """Texts of 300 words, some of which are common."""
    rng = np.random.default_rng(0)
    share = 1 / np.arange(1, 301)
    return [" ".join(f"w{word}" for word in rng.choice(300, 20, p=share / share.sum())) for _ in range(80)]


def test_held_out_texts_are_measured_beside_a_guess_by_counts(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("\n".join(made_texts()), encoding="utf-8")
    texts = PretrainingTexts(tmp_path, PretrainOptions(min_count=1, valid=0.25))
    texts.read(str(tmp_path / "t.txt"), Reporter(quiet=True), tmp_path / "rejects")
    numbered = texts.numbered()
    training, held_out = (Pieces.of(texts, numbered, part, 5) for part in (texts.train, texts.valid))
    shape = BaseShape(vocabulary=numbered.tokenizer.size, embedding=3, cell="gru", hidden=2, layers=1, direction="both")
    network = PretrainingNetwork(shape, training.counts, len(training))
    foretold = {int(number) for number in np.flatnonzero(network.foretold.numpy())}
    counts = {number: max(0.5, float(training.counts[number])) for number in foretold}
    beside = [int(word) for piece in range(len(held_out)) for word in held_out.beside(piece) if int(word) in foretold]
    expected = -sum(math.log(counts[word] / sum(counts.values())) for word in beside) / len(beside)
    assert surprise_by_counts(network, training, held_out) == pytest.approx(expected, rel=1e-6)
    with torch.no_grad():  # then it says the shares, whatever it reads
        network.nearby.weight.zero_()
    assert surprise(network, held_out, torch.device("cpu")) == pytest.approx(expected, rel=1e-4)
    validation = Foretelling().validate(network, held_out, torch.device("cpu"))
    assert validation.metrics["loss"] == validation.monitor.value == pytest.approx(expected, rel=1e-4)
    texts.close()
