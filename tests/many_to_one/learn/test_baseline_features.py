"""TF-IDF and the ratio of naive Bayes against scikit-learn and plain formulas."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from recurra.many_to_one.learn.baseline_features import Counted, NaiveBayes, TfIdf, WordsAndCharacters
from recurra.many_to_one.learn.ngram_counts import TokenRows
from recurra.text.word_tokenizer import TokenCounter
from recurra.training.logistic_regression import SparseRows

TRAIN = ["good film and good", "bad film", "a bad bad film and more", "good", "more a more"]
TEST = ["good bad unseen film film", "none", "a film and more"]


def token_rows(texts: list[str], counter: TokenCounter) -> TokenRows:
    ids = [counter.number(text) for text in texts]
    return TokenRows(np.concatenate(ids).astype(np.int32), np.cumsum([0, *map(len, ids)]))


def columns(rows: SparseRows) -> np.ndarray:
    """Return the columns in an order of their own: equal whatever order the features have."""
    matrix = np.round(rows.scipy().toarray().astype(float), 5)
    return np.array(sorted(map(tuple, matrix.T.tolist()))).T


def of(vectors: object) -> np.ndarray:
    return np.array(sorted(map(tuple, np.round(vectors.toarray(), 5).T.tolist()))).T  # type: ignore[attr-defined]


@pytest.mark.parametrize(("longest", "min_df"), [(1, 1), (2, 1), (2, 2), (3, 1)])
def test_tf_idf_is_that_of_scikit_learn(longest: int, min_df: int) -> None:
    counter = TokenCounter()
    counted = Counted.of(token_rows(TRAIN, counter), 3, min_df=min_df, most=1000, threads=1)
    features = TfIdf("", counted, longest, (1.0,))
    oracle = TfidfVectorizer(ngram_range=(1, longest), min_df=min_df, sublinear_tf=True, token_pattern=r"\w+")
    np.testing.assert_allclose(columns(features.learn()), of(oracle.fit_transform(TRAIN)), atol=2e-5)
    found = features.apply(token_rows(TEST, counter))
    np.testing.assert_allclose(columns(found), of(oracle.transform(TEST)), atol=2e-5)


@pytest.mark.parametrize("min_df", [1, 2])
def test_characters_stand_beside_words(min_df: int) -> None:
    counter = TokenCounter()
    counted = Counted.of(token_rows(TRAIN, counter), 3, min_df=1, most=1000, threads=1)
    new = token_rows(TEST, counter)
    features = WordsAndCharacters("", TfIdf("", counted, 3, ()), counter.spellings(), min_df, 10_000, (1.0,))
    words, both = counted.counter.ends[-1], features.learn()
    oracle = TfidfVectorizer(analyzer=pieces, min_df=min_df, sublinear_tf=True)
    wanted = oracle.fit_transform(TRAIN)
    assert both.features == words + wanted.shape[1]
    for found, expected in ((both, wanted), (features.apply(new), oracle.transform(TEST))):
        characters = np.round(found.scipy().toarray()[:, words:], 5)
        ordered = np.array(sorted(map(tuple, characters.T.tolist()))).T
        np.testing.assert_allclose(ordered, of(expected), atol=2e-5)
    few = WordsAndCharacters("", TfIdf("", counted, 3, ()), counter.spellings(), min_df, 20, (1.0,))
    assert words < few.learn().features <= words + 20


def pieces(text: str) -> list[str]:
    """Return the runs of 2 to 5 characters of each word between spaces."""
    return [
        f" {word} "[i : i + n] for word in text.split() for n in range(2, 6) for i in range(len(f" {word} ") - n + 1)
    ]


def test_presence_is_weighted_by_the_ratio_of_the_classes() -> None:
    counter = TokenCounter()
    counted = Counted.of(token_rows(TRAIN, counter), 1, min_df=1, most=1000, threads=1)
    features = NaiveBayes("", counted, (1.0,))
    data, labels = features.learn(), np.array([1, 0, 0, 1, 0])
    assert data.values is None
    ratio = features.scale(data, labels, 2, np.array([0, 1, 2, 3]))[:, 0]
    words = counter.spellings()
    present = np.array([[word in text.split() for word in words] for text in TRAIN[:4]])
    own, rest = 1 + present[[0, 3]].sum(axis=0), 1 + present[[1, 2]].sum(axis=0)
    np.testing.assert_allclose(ratio, np.log((own / own.sum()) / (rest / rest.sum())), rtol=1e-5, atol=1e-6)
