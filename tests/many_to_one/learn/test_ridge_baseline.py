"""The baseline of numbers: ridge regression on TF-IDF as scikit-learn has it, chosen on the validation rows."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge

from recurra.errors import DataError
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.ridge_baseline import (
    ALPHAS,
    CHARACTERS,
    CONSTANT,
    TFIDF,
    RidgeBaseline,
    fit_ridge_baseline,
)
from recurra.tasks.multilabel.learn.baseline import fit_baseline
from support.regressors import rated


def parts(rows: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    place = np.arange(rows)
    return place % 5 < 3, place % 5 == 3, place % 5 == 4


def fitted(texts: list[str], numbers: list[float]) -> RidgeBaseline:
    with Corpus() as corpus:
        for text, number in zip(texts, numbers, strict=True):
            corpus.add(text, repr(number))
        corpus.seal()
        return fit_ridge_baseline(corpus, np.array(numbers), *parts(len(texts)))


def test_equals_scikit_learn() -> None:
    texts, numbers = rated(200)
    texts = [f"{text} {'and so it goes on ' * 12}" for text in texts]  # long ones: words alone
    found = fitted(texts, numbers)
    assert found.name == TFIDF
    assert len(found.grid) == len(ALPHAS)
    train, valid, test = parts(200)
    assert found.alpha == min(found.grid, key=lambda one: one["mae"])["alpha"]
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+", min_df=1)
    learnt = [text for text, used in zip(texts, train | valid, strict=True) if used]
    held = [text for text, used in zip(texts, test, strict=True) if used]
    model = Ridge(found.alpha).fit(vectors.fit_transform(learnt), np.array(numbers)[train | valid])
    expected = model.predict(vectors.transform(held))
    assert np.abs(found.predictions - expected).mean() < 0.05
    summary = found.summary(np.array(numbers)[test])
    assert summary["mae"] == pytest.approx(np.abs(found.predictions - np.array(numbers)[test]).mean())
    assert summary["rows_used"] == 160


def test_characters_where_words_do_not_repeat_and_the_mean_where_there_is_nothing() -> None:
    rng = np.random.default_rng(0)
    numbers = [float(value) for value in rng.integers(0, 5, 60)]
    texts = ["".join(rng.choice(list("天地玄黄宇宙洪荒"), 8)) + "好" * int(value) for value in numbers]
    found = fitted(texts, numbers)
    assert found.name == CHARACTERS
    assert np.corrcoef(found.predictions, np.array(numbers)[parts(60)[2]])[0, 1] > 0.3
    empty = fitted(["."] * 20, [float(value) for value in range(20)])
    assert empty.name in (CONSTANT, TFIDF, CHARACTERS) or empty.features == 0


def test_predictions_stay_within_the_numbers_of_training_and_rows_are_needed() -> None:
    texts, numbers = rated(100)
    found = fitted(texts, numbers)
    learnt = np.array(numbers)[parts(100)[0] | parts(100)[1]]
    assert learnt.min() <= found.predictions.min() <= found.predictions.max() <= learnt.max()
    none = np.zeros(1, dtype=bool)
    with Corpus() as corpus:
        corpus.add("a", "1")
        corpus.seal()
        with pytest.raises(DataError):
            fit_ridge_baseline(corpus, np.ones(1), none, none, ~none)


def test_a_baseline_learns_from_heavy_rows() -> None:
    """Two kinds of rows say the opposite of the same words; those that weigh more are believed."""
    with Corpus() as corpus:
        for n in range(160):
            corpus.add(f"{('poor', 'fine')[n % 2]} film {n % 4}{' ' * (n // 4 % 2)}{n}", "x")
        corpus.seal()
        # the first half says that fine is 1, the second that it is 0
        truth = np.where(np.arange(160) < 80, np.arange(160) % 2, 1 - np.arange(160) % 2)
        test = np.zeros(160, dtype=bool)
        test[[0, 1, 2, 3]] = True
        valid = (np.arange(160) % 10 == 4) & ~test
        train = ~test & ~valid
        heavy = np.where(np.arange(160) < 80, 50.0, 1.0)
        for weights, expected in ((heavy, [0, 1, 0, 1]), (51 - heavy, [1, 0, 1, 0])):
            numbers = fit_ridge_baseline(corpus, truth.astype(float), train, valid, test, weights=weights)
            assert (numbers.predictions.round() == expected).all()
            members = np.stack([truth == 1, truth == 0], axis=1)
            labels = fit_baseline(corpus, members, train, valid, test, threshold=0.5, weights=weights)
            assert labels.given[:, 0].tolist() == [bool(one) for one in expected]
        plain = fit_ridge_baseline(corpus, truth.astype(float), train, valid, test)
        alike = fit_ridge_baseline(corpus, truth.astype(float), train, valid, test, weights=np.full(160, 7.0))
        np.testing.assert_allclose(plain.predictions, alike.predictions, rtol=1e-6)
