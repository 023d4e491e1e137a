"""Parts of rows: their counts, their digest, and the draws that decide them."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.training.split import Parts, connected, draw, share_in_words, validation_share


def mask(*rows: int) -> np.ndarray:
    return np.isin(np.arange(6), rows)


def test_counts_and_digests_tell_divisions_from_each_other() -> None:
    parts = Parts(mask(0, 1, 2), mask(3), mask(4), "by hand", leaked=1)
    assert parts.counts() == {
        "how": "by hand", "train": 3, "valid": 1, "test": 1, "left_out_of_test_as_repeats": 1
    }  # fmt: skip
    assert "left_out_of_test_as_repeats" not in Parts(mask(0), mask(1), mask(2), "").counts()
    others = (Parts(mask(0, 1), mask(2, 3), mask(4), ""), Parts(mask(0, 1, 2), mask(3), mask(5), ""))
    assert len({part.digest_bytes() for part in (parts, *others)}) == 3


def test_a_draw_follows_its_seed_and_keeps_the_order() -> None:
    rows = np.arange(100, 200)
    drawn = draw(rows, 10, seed=1)
    assert len(set(drawn.tolist())) == 10 and drawn.tolist() == sorted(drawn.tolist())
    assert np.array_equal(drawn, draw(rows, 10, seed=1)) and not np.array_equal(drawn, draw(rows, 10, seed=2))
    assert draw(rows, None, 0) is rows and draw(rows, 100, 0) is rows


def test_validation_has_2000_rows_at_most() -> None:
    assert validation_share(0.1, 100) == 0.1
    assert validation_share(0.1, 100_000) * 100_000 == pytest.approx(2_000)
    assert validation_share(0.1, 0) == 0.1


def test_how_in_words() -> None:
    assert share_in_words(0.1, "rows", "repeats", 3, strata="label") == (
        "10% of the rows held out, stratified by label, repeats kept on one side, seed 3"
    )
    assert (
        share_in_words(0.125, "pairs", "dialogues", 0)
        == "12.5% of the pairs held out, dialogues kept on one side, seed 0"
    )


def test_rows_that_any_grouping_joins_are_connected() -> None:
    one, two = np.array([0, 0, 1, 2, 3, 4]), np.array([7, 8, 8, 9, 9, 5])
    assert connected(one, two).tolist() == [0, 0, 0, 1, 1, 2]
    assert connected(one).tolist() == [0, 0, 1, 2, 3, 4]
    assert connected(one[:0], two[:0]).tolist() == []
