"""How much each part counts: the better one more, and both where they err apart."""

from __future__ import annotations

import numpy as np
from scipy.special import log_softmax

from recurra.tasks.series.learn.blend import blend_logits, blend_numbers


def logits(targets: np.ndarray, strength: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return strength * np.eye(3)[targets] + rng.normal(size=(len(targets), 3))


def test_the_better_part_counts_more_and_both_count_where_they_err_apart() -> None:
    targets = np.random.default_rng(0).integers(0, 3, 600)
    good, other, noise = logits(targets, 2, 1), logits(targets, 2, 2), logits(targets, 0, 3)
    assert blend_logits(good, noise, targets).network > 5 * blend_logits(good, noise, targets).convolutions
    both = blend_logits(good, other, targets)
    assert 0.3 < both.network / (both.network + both.convolutions) < 0.7
    mixed = both.network * good + both.convolutions * other
    rows = np.arange(600)
    losses = [-log_softmax(one, axis=1)[rows, targets].mean() for one in (mixed, good, other)]
    assert losses[0] < min(losses[1:])


def test_how_sure_a_part_is_by_itself_does_not_matter() -> None:
    targets = np.random.default_rng(0).integers(0, 3, 600)
    good, other = logits(targets, 2, 1), logits(targets, 2, 2)
    one, loud = blend_logits(good, other, targets), blend_logits(good, 5 * other, targets)
    np.testing.assert_allclose(loud.convolutions * 5, one.convolutions, rtol=0.1)


def test_numbers_are_blended_by_their_squared_error() -> None:
    rng = np.random.default_rng(0)
    targets = rng.normal(size=900)
    good, bad = targets + 0.5 * rng.normal(size=900), targets + rng.normal(size=900)
    found = blend_numbers(good, bad, targets)
    assert found.network == 0.8 and abs(found.network + found.convolutions - 1) < 1e-12  # 1 / 0.25 against 1 / 1
    assert blend_numbers(targets, bad, targets) == (1.0, 0.0)
