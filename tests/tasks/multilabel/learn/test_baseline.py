"""The baseline against scikit-learn's one-vs-rest regression on the same features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier

from recurra.data.label_sets import to_key
from recurra.errors import DataError
from recurra.evaluation.label_thresholds import choose_thresholds
from recurra.many_to_one.corpus import Corpus
from recurra.tasks.multilabel.learn.baseline import fit_baseline
from support.labelled import LABELS, labelled_rows


def corpus_of(rows: Sequence[tuple[str, Sequence[str]]]) -> Corpus:
    corpus = Corpus(level="word")
    for text, labels in rows:
        corpus.add(text, to_key(labels))
    corpus.seal()
    return corpus


def parts(rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    place = np.arange(rows) % 10
    return place < 7, (place >= 7) & (place < 9), place == 9


ROWS = labelled_rows(500, seed=4)
MEMBERS = np.array([[label in labels for label in LABELS] for _, labels in ROWS])


def test_it_answers_as_scikit_learn_does_with_its_features() -> None:
    train, valid, test = parts(500)
    with corpus_of(ROWS) as corpus:
        found = fit_baseline(corpus, MEMBERS, train, valid, test)
    texts = np.array([text for text, _ in ROWS], dtype=object)
    assert found.rows == found.rows_used == 450 and found.valid_rows == 100 and len(found.grid) == 6
    best = max(found.grid, key=lambda one: one.micro_f1)
    assert found.c == best.c and found.name.startswith(best.name)
    for candidate in (one for one in found.grid if one.name.startswith("TF-IDF (1,2)")):
        vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+").fit(texts[train | valid])
        oracle = OneVsRestClassifier(LogisticRegression(C=candidate.c, solver="liblinear", tol=1e-6))
        oracle.fit(vectors.transform(texts[train]), MEMBERS[train])
        chances = oracle.predict_proba(vectors.transform(texts[valid]))
        cuts = choose_thresholds(chances, MEMBERS[valid], 0).values
        expected = f1_score(MEMBERS[valid], chances >= cuts, average="micro")
        assert candidate.micro_f1 == pytest.approx(expected, abs=0.02)
    summary = found.summary(MEMBERS[test], LABELS)
    assert summary["micro_f1"] == pytest.approx(f1_score(MEMBERS[test], found.given, average="micro"))
    assert summary["micro_f1"] > 0.9 and summary["micro_f1_ci95"][0] <= summary["micro_f1"]


def test_a_given_threshold_is_that_of_all_labels() -> None:
    train, valid, test = parts(500)
    with corpus_of(ROWS) as corpus:
        found = fit_baseline(corpus, MEMBERS, train, valid, test, threshold=0.3)
    assert found.thresholds.tolist() == [0.3] * 4


def test_without_rows_there_is_nothing() -> None:
    with corpus_of(ROWS[:10]) as corpus, pytest.raises(DataError, match="no training rows"):
        fit_baseline(corpus, MEMBERS[:10], *(np.zeros(10, dtype=bool) for _ in range(3)))


def test_a_language_without_spaces_is_read_by_its_characters() -> None:
    rows = [("".join(chr(0x4E00 + ord(c) % 90) for c in text), labels) for text, labels in ROWS]
    train, valid, test = parts(500)
    with corpus_of(rows) as corpus:
        found = fit_baseline(corpus, MEMBERS, train, valid, test)
    assert found.name.startswith("TF-IDF of 1 to 4 characters")


def test_without_validation_rows_some_training_rows_judge() -> None:
    train, valid, test = parts(500)
    with corpus_of(ROWS) as corpus:
        found = fit_baseline(corpus, MEMBERS, train | valid, np.zeros(500, dtype=bool), test)
    assert 80 <= found.valid_rows <= 100 and found.rows == 450
