"""The cheap baseline that every model must beat: TF-IDF of words and pairs, and logistic regression.

Where most words are met in one row only, as in a language without spaces between words, runs of characters take the
place of words: a baseline that cannot see anything is easily beaten.

Its cost is bounded: of many rows, or of long ones, a uniform random sample is used, and the result has its size.
Needs scikit-learn (the `train` extra), imported only when a baseline is fitted.
"""

from __future__ import annotations

import time
import warnings
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from recurra.errors import DataError
from recurra.evaluation.intervals import wilson
from recurra.evaluation.metric import Floats, Integers
from recurra.tasks.classify.learn.ngram_features import NgramCounter, runs
from recurra.text.spaceless import spaceless_share

NAME = "TF-IDF (1,2)-grams + logistic regression"
CHARACTERS = "TF-IDF of 1 to 4 characters + logistic regression"
CONSTANT = "class shares (no words to learn from)"

MET_ONCE = 0.5
"""Share of a row's words that no other row has, the mean over the rows, from which characters are counted instead."""
BLIND, BLIND_ROWS = 0.8, 0.2
"""The same, where that share is at least the first in the second part of the rows: one language of several, perhaps."""
SPACELESS = 0.3
"""The same, where this share of the characters is of scripts without spaces between words."""
_FIRST_TEXTS = 500
MAX_ROWS = 100_000
MAX_WORDS = 16_000_000
"""Training words held at once; IMDB's 45,000 reviews have 10 million."""
MAX_FEATURES = 200_000
"""Words and pairs kept, the commonest; on 40,500 reviews all 633,000 score no better and take twice as long."""
MAX_COEFFICIENTS = 20_000_000
"""Features x classes."""
SMALL = 1_000
"""With fewer training rows, a gram seen once counts too."""
TEST_ROWS_AT_ONCE = 2_000
"""Test rows answered at once."""
INVERSE_REGULARISATION = 10.0


@dataclass(frozen=True)
class Baseline:
    """What the baseline answered on the test rows, and what it was.

    Attributes:
        name: what it is, for a reader.
        probabilities: [N test, K].
        rows_used: training rows it was fitted on.
        rows: training rows there were.
        features: words and pairs it knows.
        seconds: wall time of fitting and answering.
    """

    name: str
    probabilities: Floats
    rows_used: int
    rows: int
    features: int
    seconds: float

    @property
    def predictions(self) -> Integers:
        """The answer to each test row [N test], a class index."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)

    def summary(self, targets: ArrayLike) -> dict[str, Any]:
        """Return name, accuracy, accuracy_ci95, seconds, rows_used, rows and features, ready for JSON."""
        correct = self.predictions == np.asarray(targets)
        return {
            "name": self.name,
            "accuracy": float(correct.mean()),
            "accuracy_ci95": list(wilson(int(correct.sum()), len(correct))),
            "seconds": self.seconds,
            "rows_used": self.rows_used,
            "rows": self.rows,
            "features": self.features,
        }


def fit_baseline(
    train_texts: Iterable[str],
    train_targets: ArrayLike,
    test_texts: Iterable[str],
    seed: int = 0,
    classes: int | None = None,
) -> Baseline:
    """Learn from the training rows and answer the test rows.

    Both iterables are read in order, so that neither has to be in memory; the training texts a second time where
    characters are counted, so that an iterator is kept as a list.

    Args:
        train_texts: N texts.
        train_targets: [N], class indexes.
        test_texts: the texts to answer.
        seed: of the sample of training rows, where one is needed, and of the solver.
        classes: how many classes there are; by default as many as the training targets show.

    Raises:
        DataError: no training rows, or not one target for each text.
    """
    started = time.perf_counter()
    targets = np.asarray(train_targets, dtype=np.int64)
    if not len(targets):
        raise DataError("The baseline has no training rows.")
    width = classes or int(targets.max()) + 1
    most = max(1, min(MAX_FEATURES, MAX_COEFFICIENTS // width))
    texts = list(train_texts) if iter(train_texts) is train_texts else train_texts
    min_df = 2 if len(targets) >= SMALL else 1
    counter, name = NgramCounter(min_df, most), NAME
    documents, rows = _sample(texts, len(targets), counter, seed)
    once = _met_once(documents)
    spaceless = spaceless_share(islice(texts, _FIRST_TEXTS), ideographs=True)
    if once.mean() >= MET_ONCE or (once >= BLIND).mean() >= BLIND_ROWS or spaceless >= SPACELESS:
        counter, name = NgramCounter(min_df, most, split=runs, pairs=False), CHARACTERS
        documents, rows = _sample(texts, len(targets), counter, seed)
    counts = counter.fit(documents)
    del documents
    trained_on = targets[rows]
    if not counter.features or len(np.unique(trained_on)) < 2:
        answer, name = _shares(trained_on, width), CONSTANT
        chunks = [np.tile(answer, (len(chunk), 1)) for chunk in _chunks(test_texts)]
    else:
        chunks = list(_answers(counts, trained_on, _chunks(test_texts), counter, width, seed))
    probabilities = np.concatenate(chunks) if chunks else np.empty((0, width))
    return Baseline(name, probabilities, len(rows), len(targets), counter.features, time.perf_counter() - started)


def _met_once(documents: list[array[int]]) -> Floats:
    """Return the share of each row's words that no other row has [N]; 1 for a row without words."""
    rows_of = np.zeros(1 + max((max(document, default=0) for document in documents), default=0), dtype=np.int64)
    distinct = [np.unique(np.frombuffer(document, dtype=np.int32)) for document in documents]
    for words in distinct:
        rows_of[words] += 1
    return np.array([(rows_of[words] == 1).mean() if len(words) else 1.0 for words in distinct], dtype=np.float64)


def _sample(texts: Iterable[str], rows: int, counter: NgramCounter, seed: int) -> tuple[list[array[int]], Integers]:
    """Return the sampled texts as word numbers, and their rows: all, or a uniform sample within the bounds.

    Every row has a random rank in 0..1 and is kept while its rank is below a threshold, which is halved whenever the
    kept words are too many. So each row has the same chance, whatever the order, and no size need be known beforehand.
    """
    ranks = np.random.default_rng(seed).random(rows)
    threshold = 1.0 if rows <= MAX_ROWS else float(np.sort(ranks)[MAX_ROWS])
    documents: dict[int, array[int]] = {}
    words, read = 0, 0
    for row, text in enumerate(texts):
        read += 1
        if row < rows and ranks[row] < threshold:
            documents[row] = counter.learn_words(text)
            words += len(documents[row])
            while words > MAX_WORDS and len(documents) > 1:
                threshold /= 2
                documents = {kept: document for kept, document in documents.items() if ranks[kept] < threshold}
                words = sum(map(len, documents.values()))
    if read != rows:
        raise DataError(f"The baseline needs one target for each training text: {read} texts, {rows} targets.")
    return list(documents.values()), np.fromiter(documents, dtype=np.int64, count=len(documents))


def _answers(
    counts: Any, targets: Integers, chunks: Iterable[list[str]], counter: NgramCounter, width: int, seed: int
) -> Iterator[Floats]:
    """Fit on counts [N, features] and targets [N]; yield the probabilities [rows, K] of each chunk of texts."""
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression

    tfidf = TfidfTransformer(sublinear_tf=True)
    # Measured on 40,500 reviews: saga 3 s, lbfgs 3-10 s (and twenty copies of the coefficients), liblinear 6-8 s,
    # all within 0.2 points of accuracy.
    model = LogisticRegression(C=INVERSE_REGULARISATION, solver="saga", tol=5e-3, max_iter=200, random_state=seed)
    with warnings.catch_warnings():  # a baseline stopped before the last digit is still the baseline
        warnings.simplefilter("ignore")
        model.fit(tfidf.fit_transform(counts), targets)
    for texts in chunks:
        probabilities = np.zeros((len(texts), width))
        probabilities[:, model.classes_] = model.predict_proba(tfidf.transform(counter.transform(texts)))
        yield probabilities / probabilities.sum(axis=1, keepdims=True)


def _shares(targets: Integers, width: int) -> Floats:
    """Return the share of each class [K]."""
    return np.bincount(targets, minlength=width) / len(targets)


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield lists of at most `TEST_ROWS_AT_ONCE` texts."""
    source = iter(texts)
    while chunk := list(islice(source, TEST_ROWS_AT_ONCE)):
        yield chunk
