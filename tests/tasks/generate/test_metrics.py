"""Scores of a language model: by character, beside a baseline, and what is copied."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recurra.tasks.generate.metrics import compare_likelihood, copied_share, likelihood_scores


def test_scores_by_character_count_characters() -> None:
    nats = np.full(200, 2.0, dtype=np.float32)
    found = likelihood_scores(nats, 800)
    assert found["nats_per_char"] == pytest.approx(0.5)
    assert found["bits_per_char"] == pytest.approx(0.5 / math.log(2))
    assert found["perplexity"] == pytest.approx(math.exp(2))
    assert found["nats_per_char_ci95"] == pytest.approx([0.5, 0.5])
    assert "nats_per_char" not in likelihood_scores(nats, None)


def test_a_steady_advantage_is_seen_through_noise() -> None:
    nats = np.random.default_rng(5).gamma(2.0, size=5000)
    found = compare_likelihood(nats, nats + 0.01)
    assert found["difference"] == pytest.approx(0.01)
    low, high = found["difference_ci95"]
    assert 0.0099 < low <= high < 0.0101


def test_what_is_copied_is_counted() -> None:
    training = "".join(np.random.default_rng(0).choice(list("abcdefghij"), 500))
    assert copied_share(training[100:200], training) == 1
    assert copied_share(training[::-1], training) == 0
    assert 0.3 < copied_share(training[:100] + training[100:0:-1], training) < 0.6
    assert copied_share("", training) == 1  # nothing is in every text
