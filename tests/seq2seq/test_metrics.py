"""Scores of written answers, against sacrebleu itself and against counts by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sacrebleu

from recurra.seq2seq.metrics import context_gain, corpus_scores, diversity, likelihood_scores

REFERENCES = [
    "Two dogs play in the snow.",
    "A man sleeps on a couch.",
    "Children run.",
    "The sun shines on the sea.",
] * 5
ANSWERS = ["Two dogs are playing in snow.", "A man sleeps on a couch.", "children run", "Sun at sea."] * 5


def test_bleu_and_chrf_are_those_of_sacrebleu() -> None:
    found = corpus_scores(ANSWERS, REFERENCES)
    assert found["bleu"] == pytest.approx(sacrebleu.corpus_bleu(ANSWERS, [REFERENCES]).score)
    assert found["chrf"] == pytest.approx(sacrebleu.corpus_chrf(ANSWERS, [REFERENCES]).score)
    assert found["bleu_signature"].startswith("nrefs:1|case:mixed|eff:no|tok:13a")
    assert found["exact_match"] == 0.25
    for name in ("bleu", "chrf"):
        low, high = found[f"{name}_ci95"]
        assert low < found[name] < high


def test_bootstrap_intervals_are_about_those_of_sacrebleu() -> None:
    found = corpus_scores(ANSWERS, REFERENCES)["bleu_ci95"]
    theirs = sacrebleu.metrics.bleu.BLEU().corpus_score(ANSWERS, [REFERENCES], n_bootstrap=1000)
    assert (found[1] - found[0]) / 2 == pytest.approx(theirs._ci, rel=0.15)
    assert sum(found) / 2 == pytest.approx(theirs._mean, rel=0.05)


def test_equal_answers_are_perfect() -> None:
    found = corpus_scores(REFERENCES, REFERENCES)
    assert (found["bleu"], found["chrf"], found["exact_match"]) == (pytest.approx(100), pytest.approx(100), 1.0)


def test_likelihood_weighs_rows_by_their_pieces() -> None:
    nats = [np.array([1.0, 2.0], np.float32), np.array([4.0], np.float32), np.array([0.5, 0.5, 1.0], np.float32)]
    right = [np.array([True, False]), np.array([False]), np.array([True, True, True])]
    found = likelihood_scores(nats, right)
    assert found["nats_per_token"] == pytest.approx(9 / 6)
    assert found["perplexity"] == pytest.approx(math.exp(9 / 6))
    assert found["accuracy"] == pytest.approx(4 / 6)
    assert found["nats_per_token_ci95"][0] < 9 / 6 < found["nats_per_token_ci95"][1]


def test_what_the_context_brings_is_counted_a_piece_over_all_rows() -> None:
    rng = np.random.default_rng(0)
    own = [rng.random(length).astype(np.float32) for length in (1, 4, 9, 2) * 10]
    other = [row + np.float32(0.5) for row in own]
    found = context_gain(own, other)
    assert found["context_gain"] == pytest.approx(0.5, abs=1e-6)
    assert found["context_gain_ci95"] == pytest.approx([0.5, 0.5], abs=1e-6)
    pieces = sum(map(len, own))
    assert found["perplexity_of_another_context"] == pytest.approx(math.exp(sum(map(np.sum, other)) / pieces))
    uneven = context_gain(own, [row + (0.9 if place % 2 else -0.3) for place, row in enumerate(own)])
    assert uneven["context_gain_ci95"][0] < uneven["context_gain"] < uneven["context_gain_ci95"][1]


def test_diversity_counts_words_and_neighbouring_pairs() -> None:
    found = diversity(["I don't know.", "I know."])
    assert found["distinct_1"] == pytest.approx(4 / 7)  # i, don't, know, . of seven
    assert found["distinct_2"] == pytest.approx(4 / 5)
    assert diversity([""]) == {"distinct_1": 0.0, "distinct_2": 0.0, "mean_words": 0.0}


def test_one_row_has_no_interval() -> None:
    nats, right = [np.array([1.0, 2.0], np.float32)], [np.array([True, False])]
    assert corpus_scores(ANSWERS[:1], REFERENCES[:1])["bleu_ci95"] is None
    assert corpus_scores(ANSWERS[:1], REFERENCES[:1])["chrf_ci95"] is None
    for found in (likelihood_scores(nats, right), context_gain(nats, [nats[0] + 1])):
        intervals = {name: value for name, value in found.items() if name.endswith("_ci95")}
        assert intervals and set(intervals.values()) == {None}
    sure = likelihood_scores(nats * 2, [np.array([True, True])] * 2)["accuracy_ci95"]
    assert sure[0] < 0.5 and sure[1] == 1, "two rows that are right are no certainty"
