"""The loss against a sum over all paths, and the errors on validation rows against a count by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from recurra.nn.batch import Batch
from recurra.tasks.transcribe.features import FrontEnd
from recurra.tasks.transcribe.learn.examples import CTCTargets, Examples, join_symbols
from recurra.tasks.transcribe.learn.objective import CTC
from recurra.tasks.transcribe.learn.waveforms import Waveforms

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


def waveforms(sizes: list[int]) -> Waveforms:
    rng = np.random.default_rng(1)
    kept = Waveforms()
    for size in sizes:
        kept.append(rng.uniform(-0.5, 0.5, size).astype(np.float32))
    return kept


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
    kept = waveforms(sizes)
    truths = [np.array(text, dtype=np.int64) for text in ([1, 2, 3], [4, 4], [2])]
    rows = Examples(kept, np.arange(3), truths, np.zeros(3, dtype=np.int64), FRONT_END, 1)
    found = CTC().validate(Answers([[1, 3], [4, 4], [3, 1, 2]]), rows, torch.device("cpu"))
    assert found.metrics["cer"] == pytest.approx((1 + 0 + 2) / 6)
    assert found.monitor.better == "lower" and found.monitor.value >= found.metrics["cer"]
    kept.close()


def test_a_batch_holds_the_steps_and_the_symbols_of_its_rows() -> None:
    kept = waveforms([4000, 900, 100, 2500])
    symbols = [np.array(text, dtype=np.int64) for text in ([1, 2, 3], [], [4], [2, 2])]
    rows = Examples(
        kept, np.array([3, 0, 2, 1]), [symbols[row] for row in (3, 0, 2, 1)], np.zeros(4, np.int64), FRONT_END, 1
    )
    assert len(rows) == 4 and rows.steps.tolist() == [FRONT_END.steps(size) for size in (2500, 4000, 100, 900)]
    batch, targets = rows.batch(np.array([1, 3, 0]))
    assert targets.steps.tolist() == batch.lengths.tolist() == rows.steps[[1, 3, 0]].tolist()
    assert targets.lengths.tolist() == [3, 0, 2]
    assert targets.symbols.tolist() == [[1, 2, 3], [0, 0, 0], [2, 2, 0]]
    for row, number in enumerate((0, 1, 3)):
        np.testing.assert_array_equal(batch.values[row, : batch.lengths[row]], FRONT_END(kept[number]))
    shuffled = rows.batches(2, np.random.default_rng(0))
    assert sorted(np.concatenate(shuffled).tolist()) == [0, 1, 2, 3]
    kept.close()


def test_joined_transcripts_have_a_space_between() -> None:
    parts = [np.array(part, dtype=np.int64) for part in ([], [3, 4], [], [5], [])]
    assert join_symbols(parts, 1).tolist() == [3, 4, 1, 5]
    assert join_symbols([], 1).tolist() == []


class Louder:
    """Joins two more utterances to each, and doubles what it hears by a random factor."""

    def joined(self, rng: np.random.Generator) -> int:
        return 2

    def __call__(self, parts: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
        return FRONT_END(np.concatenate(parts)) * np.float32(rng.uniform(1, 2))


def test_an_epoch_is_varied_by_its_seed_alone_and_joins_the_same_speaker() -> None:
    kept = waveforms([800, 1600, 2400, 3200])
    symbols = [np.array([symbol], dtype=np.int64) for symbol in (2, 3, 4, 5)]
    speakers = np.array([0, 1, 0, 1])

    def epoch(seed: int) -> list[tuple[list[float], list[list[int]]]]:
        rows = Examples(kept, np.arange(4), symbols, speakers, FRONT_END, 1, Louder())
        rows.batches(2, np.random.default_rng(seed))
        made = [rows.batch(np.array([row])) for row in (3, 0, 2, 1)]
        return [(batch.values.flatten().tolist(), targets.symbols.tolist()) for batch, targets in made]

    assert epoch(0) == epoch(0)
    assert epoch(0) != epoch(1)
    for (_, (text,)), row in zip(epoch(0), (3, 0, 2, 1), strict=True):
        said = [symbol for symbol in text if symbol != 1]
        assert len(said) == 3 and symbols[row][0] in said
        assert {symbol % 2 for symbol in said} == {int(symbols[row][0]) % 2}
    kept.close()
