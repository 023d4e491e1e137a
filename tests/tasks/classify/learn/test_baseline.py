"""The baseline learns, chooses on validation rows, is bounded, and never falls over odd data."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from recurra.errors import DataError
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn import baseline_grid, baseline_rows, ngram_counts
from recurra.many_to_one.learn.baseline_grid import CHARACTERS, NAIVE_BAYES, TFIDF, WORDS_AND_CHARACTERS
from recurra.many_to_one.learn.baseline_rows import Words
from recurra.tasks.classify.learn import baseline
from recurra.tasks.classify.learn.baseline import CONSTANT, Baseline, fit_baseline
from recurra.training import logistic_regression

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


def fit(
    train: Sequence[str],
    targets: Sequence[int] | np.ndarray,
    test: Sequence[str],
    *,
    valid: int = 0,
    classes: int | None = None,
    seed: int = 0,
) -> Baseline:
    """Fit on rows of a corpus. valid: how many of the training rows, the last, are validation rows."""
    with corpus_of([*train, *test]) as corpus:
        part = np.repeat([0, 1, 2], [len(train) - valid, valid, len(test)])
        truth = np.concatenate([targets, np.zeros(len(test), dtype=np.int64)]).astype(np.int64)
        width = classes or int(max(targets, default=0)) + 1
        return fit_baseline(corpus, truth, part == 0, part == 1, part == 2, classes=width, seed=seed)


def corpus_of(texts: Sequence[str]) -> Corpus:
    corpus = Corpus()
    for text in texts:
        assert corpus.add(text, "label")
    corpus.seal()
    return corpus


@pytest.mark.parametrize("classes", [2, 3])
def test_answers_like_the_scikit_learn_pipeline(classes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline_grid, "SHORT", 0)
    monkeypatch.setattr(baseline_grid, "TFIDF_PENALTIES", (10.0,))
    monkeypatch.setattr(baseline_grid, "NAIVE_BAYES_PENALTIES", ())
    monkeypatch.setattr(baseline, "TOLERANCE", 1e-4)
    train, targets = reviews(1200, classes, seed=0)
    test, truth = reviews(300, classes, seed=1)
    found = fit(train, targets, test, valid=200, seed=5)
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    one = LogisticRegression(C=10.0, solver="liblinear", tol=1e-6, max_iter=2000)
    oracle = (one if classes == 2 else OneVsRestClassifier(one)).fit(vectoriser.fit_transform(train), targets)
    scores = oracle.decision_function(vectoriser.transform(test))
    assert (found.predictions == oracle.predict(vectoriser.transform(test))).all()
    assert found.features == len(vectoriser.vocabulary_)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1.0)
    temperature = found.grid[0].temperature
    logits = np.c_[np.zeros(300), scores] if classes == 2 else scores
    wanted = np.exp(logits / temperature) / np.exp(logits / temperature).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.probabilities, wanted, atol=1e-4)
    summary = found.summary(truth)
    assert summary["accuracy"] == (found.predictions == truth).mean() > 0.8
    assert summary["accuracy_ci95"][0] < summary["accuracy"] < summary["accuracy_ci95"][1]
    assert summary["log_loss"] == pytest.approx(-np.log(wanted[np.arange(300), truth]).mean(), abs=1e-4)
    assert (summary["name"], summary["rows_used"], summary["rows"]) == (TFIDF, 1200, 1200)
    assert (summary["c"], summary["valid_rows"], len(summary["grid"])) == (10.0, 200, 1)


def test_the_best_on_the_validation_rows_is_chosen_and_fitted_on_all() -> None:
    train, targets = reviews(900, 3, seed=0)
    test, _ = reviews(300, 3, seed=1)
    found = fit(train, targets, test, valid=300)
    points = [(candidate.name, candidate.c) for candidate in found.grid]
    assert len(set(points)) == len(points)
    assert {name for name, _ in points} == {TFIDF, NAIVE_BAYES, WORDS_AND_CHARACTERS}
    best = max(found.grid, key=lambda candidate: (candidate.accuracy, -candidate.log_loss))
    assert (found.name, found.c, found.valid_rows, found.rows_used) == (best.name, best.c, 300, 900)
    assert len({candidate.log_loss for candidate in found.grid}) > 1
    swapped = fit([*train[300:], *train[:300]], [*targets[300:], *targets[:300]], test, valid=300)
    assert [c.log_loss for c in swapped.grid] != [c.log_loss for c in found.grid]
    again = fit(train, targets, test, valid=300)
    assert (again.probabilities == found.probabilities).all() and again.grid == found.grid


def test_ties_are_decided_by_the_log_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline_grid, "TFIDF_PENALTIES", (1.0, 10.0, 100.0))
    rows = ["good film", "bad film", "good plot", "bad plot"] * 20
    found = fit(rows, [1, 0] * 40, ["good", "bad"], valid=20)
    assert {candidate.accuracy for candidate in found.grid} == {1.0}
    least = min(found.grid, key=lambda candidate: candidate.log_loss)
    assert (found.name, found.c) == (least.name, least.c)
    assert found.predictions.tolist() == [1, 0]


def test_characters_inside_words_help_where_words_are_misspelt() -> None:
    rng = np.random.default_rng(2)
    stems, texts, targets = [["horrib", "terrib"], ["wonder", "marvel"]], [], []
    for row in range(400):
        word = stems[row % 2][rng.integers(2)] + "".join(rng.choice(list("aeiouxyz"), 3))
        texts.append(f"the film was {word} film{rng.integers(30)}")
        targets.append(row % 2)
    found = fit(texts[:300], targets[:300], texts[300:], valid=60)
    assert found.name == WORDS_AND_CHARACTERS
    assert (found.predictions == targets[300:]).mean() == 1.0
    assert max(c.accuracy for c in found.grid if c.name != WORDS_AND_CHARACTERS) < 0.9


def test_without_validation_rows_some_training_rows_take_their_place() -> None:
    train, targets = reviews(500, 2, seed=0)
    found = fit(train, targets, train[:100])
    assert (found.valid_rows, found.rows_used) == (100, 500)


def test_a_class_without_training_rows_gets_almost_no_chance() -> None:
    found = fit(["good film", "bad film"] * 30, [2, 0] * 30, ["good", "unheard"], classes=5, valid=10)
    assert found.probabilities.shape == (2, 5)
    assert found.probabilities[0, [1, 3, 4]].max() < 0.1
    assert found.predictions[0] == 2


@pytest.mark.parametrize(
    ("texts", "targets"),
    [(["\u200b", "\u200b\u200b", "\u200b"], [0, 1, 1]), (["one class", "only", "here"], [1, 1, 1]), (["one"], [1])],
)
def test_nothing_to_learn_answers_with_the_shares(texts: list[str], targets: list[int]) -> None:
    found = fit(texts, targets, ["new", "text"], classes=2)
    assert found.name == CONSTANT and found.features == 0 and not found.grid and found.c is None
    np.testing.assert_allclose(found.probabilities, [np.bincount(targets, minlength=2) / len(targets)] * 2)


def test_more_rows_than_the_bound_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline_rows, "MAX_ROWS", 500)
    train, targets = reviews(1500, 2, seed=0)
    found = fit(train, targets, train[:200], valid=300)
    assert (found.rows_used, found.rows) == (500, 1500)
    assert 60 < found.valid_rows < 140
    assert (found.predictions == targets[:200]).mean() > 0.8


def test_more_words_than_the_bound_are_sampled_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Words, "most", 4000)
    train, targets = reviews(2000, 2, seed=0)  # seven words each
    found = fit(train, targets, train[:100], valid=400)
    assert found.rows_used == 4000 // 7
    with corpus_of(train) as corpus, closing(Words(corpus)) as words:
        rows = baseline_rows.sampled(words, np.arange(100, 2000), seed=3)
        assert len(rows) == 4000 // 7 and (np.diff(rows) > 0).all() and rows.min() >= 100
        assert 0.4 < (rows < 1050).mean() < 0.6


def test_of_too_many_features_those_in_most_rows_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "MAX_COEFFICIENTS", 90)
    train, targets = reviews(600, 3, seed=0)
    found = fit(train, targets, train[:100], valid=100)
    assert 0 < found.features <= 60 and found.grid


@pytest.mark.parametrize("classes", [2, 3])
def test_the_same_without_a_kernel(classes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "TOLERANCE", 1e-6)
    monkeypatch.setattr(baseline, "MAX_ITERATIONS", 2000)
    train, targets = reviews(400, classes, seed=0)
    found = fit(train, targets, train[:50], valid=80)
    for module in (ngram_counts, logistic_regression):
        monkeypatch.setattr(module, "library", lambda: None)
    other = fit(train, targets, train[:50], valid=80)
    assert (other.name, other.c, other.features) == (found.name, found.c, found.features)
    np.testing.assert_allclose(other.probabilities, found.probabilities, atol=1e-4)


def test_no_test_rows_give_no_answers() -> None:
    assert fit(["good", "bad"] * 10, [1, 0] * 10, []).probabilities.shape == (0, 2)


def test_no_training_rows_are_refused() -> None:
    with pytest.raises(DataError, match="baseline has no training rows"):
        fit([], [], ["new"])


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
    found = fit(texts[:200], targets[:200], texts[200:], valid=40)
    assert found.name == CHARACTERS
    assert (found.predictions == targets[200:]).mean() > 0.9  # words would know nothing: 0.5
    spaced = fit([" ".join(text) for text in texts[:200]], targets[:200], [" ".join(t) for t in texts[200:]], valid=40)
    assert spaced.name == CHARACTERS and (spaced.predictions == targets[200:]).mean() > 0.9


def test_one_language_of_two_is_enough() -> None:
    english, wanted = reviews(400, 2, seed=1)
    chinese, targets = sentences(200)
    texts, truth = [*english[:300], *chinese[:150]], [*wanted[:300], *targets[:150]]
    found = fit(texts, truth, [*english[300:], *chinese[150:]])
    right = found.predictions == [*wanted[300:], *targets[150:]]
    assert found.name == CHARACTERS and right[100:].mean() > 0.8
    assert fit(english[:300], wanted[:300], english[300:]).name != CHARACTERS


def test_signs_alone_are_characters() -> None:
    texts = [f"{':)' if row % 2 else ':('}{'!' * (row % 5)}" for row in range(60)]
    found = fit(texts[:40], [row % 2 for row in range(40)], texts[40:])
    assert found.name == CHARACTERS and found.predictions.tolist() == [row % 2 for row in range(40, 60)]
