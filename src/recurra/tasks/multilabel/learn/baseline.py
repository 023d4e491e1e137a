"""The cheap baseline that every model must beat: a logistic regression for each label on TF-IDF, the best of a grid.

Each candidate is fitted on the training rows, given thresholds by the same rule as the model on the validation rows,
and judged there by micro F1; the best is then fitted on both. Where most words are met in one row only, as in a
language without spaces between words, characters take the place of words.

Its cost is bounded: of many rows, or of long ones, a uniform random sample is used, and the result has its size.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.label_split import holdout_labels
from recurra.errors import DataError
from recurra.evaluation.label_metrics import LABEL_METRICS, Members, counter
from recurra.evaluation.label_scores import score_labels
from recurra.evaluation.label_thresholds import Thresholds, choose_thresholds, given_thresholds
from recurra.evaluation.metric import Floats, Integers
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.baseline_columns import with_features
from recurra.many_to_one.learn.baseline_features import Counted, Features, TfIdf, WordsAndCharacters
from recurra.many_to_one.learn.baseline_grid import (
    CHARACTERS,
    SHORT,
    SMALL,
    TFIDF,
    TFIDF_PENALTIES,
    WORDS_AND_CHARACTERS,
)
from recurra.many_to_one.learn.baseline_rows import Characters, RowSource, Words, sampled, words_repeat
from recurra.training.logistic_regression import LogisticRegression, SparseRows, fit_one_vs_rest

CONSTANT = "label shares (no words to learn from)"
ONE_VS_REST = ", one for each label"

MAX_FEATURES = 4_000_000
MAX_COEFFICIENTS = 40_000_000
"""Features x labels."""
TEST_ROWS_AT_ONCE = 2_000
"""Test rows answered at once."""
NO_VALIDATION = 0.2
"""Share of the training rows that validate where no other row does."""
TOLERANCE, MAX_ITERATIONS = 1.0, 50
"""Of the solver, as for classes."""


@dataclass(frozen=True)
class Candidate:
    """A point of the grid. name: of its features; c: C; micro_f1: on the validation rows; thresholds: chosen there."""

    name: str
    c: float
    micro_f1: float
    thresholds: Thresholds

    def summary(self) -> dict[str, Any]:
        """Return name, c and micro_f1, ready for JSON."""
        return {"name": self.name, "c": self.c, "micro_f1": self.micro_f1}


@dataclass(frozen=True)
class Baseline:
    """What the baseline answered on the test rows, and what it was.

    name: what it is, for a reader; probabilities: [N test, L]; thresholds: [L]; rows_used: training and validation rows
    it was fitted on; rows: those there were; features: n-grams it knows; seconds: wall time of fitting and answering;
    c: the C that was chosen; grid: what was tried; valid_rows: rows by which it was chosen;
    answered: [N test, L], the labels that were given, where there was more than one set of thresholds.
    """

    name: str
    probabilities: Floats
    thresholds: Floats
    rows_used: int
    rows: int
    features: int
    seconds: float
    c: float | None = None
    grid: tuple[Candidate, ...] = ()
    valid_rows: int = 0
    answered: Members | None = None

    @property
    def given(self) -> Members:
        """Which labels each test row is given [N test, L]."""
        if self.answered is not None:
            return self.answered
        return self.probabilities >= self.thresholds

    def summary(self, members: Members, labels: list[str]) -> dict[str, Any]:
        """Return the attributes without the probabilities, and its scores, ready for JSON. members: [N test, L]."""
        scores = score_labels(self.probabilities, members, self.thresholds, labels, given=self.given)
        names = [*LABEL_METRICS, "macro_average_precision"]
        return {
            "name": self.name,
            **{name: scores[name] for name in names},
            **{f"{name}_ci95": scores[f"{name}_ci95"] for name in names},
            "seconds": self.seconds,
            "rows_used": self.rows_used,
            "rows": self.rows,
            "features": self.features,
            "c": self.c,
            "valid_rows": self.valid_rows,
            "grid": [candidate.summary() for candidate in self.grid],
        }


def pooled_baseline(held: Mapping[str, NDArray[Any]]) -> Baseline:
    """Return the baselines of all folds as one.

    held: [n, L] baseline, the labels that were given, and baseline_probabilities; [n] baseline_rows and
    baseline_features of the one that answered the row.
    """
    rows = round(float(held["baseline_rows"].mean()))
    return Baseline(
        name="TF-IDF and logistic regressions of each fold",
        probabilities=held["baseline_probabilities"],
        thresholds=np.full(held["baseline"].shape[1], 0.5),
        rows_used=rows,
        rows=rows,
        features=int(held["baseline_features"].max()),
        seconds=0.0,
        answered=held["baseline"],
    )


def fit_baseline(
    corpus: Corpus,
    members: Members,
    train: NDArray[np.bool_],
    valid: NDArray[np.bool_],
    test: NDArray[np.bool_],
    *,
    threshold: float | None = None,
    seed: int = 0,
    threads: int = 1,
    weights: Floats | None = None,
) -> Baseline:
    """Choose on the validation rows, learn from them and the training rows, and answer the test rows.

    Args:
        corpus: N rows, sealed.
        members: [N, L], which labels each row has.
        train, valid, test: [N], the parts. Without validation rows, some training rows take their place.
        threshold: for all labels; None: chosen.
        seed: of the sample of rows, where one is needed, and of the solver.
        threads: at most.
        weights: [N], above 0, by which rows count where they are learnt from; None: all alike.

    Raises:
        DataError: no training rows.
    """
    if not train.any():
        raise DataError("The baseline has no training rows.")
    started = time.perf_counter()
    learning, test_rows = np.flatnonzero(train | valid), np.flatnonzero(test)
    with closing(Words(corpus)) as words:
        most = max(1, min(MAX_FEATURES, MAX_COEFFICIENTS // members.shape[1]))
        source, rows, grid = _features(corpus, words, learning, most=most, seed=seed, threads=threads)
        own = members[rows]
        counting = None if weights is None else (weights[rows] / weights[rows].mean()).astype(np.float32)
        judging = valid[rows]
        if not judging.any() or judging.all():
            judging = holdout_labels(own, corpus.groups[rows], NO_VALIDATION, seed)
        fitting, judged = np.flatnonzero(~judging), np.flatnonzero(judging)
        tried: list[Candidate] = []
        data, last = SparseRows(np.zeros(len(rows) + 1, dtype=np.int64), np.empty(0, dtype=np.int32), 0), None
        if len(fitting) and len(judged):
            for features in grid:
                data, last = features.learn(), features
                if len(data.indices):
                    tried += _candidates(features, data, own, counting, fitting, judged, threshold, seed, threads)

        def done(name: str, probabilities: Floats, cuts: Floats, known: int = 0, c: float | None = None) -> Baseline:
            seconds = time.perf_counter() - started
            judges = len(judged) if tried else 0
            return Baseline(
                name, probabilities, cuts, len(rows), len(learning), known, seconds, c, tuple(tried), judges
            )

        if not tried:
            shares = np.tile(np.average(own, axis=0, weights=counting), (len(test_rows), 1))
            return done(CONSTANT, shares, np.full(own.shape[1], 0.5 if threshold is None else threshold))
        best = max(tried, key=lambda candidate: candidate.micro_f1)
        features = next(features for features in grid if features.name == best.name)
        if features is not last:
            data = features.learn()
        model = _fit(data, own, counting, np.arange(len(rows), dtype=np.int64), best.c, seed, threads)
        known = data.features
        del data
        answers = [_probabilities(model.decision(features.apply(source.read(chunk)))) for chunk in _chunks(test_rows)]
        whole = np.concatenate(answers) if answers else np.empty((0, own.shape[1]))
        return done(best.name + ONE_VS_REST, whole, best.thresholds.values, known, best.c)


def _features(
    corpus: Corpus, words: Words, learning: Integers, *, most: int, seed: int, threads: int
) -> tuple[RowSource, Integers, list[Features]]:
    """Return where rows come from, the rows to learn from, and the grid."""
    rows = sampled(words, learning, seed)
    read = words.read(rows)
    min_df = 2 if len(rows) >= SMALL else 1
    if words_repeat(corpus, words, read):
        short = len(read.ids) < SHORT * len(read)
        counted = Counted.of(read, 3 if short else 2, min_df=1 if short else min_df, most=most, threads=threads)
        grid: list[Features] = [TfIdf(TFIDF, counted, 2, TFIDF_PENALTIES)]
        if short:
            both = TfIdf("", counted, 3, ())
            grid.append(
                WordsAndCharacters(WORDS_AND_CHARACTERS, both, words.spellings(), min_df, most, TFIDF_PENALTIES)
            )
        return with_features(corpus, words, rows, grid)
    characters = Characters(corpus)
    rows = sampled(characters, learning, seed)
    counted = Counted.of(characters.read(rows), 4, min_df=min_df, most=most, threads=threads)
    return with_features(corpus, characters, rows, [TfIdf(CHARACTERS, counted, 4, TFIDF_PENALTIES)])


def _candidates(
    features: Features,
    data: SparseRows,
    members: Members,
    weights: NDArray[np.float32] | None,
    fitting: Integers,
    judged: Integers,
    threshold: float | None,
    seed: int,
    threads: int,
) -> Iterator[Candidate]:
    """Fit the features with each C on the `fitting` rows; yield how they do on the `judged` ones."""
    truth, start = members[judged], None
    for c in features.penalties:
        start = _fit(data, members, weights, fitting, c, seed, threads, start)
        chances = _probabilities(start.decision(data, judged))
        thresholds = (
            choose_thresholds(chances, truth, seed)
            if threshold is None
            else given_thresholds(threshold, members.shape[1])
        )
        counts = counter(chances, chances >= thresholds.values, truth)(np.ones((1, len(truth))))
        micro_f1 = float(np.nan_to_num(LABEL_METRICS["micro_f1"].value(counts)[0]))
        yield Candidate(features.name, c, micro_f1, thresholds)


def _fit(
    data: SparseRows,
    members: Members,
    weights: NDArray[np.float32] | None,
    rows: Integers,
    c: float,
    seed: int,
    threads: int,
    start: LogisticRegression | None = None,
) -> LogisticRegression:
    return fit_one_vs_rest(
        data,
        members,
        c=c,
        rows=rows,
        weights=weights,
        tolerance=TOLERANCE,
        max_iterations=MAX_ITERATIONS,
        seed=seed,
        threads=threads,
        start=start,
    )


def _probabilities(scores: Floats) -> Floats:
    """Return 1 / (1 + exp(-scores)), without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * scores)))


def _chunks(rows: Integers) -> Iterator[Integers]:
    """Yield parts of at most `TEST_ROWS_AT_ONCE` rows."""
    for first in range(0, len(rows), TEST_ROWS_AT_ONCE):
        yield rows[first : first + TEST_ROWS_AT_ONCE]
