"""N-grams that are fitted before the network: out-of-fold scores, against scikit-learn and brute force."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from recurra.evaluation.calibration import fit_temperature
from recurra.many_to_one.learn import ngram_fit as module
from recurra.many_to_one.learn.classification import Classification
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.learn.linear_problem import LogisticProblem, log_loss
from recurra.many_to_one.learn.ngram_fit import (
    FOLDS,
    SCALES,
    SHARE,
    choose_scale,
    distinct_ngrams,
    figures,
    fit_ngrams,
    ngram_rows,
)
from recurra.text.ngrams import HashedNgrams
from support.ngram_models import examples_of, features_by_hand, network, shape


def made_rows(count: int, classes: int = 2, seed: int = 0) -> Examples:
    """Rows of ten words, of which two in five tell the class."""
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, classes, count)
    rows = [
        [int(2 + target) if rng.random() < 0.4 else int(rng.integers(2, 16)) for _ in range(10)] for target in targets
    ]
    return examples_of(rows, targets.tolist())


def matrix(rows: Examples, hashing: HashedNgrams) -> NDArray[np.float64]:
    dense = np.zeros((len(rows), hashing.features))
    for number in range(len(rows)):
        dense[number, sorted(features_by_hand(rows.encoding(number).ids.tolist(), hashing.words, hashing.order))] = 1
    return dense


def test_rows_of_n_grams_are_those_of_plain_python() -> None:
    rows, hashing = made_rows(30), HashedNgrams(16, 3, 211)
    dense = matrix(rows, hashing)
    np.testing.assert_array_equal(ngram_rows(rows, np.arange(30), hashing, 2).scipy().toarray(), dense)
    chosen = np.array([4, 20, 21])
    np.testing.assert_array_equal(ngram_rows(rows, chosen, hashing, 1).scipy().toarray(), dense[chosen])


@pytest.mark.parametrize("classes", [2, 3])
def test_scores_of_a_row_are_by_a_regression_of_the_other_folds(classes: int) -> None:
    """The regressions themselves are tried against scikit-learn in tests/training/test_logistic_regression.py."""
    rows, hashing = made_rows(120, classes), HashedNgrams(16, 2, 101)
    fit = fit_ngrams(rows, hashing, Classification(classes), seed=3, threads=2)
    outputs = 1 if classes == 2 else classes
    assert fit.scores.shape == (120, outputs) and fit.weights.shape == (hashing.features, outputs)
    problem = LogisticProblem(ngram_rows(rows, np.arange(120), hashing, 1), rows.targets, 3, classes=classes)
    rng = np.random.default_rng(3)
    rng.permutation(120)  # the rows to learn from are drawn first
    folds = problem.folds(FOLDS, rng)
    expected = np.empty((120, outputs))
    for number in range(FOLDS):
        weights, intercept = problem.fit(np.flatnonzero(folds != number), fit.c)
        expected[folds == number] = matrix(rows, hashing)[folds == number] @ weights + intercept
    temperature = expected.std() / fit.scores.std()
    np.testing.assert_allclose(fit.scores, expected / temperature, atol=1e-4)
    whole, intercept = problem.fit(np.arange(120), fit.c)
    np.testing.assert_allclose(fit.weights, whole / temperature, atol=1e-4)
    np.testing.assert_allclose(fit.intercept, intercept / temperature, atol=1e-4)
    losses = [log_loss(fit.scores.astype(np.float64) * factor, rows.targets) for factor in (0.99, 1.0, 1.01)]
    assert min(losses) == losses[1], "they are calibrated"
    assert fit.rows == 120 and fit.c in module.COSTS


def test_a_word_that_gives_a_row_away_does_not_help_its_own_score(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row has a word of its own. Labels are drawn by lot, so a score by others can know nothing."""
    monkeypatch.setattr(module, "COSTS", (100.0,))
    rng = np.random.default_rng(0)
    count = 200
    words = [f"unique{n}" for n in range(count)]
    targets = rng.integers(0, 2, count)
    rows = examples_of([[n + 2] * 3 for n in range(count)], targets.tolist(), words)
    fit = fit_ngrams(rows, HashedNgrams(count + 2, 1, 0), Classification(2), seed=0, threads=1)
    signs = np.where(targets == 1, 1, -1)
    by_heart = signs * (fit.weights[np.arange(count) + 2, 0] + fit.intercept[0])
    assert (by_heart > 0).mean() > 0.95, "the regression on all rows has them by heart"
    for fold in np.unique(fit.scores[:, 0].round(6)):
        assert (np.abs(fit.scores[:, 0] - fold) < 1e-5).sum() >= count // FOLDS, "rows of a fold cannot be told apart"
    assert abs((signs * fit.scores[:, 0]).mean()) < 0.1 * by_heart.mean()


def test_of_too_many_tokens_a_sample_is_learnt_from_and_all_rows_have_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, hashing = made_rows(100), HashedNgrams(16, 2, 101)
    monkeypatch.setattr(module, "MOST_TOKENS", 605)
    monkeypatch.setattr(module, "CHUNK_ROWS", 7)
    fit = fit_ngrams(rows, hashing, Classification(2), seed=1, threads=1)
    assert fit.rows == 60
    by_all = matrix(rows, hashing) @ fit.weights + fit.intercept
    assert (np.abs(fit.scores - by_all) < 1e-4).sum() >= 40, "rows outside of the sample are scored by the whole fit"
    assert np.isfinite(fit.scores).all()
    assert ((fit.scores[:, 0] > 0) == rows.targets).mean() > 0.7


@pytest.mark.parametrize("order", [2, 3])
def test_distinct_pairs_and_triples_are_counted(order: int) -> None:
    rows = made_rows(40)
    runs = {
        tuple(ids[begin : begin + size])
        for ids in (rows.encoding(number).ids.tolist() for number in range(len(rows)))
        for size in range(2, order + 1)
        for begin in range(len(ids) - size + 1)
    }
    assert distinct_ngrams(rows, order) == len(runs)


def test_of_many_rows_some_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = made_rows(40)
    monkeypatch.setattr(module, "COUNTED_ROWS", 10)
    assert 0 < distinct_ngrams(rows, 2) < distinct_ngrams(made_rows(200), 2)
    every_fifth = rows.select(np.arange(40)[::5])
    assert distinct_ngrams(rows, 2) == distinct_ngrams(every_fifth, 2)


@pytest.mark.parametrize("outputs", [1, 3])
def test_the_factor_of_the_n_grams_is_the_one_with_the_least_calibrated_loss(
    outputs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, classes = network(shape(2, outputs=outputs, subwords=97)), max(2, outputs)
    rows = made_rows(80, classes)
    table = made.ngrams.table.weight.detach().clone()  # type: ignore[union-attr]
    assert choose_scale(Classification(classes), made, rows) == 1.0, "so few rows could not tell"
    torch.testing.assert_close(made.ngrams.table.weight.detach(), table)  # type: ignore[union-attr]

    def loss(scale: float) -> float:
        batch, _ = rows.batch(np.arange(80))
        with torch.no_grad():
            logits = (made.network_scores(batch) + scale * made.ngram_scores(batch)).double().numpy()
        if outputs == 1:
            logits = np.c_[np.zeros(80), logits]
        answers = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        answers = answers / fit_temperature(answers, rows.targets)
        answers -= np.log(np.exp(answers).sum(axis=1, keepdims=True))
        return float(-answers[np.arange(80), rows.targets].mean())

    monkeypatch.setattr(module, "TELLING_ROWS", 80)
    expected = min(SCALES, key=loss)
    assert choose_scale(Classification(classes), made, rows) == expected
    torch.testing.assert_close(made.ngrams.table.weight.detach(), expected * table)  # type: ignore[union-attr]


def test_figures_are_plain_and_say_how_the_n_grams_came_about() -> None:
    made, rows = network(shape(2, subwords=97)), made_rows(60)
    beside = figures(made, None, 1.0, {"share": 0.4, "c": 1.0})
    assert beside == {
        "order": 2,
        "buckets": 101,
        "subwords": 97,
        "first": False,
        "c": None,
        "intercept": None,
        "scale": 1.0,
        "blend": {"share": 0.4, "c": 1.0},
    }
    fit = fit_ngrams(rows, HashedNgrams(16, 2, 101), Classification(2), seed=0, threads=1)
    first = figures(made, fit, 1.5, None)
    assert first["first"] and first["c"] == fit.c and first["scale"] == pytest.approx(1.5 * SHARE)
    assert first["intercept"] == pytest.approx([1.5 * SHARE * float(fit.intercept[0])])
