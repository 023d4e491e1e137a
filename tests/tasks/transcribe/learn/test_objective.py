"""The loss against a sum over all paths, and the errors on validation rows against a count by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from recurra.nn.batch import Batch
from recurra.tasks.transcribe.features import FrontEnd
from recurra.tasks.transcribe.learn.examples import CTCTargets, Examples
from recurra.tasks.transcribe.learn.objective import CTC
from support.speech import noises

FRONT_END = FrontEnd(rate=8000, mels=8, stack=2)


def collapsed(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(symbol for symbol, _ in itertools.groupby(path) if symbol)


def by_all_paths(log_probabilities: np.ndarray, symbols: list[int]) -> float:
    steps, kinds = log_probabilities.shape
    total = 0.0
    for path in itertools.product(range(kinds), repeat=steps):
        if collapsed(path) == tuple(symbols):
            total += math.exp(sum(log_probabilities[step, symbol] for step, symbol in enumerate(path)))
    return -math.log(total) if total else 0.0


def test_the_loss_is_that_of_all_paths_a_character() -> None:
    rng = np.random.default_rng(0)
    texts, steps = [[1, 2], [2, 2], [], [1, 1, 1]], [4, 3, 2, 3]  # the last one has no path
    logits = torch.tensor(rng.standard_normal((4, 4, 3)), dtype=torch.float32)
    padded = torch.zeros(4, 3, dtype=torch.int64)
    for row, text in enumerate(texts):
        padded[row, : len(text)] = torch.tensor(text)
    targets = CTCTargets(padded, torch.tensor([len(text) for text in texts]), torch.tensor(steps))
    logs = logits.log_softmax(-1).numpy().astype(np.float64)
    expected = sum(by_all_paths(logs[row, : steps[row]], text) for row, text in enumerate(texts))
    assert float(CTC().loss(logits, targets)) == pytest.approx(expected / 7, rel=1e-5)
    assert CTC().metrics(logits, targets) == {"count": 7}


class Answers(torch.nn.Module):
    """Answers with the symbols that it is given, a step each and blanks between."""

    def __init__(self, answers: list[list[int]]) -> None:
        super().__init__()
        self.answers, self.asked = answers, 0

    def forward(self, batch: Batch) -> torch.Tensor:
        logits = torch.zeros(*batch.values.shape[:2], 5)
        logits[:, :, 0] = 5
        for row in logits:
            for place, symbol in enumerate(self.answers[self.asked]):
                row[2 * place, symbol] = 10
            self.asked += 1
        return logits


def test_validation_counts_the_characters_that_are_wrong() -> None:
    sizes = [8000, 7000, 6000]  # by falling length, as they are scored
    kept = noises(sizes)
    truths = [np.array(text, dtype=np.int64) for text in ([1, 2, 3], [4, 4], [2])]
    rows = Examples(kept, np.arange(3), truths, np.zeros(3, dtype=np.int64), FRONT_END, 1)
    found = CTC().validate(Answers([[1, 3], [4, 4], [3, 1, 2]]), rows, torch.device("cpu"))
    assert found.metrics["cer"] == pytest.approx((1 + 0 + 2) / 6)
    assert found.monitor.better == "lower" and found.monitor.value >= found.metrics["cer"]
    kept.close()
