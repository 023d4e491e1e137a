"""Utterances as the network takes them: padded, in batches, and varied by the seed of the epoch alone."""

from __future__ import annotations

import tracemalloc

import numpy as np

from recurra.tasks.transcribe.features import FrontEnd
from recurra.tasks.transcribe.learn.examples import Examples, join_symbols
from support.speech import noises

FRONT_END = FrontEnd(rate=8000, mels=8, stack=2)


def test_the_statistics_are_those_of_all_frames() -> None:
    kept = noises([4000, 900, 100, 2500])
    rows = Examples(kept, np.array([0, 3, 1]), [np.array([1])] * 3, np.zeros(3, np.int64), FRONT_END, 1)
    mean, deviation = rows.statistics()
    energies = np.concatenate([FRONT_END.levelled(FRONT_END.log_mel(kept[row])) for row in (0, 3, 1)])
    np.testing.assert_allclose(mean, energies.mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(deviation, energies.std(axis=0), atol=1e-4)
    kept.close()


def test_a_batch_holds_the_steps_and_the_symbols_of_its_rows() -> None:
    kept = noises([4000, 900, 100, 2500])
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

    def joined(self, samples: int, rng: np.random.Generator) -> int:
        return 2

    def __call__(self, parts: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
        return FRONT_END(np.concatenate(parts)) * np.float32(rng.uniform(1, 2))


def test_an_epoch_is_varied_by_its_seed_alone_and_joins_the_same_speaker() -> None:
    kept = noises([800, 1600, 2400, 3200])
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


def test_memory_does_not_go_with_the_square_of_a_speakers_utterances() -> None:
    count = 4_000
    kept = noises([100])
    rows = np.zeros(count, dtype=np.int64)
    tracemalloc.start()
    made = Examples(kept, rows, [np.array([2])] * count, np.zeros(count, np.int64), FRONT_END, 1, Louder())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(made) == count and most < 8 * count * 100
    kept.close()
