"""The baseline learns, is bounded, and never falls over odd data."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from recurra.errors import DataError
from recurra.tasks.classify.learn import baseline
from recurra.tasks.classify.learn.baseline import CHARACTERS, CONSTANT, NAME, fit_baseline

WORDS = [["dull", "weak", "boring"], ["fine", "superb", "moving"], ["odd", "strange", "weird"]]


def reviews(rows: int, classes: int, seed: int) -> tuple[list[str], np.ndarray]:
    """Return texts in which most, not all, telling words belong to the class."""
    generator = np.random.default_rng(seed)
    targets = generator.integers(0, classes, rows)
    texts = []
    for target in targets:
        sources = np.where(generator.random(6) < 0.6, target, generator.integers(0, classes, 6))
        words = [WORDS[s][generator.integers(3)] for s in sources] + [f"film{generator.integers(40)}"]
        texts.append(" ".join(generator.permutation(words)))
    return texts, targets


@pytest.mark.parametrize("classes", [2, 3])
def test_answers_like_the_scikit_learn_pipeline(classes: int) -> None:
    train, targets = reviews(1200, classes, seed=0)
    test, truth = reviews(300, classes, seed=1)
    found = fit_baseline(iter(train), targets, iter(test), seed=5)
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    oracle = LogisticRegression(C=10.0, max_iter=2000).fit(vectoriser.fit_transform(train), targets)
    expected = oracle.predict_proba(vectoriser.transform(test))
    assert np.abs(found.probabilities - expected).mean() < 0.02
    assert (found.predictions == expected.argmax(axis=1)).mean() > 0.97
    assert found.features == len(vectoriser.vocabulary_)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1.0)
    summary = found.summary(truth)
    assert summary["accuracy"] == (found.predictions == truth).mean() > 0.8
    assert summary["accuracy_ci95"][0] < summary["accuracy"] < summary["accuracy_ci95"][1]
    assert (summary["name"], summary["rows_used"], summary["rows"]) == (NAME, 1200, 1200)
    assert (found.probabilities == fit_baseline(train, targets, test, seed=5).probabilities).all()


def test_small_sets_keep_grams_seen_once() -> None:
    found = fit_baseline(["good one", "bad one", "good film", "bad film"], [1, 0, 1, 0], ["good", "bad"])
    assert found.predictions.tolist() == [1, 0]
    assert found.features == 8


def test_classes_without_training_rows_get_no_chance() -> None:
    found = fit_baseline(["good", "bad", "good", "bad"], [2, 0, 2, 0], ["good", "unheard"], classes=5)
    assert found.probabilities.shape == (2, 5)
    assert (found.probabilities[:, [1, 3, 4]] == 0).all()
    assert found.predictions[0] == 2


@pytest.mark.parametrize(
    ("texts", "targets"), [(["", " ", "\n"], [0, 1, 1]), (["one class", "only", "here"], [1, 1, 1])]
)
def test_nothing_to_learn_answers_with_the_shares(texts: list[str], targets: list[int]) -> None:
    found = fit_baseline(texts, targets, ["new", "text"], classes=2)
    assert found.name == CONSTANT
    np.testing.assert_allclose(found.probabilities, [np.bincount(targets, minlength=2) / 3] * 2)


def test_more_rows_than_the_bound_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "MAX_ROWS", 500)
    train, targets = reviews(1500, 2, seed=0)
    found = fit_baseline(train, targets, train[:200])
    assert (found.rows_used, found.rows) == (500, 1500)
    assert (found.predictions == targets[:200]).mean() > 0.8


def test_more_words_than_the_bound_are_sampled_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "MAX_WORDS", 4000)
    train, targets = reviews(2000, 2, seed=0)  # seven words each
    counter = baseline.NgramCounter(1)
    documents, rows = baseline._sample(iter(train), 2000, counter, seed=3)
    assert 200 < len(rows) <= 4000 // 7
    assert sum(map(len, documents)) <= 4000
    assert rows.tolist() == sorted(rows)
    assert 0.35 < (rows < 1000).mean() < 0.65
    assert all(document == counter.learn_words(train[row]) for document, row in zip(documents, rows, strict=True))
    assert fit_baseline(train, targets, train[:100]).rows_used == len(baseline._sample(train, 2000, counter, 0)[1])


def test_no_test_rows_give_no_answers() -> None:
    assert fit_baseline(["good", "bad"], [1, 0], []).probabilities.shape == (0, 2)


@pytest.mark.parametrize(("texts", "targets"), [([], []), (["one"], [0, 1]), (["one", "two"], [0])])
def test_texts_and_targets_must_fit(texts: list[str], targets: list[int]) -> None:
    with pytest.raises(DataError, match="baseline"):
        fit_baseline(texts, targets, ["new"])


PHRASES = {0: ["不值得看", "难看", "失望"], 1: ["很好看", "动人", "推荐"]}
FILLING = ["昨天晚上", "周末", "和朋友一起", "在电影院", "下雨天", "第二次", "在北京", "我们"]


def sentences(rows: int, *, between: str = "") -> tuple[list[str], list[int]]:
    """Chinese texts, all different, whose class is in one phrase of several."""
    rng = np.random.default_rng(5)
    texts = []
    for row in range(rows):
        words = [*rng.choice(FILLING, 5), str(rng.choice(PHRASES[row % 2]))]
        texts.append(between.join(rng.permutation(words)) + f"{row}号")
    return texts, [row % 2 for row in range(rows)]


def test_characters_are_counted_where_words_are_met_once() -> None:
    texts, targets = sentences(240)
    found = fit_baseline(iter(texts[:200]), targets[:200], texts[200:])
    assert found.name == CHARACTERS
    assert (found.predictions == targets[200:]).mean() > 0.9  # words would know nothing: 0.5
    spaced = fit_baseline([" ".join(text) for text in texts[:200]], targets[:200], [" ".join(t) for t in texts[200:]])
    assert spaced.name == CHARACTERS and (spaced.predictions == targets[200:]).mean() > 0.9


def test_one_language_of_two_is_enough() -> None:
    english, wanted = reviews(400, 2, seed=1)
    chinese, targets = sentences(200)
    texts, truth = [*english[:300], *chinese[:150]], [*wanted[:300], *targets[:150]]
    found = fit_baseline(texts, truth, [*english[300:], *chinese[150:]])
    right = found.predictions == [*wanted[300:], *targets[150:]]
    assert found.name == CHARACTERS and right[100:].mean() > 0.8
    assert fit_baseline(english[:300], wanted[:300], english[300:]).name == NAME


def test_signs_alone_are_characters() -> None:
    texts = [f"{':)' if row % 2 else ':('}{'!' * (row % 5)}" for row in range(60)]
    found = fit_baseline(texts[:40], [row % 2 for row in range(40)], texts[40:])
    assert found.name == CHARACTERS and found.predictions.tolist() == [row % 2 for row in range(40, 60)]
