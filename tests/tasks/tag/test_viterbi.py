"""The likeliest tags against the enumeration of all sequences of tags."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from recurra.tasks.tag.viterbi import Transitions, viterbi

LENGTHS = np.array([1, 4, 2, 5, 3])


@pytest.mark.parametrize("tags", [1, 2, 3, 4])
def test_no_sequence_of_tags_scores_higher(tags: int) -> None:
    rng = np.random.default_rng(tags)
    scores = rng.normal(size=(len(LENGTHS), int(LENGTHS.max()), tags)).astype(np.float32)
    crf = Transitions(*(rng.normal(size=size).astype(np.float32) for size in ((tags, tags), tags, tags)))
    best = viterbi(scores, LENGTHS, crf)
    for row, length in enumerate(LENGTHS):

        def total(path: tuple[int, ...], row: int = row) -> float:
            steps = sum(scores[row, t, tag] for t, tag in enumerate(path))
            return float(steps + crf.starts[path[0]] + crf.ends[path[-1]]) + sum(
                float(crf.moves[move]) for move in itertools.pairwise(path)
            )

        expected = max(itertools.product(range(tags), repeat=int(length)), key=total)
        assert tuple(best[row, :length].tolist()) == expected
        assert not best[row, length:].any()


def test_padding_changes_nothing() -> None:
    rng = np.random.default_rng(9)
    scores = rng.normal(size=(len(LENGTHS), 5, 3)).astype(np.float32)
    crf = Transitions(*(rng.normal(size=size).astype(np.float32) for size in ((3, 3), 3, 3)))
    other = scores.copy()
    for row, length in enumerate(LENGTHS):
        other[row, length:] = 1e6
    np.testing.assert_array_equal(viterbi(scores, LENGTHS, crf), viterbi(other, LENGTHS, crf))
