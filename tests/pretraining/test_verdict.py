"""A base that is no better than counting is told as such."""

from __future__ import annotations

import pytest

from recurra.pretraining.verdict import verdict


@pytest.mark.parametrize(("perplexity", "told"), [(90.0, False), (100.0, True), (120.0, True)])
def test_only_what_is_no_better_than_counting_is_told(perplexity: float, told: bool) -> None:
    words = verdict({"perplexity": perplexity, "perplexity_by_counts": 100.0})
    assert ("no better than counting" in words) == told == bool(words)
