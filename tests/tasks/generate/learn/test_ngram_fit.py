"""The n-grams beside a network: shares of the largest likelihood, counts of the whole text, a tree that fits."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recurra.tasks.generate.learn import ngram_fit
from recurra.tasks.generate.learn.check import checked_graph
from recurra.tasks.generate.learn.kneser_ney import ngram_tree
from recurra.tasks.generate.learn.network import LanguageNetwork
from recurra.tasks.generate.learn.ngram_fit import fit_ngrams, fit_shares, predictions
from recurra.tasks.generate.mixture import mixture_from
from recurra.tasks.generate.session import LanguageSession
from recurra.tasks.generate.shape import LanguageShape

V = 6


@pytest.fixture(scope="module")
def session() -> LanguageSession:
    torch.manual_seed(0)
    shape = LanguageShape(level="char", vocabulary=V, embedding=4, cell="lstm", hidden=5, layers=1, tied=False)
    return LanguageSession(checked_graph(LanguageNetwork(shape))[0])


def text(length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 4, length)


def test_shares_are_those_of_the_largest_likelihood() -> None:
    rng = np.random.default_rng(0)
    network, ngrams = (rng.uniform(0.01, 1, 6_000).astype(np.float32) for _ in range(2))
    length = rng.integers(0, 2, 6_000)
    ngrams[length == 1] *= 3
    found = fit_shares(network, ngrams, length, 3)
    grid = np.linspace(0.005, 0.995, 199)[:, None]
    for group in (0, 1):
        chances = grid * network[length == group] + (1 - grid) * ngrams[length == group]
        assert found[group] == pytest.approx(grid[np.log(chances).sum(axis=1).argmax(), 0], abs=0.02)
    assert found[1] < found[0]
    overall = grid * network + (1 - grid) * ngrams
    assert found[2] == pytest.approx(grid[np.log(overall).sum(axis=1).argmax(), 0], abs=0.02)  # nothing was seen there


def test_neither_part_decides_alone() -> None:
    chances = np.full(50, 0.9, dtype=np.float32)
    assert fit_shares(chances, chances / 100, np.zeros(50, dtype=np.int64), 1) == pytest.approx([0.99])
    assert fit_shares(chances / 100, chances, np.zeros(50, dtype=np.int64), 1) == pytest.approx([0.01])


def test_the_whole_text_is_counted_and_the_shares_come_from_the_training_part(session: LanguageSession) -> None:
    train, valid = text(400), text(60, seed=1)
    known = np.concatenate([train[:200], valid, train[200:]])
    fitted = fit_ngrams(session, train, valid, known, start=1, order=3)
    for name, array in ngram_tree(known, V, 3).items():
        np.testing.assert_array_equal(fitted.arrays[name], array)
    trial = mixture_from(
        ngram_fit.save({**ngram_tree(train, V, 3), "share": fitted.arrays["share"]}), session, order=3, vocabulary=V
    )
    expected = fit_shares(*predictions(session, trial.ngrams, valid, 1), 3)
    np.testing.assert_allclose(fitted.arrays["share"], expected, atol=1e-6)
    assert mixture_from(fitted.content(), session, order=fitted.order, vocabulary=V).share.shape == (3,)


def test_the_order_is_one_that_predicts_the_validation_text(session: LanguageSession) -> None:
    pattern = np.tile([0, 0, 0, 1, 0, 0, 2], 40)  # what follows two zeros depends on the symbol before them
    noise = text(280, seed=3)
    assert fit_ngrams(session, pattern, pattern, pattern, start=1, order=None).order >= 4
    assert fit_ngrams(session, noise, text(90, seed=4), noise, start=1, order=None).order == 2


def test_a_tree_that_is_too_large_gets_shorter_ngrams(
    session: LanguageSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = text(500)
    monkeypatch.setattr(ngram_fit, "MOST_NODES", len(ngram_tree(ids, V, 3)["symbol"]))
    assert fit_ngrams(session, ids, ids[:50], ids, start=1, order=6).order == 3
    monkeypatch.setattr(ngram_fit, "MOST_NODES", 6)
    assert fit_ngrams(session, ids, ids[:50], ids, start=1, order=None).order == 1


def test_predictions_do_not_depend_on_the_blocks(session: LanguageSession, monkeypatch: pytest.MonkeyPatch) -> None:
    ngrams = mixture_from(
        fit_ngrams(session, text(300), text(50), text(300), start=1, order=4).content(), session, order=4, vocabulary=V
    ).ngrams
    whole = predictions(session, ngrams, text(70, seed=5), 1)
    monkeypatch.setattr(ngram_fit, "SCORING_LOGITS", 7 * V)
    for one, other in zip(whole, predictions(session, ngrams, text(70, seed=5), 1), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
