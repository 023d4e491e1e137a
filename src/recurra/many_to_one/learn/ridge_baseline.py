"""The cheap baseline that every model of numbers must beat: n-grams and ridge regression, the best of a small grid.

Each candidate is fitted on the training rows and judged by its mean absolute error on the validation rows; the best is
then fitted on both. Where words do not repeat, characters take their place. Its cost is bounded: of many rows, or of
long ones, a uniform random sample is used. Beside it stands the median of the training rows, which needs no text.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import DataError
from recurra.evaluation.metric import Floats, Integers
from recurra.evaluation.regression import score_numbers
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.baseline_columns import with_features
from recurra.many_to_one.learn.baseline_features import Counted, Features, TfIdf, WordsAndCharacters
from recurra.many_to_one.learn.baseline_grid import SHORT, SMALL
from recurra.many_to_one.learn.baseline_rows import Characters, RowSource, Words, sampled, words_repeat
from recurra.many_to_one.learn.ngram_counts import TokenRows
from recurra.training.ridge_regression import RidgeProblem

TFIDF = "TF-IDF (1,2)-grams + ridge regression"
WORDS_AND_CHARACTERS = "TF-IDF (1,3)-grams and 2 to 5 characters + ridge regression"
CHARACTERS = "TF-IDF of 1 to 4 characters + ridge regression"
CONSTANT = "mean (no words to learn from)"
ALPHAS = (0.1, 0.3, 1.0, 3.0, 10.0)
MAX_FEATURES = 4_000_000
TEST_ROWS_AT_ONCE = 2_000
NO_VALIDATION = 5
"""Every fifth training row validates where no other row does."""


@dataclass(frozen=True)
class RidgeBaseline:
    """What the baseline answered on the test rows, and what it was.

    name: for a reader; predictions: [N test]; rows_used, rows: training and validation rows it was fitted on, and there
    were; features: n-grams it knows; seconds: wall time; alpha: that was chosen, None where there was nothing to
    choose; grid: what was tried, name, alpha and mae on the validation rows; valid_rows: by which it was chosen.
    """

    name: str
    predictions: Floats
    rows_used: int
    rows: int
    features: int
    seconds: float
    alpha: float | None = None
    grid: tuple[dict[str, Any], ...] = ()
    valid_rows: int = 0

    def summary(self, targets: Floats, seed: int = 0) -> dict[str, Any]:
        """Return the attributes without the predictions, and their scores, ready for JSON."""
        plain = {name: value for name, value in vars(self).items() if name not in ("predictions", "rows")}
        return plain | {"grid": list(self.grid), **score_numbers(self.predictions, targets, seed)}


def pooled_baseline(held: Mapping[str, NDArray[Any]]) -> RidgeBaseline:
    """Return the baselines of all folds as one. held: [n] baseline, and baseline_rows and baseline_features of the one
    that answered the row."""
    rows = round(float(held["baseline_rows"].mean()))
    features = int(held["baseline_features"].max())
    return RidgeBaseline("Ridge regression of each fold", held["baseline"], rows, rows, features, 0.0)


def fit_ridge_baseline(
    corpus: Corpus,
    targets: Floats,
    train: NDArray[np.bool_],
    valid: NDArray[np.bool_],
    test: NDArray[np.bool_],
    *,
    seed: int = 0,
    threads: int = 1,
    weights: Floats | None = None,
) -> RidgeBaseline:
    """Choose on the validation rows, learn from them and the training rows, and answer the test rows.

    targets: [N], the numbers; train, valid, test: [N], the parts; weights: [N], above 0, by which rows count in
    learning and choosing (None: all alike). Predictions are kept within the targets of training, as the model's are.
    Raises DataError without training rows.
    """
    if not train.any():
        raise DataError("The baseline has no training rows.")
    with closing(Words(corpus)) as words:
        return _best(corpus, words, targets, train, valid, test, weights, seed=seed, threads=threads)


def _best(
    corpus: Corpus,
    words: Words,
    targets: Floats,
    train: NDArray[np.bool_],
    valid: NDArray[np.bool_],
    test: NDArray[np.bool_],
    weights: Floats | None,
    *,
    seed: int,
    threads: int,
) -> RidgeBaseline:
    started = time.perf_counter()
    learning, test_rows = np.flatnonzero(train | valid), np.flatnonzero(test)
    source, rows, grid = _features(corpus, words, learning, seed=seed, threads=threads)
    own = targets[rows]
    counting = None if weights is None else weights[rows] / weights[rows].mean()
    judging = valid[rows]
    if not judging.any() or judging.all():
        judging = np.arange(len(rows)) % NO_VALIDATION == NO_VALIDATION - 1
    fitting, judged = np.flatnonzero(~judging), np.flatnonzero(judging)
    tried: list[dict[str, Any]] = []
    problems: dict[str, RidgeProblem] = {}
    low, high = float(own.min()), float(own.max())
    for features in grid if len(fitting) and len(judged) else []:
        data = features.learn()
        if not len(data.indices):
            continue
        problems = {features.name: RidgeProblem(data, own, counting)}  # that of the features before it is given up
        for alpha in ALPHAS:
            fitted = problems[features.name].fit(alpha, rows=fitting)
            errors = np.abs(np.clip(fitted.predict(data, judged), low, high) - own[judged])
            tried.append({"name": features.name, "alpha": alpha, "mae": _mean(errors, counting, judged)})
    if not tried:
        constant = np.full(len(test_rows), _mean(own, counting))
        return RidgeBaseline(CONSTANT, constant, len(rows), len(learning), 0, time.perf_counter() - started)
    best = min(tried, key=lambda one: one["mae"])
    features = next(features for features in grid if features.name == best["name"])
    problem = problems.get(best["name"]) or RidgeProblem(features.learn(), own, counting)
    model = problem.fit(best["alpha"])
    answers = [model.predict(features.apply(source.read(chunk))) for chunk in _chunks(test_rows)]
    return RidgeBaseline(
        best["name"],
        np.clip(np.concatenate(answers) if answers else np.empty(0), low, high),
        len(rows),
        len(learning),
        problem.data.features,
        time.perf_counter() - started,
        best["alpha"],
        tuple(tried),
        len(judged),
    )


def _mean(values: Floats, weights: Floats | None, rows: Integers | None = None) -> float:
    """Return the mean of values [n] by the weights [N] of their rows."""
    return float(np.average(values, weights=weights if weights is None or rows is None else weights[rows]))


def _features(
    corpus: Corpus, words: Words, learning: Integers, *, seed: int, threads: int
) -> tuple[RowSource, Integers, list[Features]]:
    """Return where rows come from, the rows to learn from, and the grid."""
    rows = sampled(words, learning, seed)
    read = words.read(rows)
    if words_repeat(corpus, words, read):
        return with_features(corpus, words, rows, _word_grid(read, words.spellings(), threads))
    characters = Characters(corpus)
    rows = sampled(characters, learning, seed)
    counted = Counted.of(
        characters.read(rows), 4, min_df=2 if len(rows) >= SMALL else 1, most=MAX_FEATURES, threads=threads
    )
    return with_features(corpus, characters, rows, [TfIdf(CHARACTERS, counted, 4, ())])


def _word_grid(rows: TokenRows, spellings: list[str], threads: int) -> list[Features]:
    min_df, short = 2 if len(rows) >= SMALL else 1, len(rows.ids) < SHORT * len(rows)
    counted = Counted.of(rows, 3 if short else 2, min_df=1 if short else min_df, most=MAX_FEATURES, threads=threads)
    grid: list[Features] = [TfIdf(TFIDF, counted, 2, ())]
    if short:
        words = TfIdf("", counted, 3, ())
        grid.append(WordsAndCharacters(WORDS_AND_CHARACTERS, words, spellings, min_df, MAX_FEATURES, ()))
    return grid


def _chunks(rows: Integers) -> Iterator[Integers]:
    """Yield parts of at most `TEST_ROWS_AT_ONCE` rows."""
    for first in range(0, len(rows), TEST_ROWS_AT_ONCE):
        yield rows[first : first + TEST_ROWS_AT_ONCE]
