"""The cheap baseline that every model must beat: n-grams and logistic regression, the best of a small grid.

Each candidate is fitted on the training rows and judged on the validation rows; the best is then fitted on both, which
are the rows that the network has for learning and choosing. Where most words are met in one row only, as in a language
without spaces between words, characters take the place of words: a baseline that cannot see anything is easily beaten.

Its cost is bounded: of many rows, or of long ones, a uniform random sample is used, and the result has its size.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recurra.errors import DataError
from recurra.evaluation.calibration import fit_temperature, softmax
from recurra.evaluation.decision import Decision
from recurra.evaluation.intervals import wilson
from recurra.evaluation.metric import Floats, Integers
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.baseline_columns import with_features
from recurra.many_to_one.learn.baseline_features import Features
from recurra.many_to_one.learn.baseline_grid import character_grid, word_grid
from recurra.many_to_one.learn.baseline_rows import Characters, RowSource, Words, sampled, words_repeat
from recurra.tasks.classify.learn.decide import Tuning
from recurra.training.logistic_regression import LogisticRegression, SparseRows, fit_logistic_regression

CONSTANT = "class shares (no words to learn from)"

MAX_FEATURES = 4_000_000
"""N-grams kept, those in most rows; 40,500 reviews have 1.6 million in two rows or more."""
MAX_COEFFICIENTS = 20_000_000
"""Features x problems: one for two classes, else one for each class."""
TEST_ROWS_AT_ONCE = 2_000
"""Test rows answered at once."""
NO_VALIDATION = 5
"""Every fifth training row validates where no other row does."""
TOLERANCE, MAX_ITERATIONS = 1.0, 50
"""Of the solver; a closer solution takes longer and is no more accurate (docs/explanation/what-was-tried.md)."""
_LEAST = 1e-15  # probability in a log loss


LIKELIEST = Decision()


@dataclass(frozen=True)
class Candidate:
    """A point of the grid. name: of its features; c: C; accuracy, log_loss: on the validation rows; temperature: by
    which its scores are divided there."""

    name: str
    c: float
    accuracy: float
    log_loss: float
    temperature: float

    def summary(self) -> dict[str, Any]:
        """Return name, c, accuracy and log_loss, ready for JSON."""
        return {"name": self.name, "c": self.c, "accuracy": self.accuracy, "log_loss": self.log_loss}


@dataclass(frozen=True)
class Baseline:
    """What the baseline answered on the test rows, and what it was.

    Attributes:
        name: what it is, for a reader.
        probabilities: [N test, K].
        rows_used: training and validation rows it was fitted on.
        rows: training and validation rows there were.
        features: n-grams it knows.
        seconds: wall time of fitting and answering.
        c: the C that was chosen; None where there was nothing to choose.
        grid: what was tried.
        valid_rows: rows by which it was chosen.
        decision: how classes are chosen of the probabilities, by a threshold where the model has one.
        answered: [N test], the classes that were chosen, where there was more than one decision.
    """

    name: str
    probabilities: Floats
    rows_used: int
    rows: int
    features: int
    seconds: float
    c: float | None = None
    grid: tuple[Candidate, ...] = ()
    valid_rows: int = 0
    decision: Decision = LIKELIEST
    answered: Integers | None = None

    @property
    def predictions(self) -> Integers:
        """The answer to each test row [N test], a class index."""
        if self.answered is not None:
            return self.answered
        return self.decision.chosen(self.probabilities)

    def summary(self, targets: ArrayLike) -> dict[str, Any]:
        """Return the attributes without the probabilities, and accuracy, accuracy_ci95 and log_loss; for JSON."""
        truth = np.asarray(targets, dtype=np.int64)
        correct = self.predictions == truth
        return {
            "name": self.name,
            "accuracy": float(correct.mean()),
            "accuracy_ci95": list(wilson(int(correct.sum()), len(correct))),
            "log_loss": _log_loss(self.probabilities, truth),
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

    held: [n] baseline, and baseline_rows and baseline_features of the one that answered the row; baseline_probabilities
    [n, K].
    """
    rows = round(float(held["baseline_rows"].mean()))
    return Baseline(
        name="The best n-grams of each fold + logistic regression",
        probabilities=held["baseline_probabilities"],
        rows_used=rows,
        rows=rows,
        features=int(held["baseline_features"].max()),
        seconds=0.0,
        answered=held["baseline"],
    )


def fit_baseline(
    corpus: Corpus,
    targets: Integers,
    train: NDArray[np.bool_],
    valid: NDArray[np.bool_],
    test: NDArray[np.bool_],
    *,
    classes: int,
    seed: int = 0,
    threads: int = 1,
    weights: Floats | None = None,
    tuning: Tuning | None = None,
) -> Baseline:
    """Choose on the validation rows, learn from them and the training rows, and answer the test rows.

    Args:
        corpus: N rows, sealed.
        targets: [N], class indexes of the rows of the three parts.
        train, valid, test: [N], the parts. Without validation rows, some training rows take their place.
        classes: K.
        seed: of the sample of rows, where one is needed, and of the solver.
        threads: at most.
        weights: [N], by which rows count; None: all alike.
        tuning: whose threshold is chosen on the validation rows; None: nobody's.

    Raises:
        DataError: no training rows.
    """
    if not train.any():
        raise DataError("The baseline has no training rows.")
    with closing(Words(corpus)) as words:
        return _best(
            corpus,
            words,
            targets,
            train,
            valid,
            test,
            classes=classes,
            seed=seed,
            threads=threads,
            weights=weights,
            tuning=tuning,
        )


def _best(
    corpus: Corpus,
    words: Words,
    targets: Integers,
    train: NDArray[np.bool_],
    valid: NDArray[np.bool_],
    test: NDArray[np.bool_],
    *,
    classes: int,
    seed: int,
    threads: int,
    weights: Floats | None,
    tuning: Tuning | None,
) -> Baseline:
    started = time.perf_counter()
    learning = np.flatnonzero(train | valid)
    test_rows = np.flatnonzero(test)
    most = max(1, min(MAX_FEATURES, MAX_COEFFICIENTS // (classes if classes > 2 else 1)))
    source, rows, grid = _features(corpus, words, learning, most=most, seed=seed, threads=threads)
    labels = np.asarray(targets, dtype=np.int64)[rows]
    own = None if weights is None else (weights[rows] / weights[rows].mean()).astype(np.float32)
    judging = valid[rows]
    if not judging.any() or judging.all():
        judging = np.arange(len(rows)) % NO_VALIDATION == NO_VALIDATION - 1
    fitting, judged = np.flatnonzero(~judging), np.flatnonzero(judging)
    learnt = _Rows(labels, fitting, judged, classes, seed, threads, own)
    tried: list[Candidate] = []
    data, last = SparseRows(np.zeros(len(rows) + 1, dtype=np.int64), np.empty(0, dtype=np.int32), 0), None
    if len(np.unique(labels[fitting])) > 1 and len(judged):
        for features in grid:
            data, last = features.learn(), features
            if len(data.indices):
                tried += learnt.candidates(features, data)

    def done(
        name: str,
        probabilities: Floats,
        known: int = 0,
        c: float | None = None,
        decision: Decision = LIKELIEST,
    ) -> Baseline:
        seconds = time.perf_counter() - started
        return Baseline(
            name,
            probabilities,
            len(rows),
            len(learning),
            known,
            seconds,
            c,
            tuple(tried),
            len(judged) if tried else 0,
            decision,
        )

    if not tried:
        shares = np.bincount(labels, minlength=classes) / len(labels)
        return done(CONSTANT, np.tile(shares, (len(test_rows), 1)))
    best = max(tried, key=lambda candidate: (candidate.accuracy, -candidate.log_loss))
    features = next(features for features in grid if features.name == best.name)
    if features is not last:
        data = features.learn()
    every = np.arange(len(rows), dtype=np.int64)
    model = learnt.fit(features, data, every, best.c)
    decision = learnt.decision(features, data, best, tuning)
    known = data.features
    del data
    answers = [
        _probabilities(model.decision(features.apply(source.read(chunk))), best.temperature)
        for chunk in _chunks(test_rows)
    ]
    return done(best.name, np.concatenate(answers) if answers else np.empty((0, classes)), known, best.c, decision)


def _features(
    corpus: Corpus, words: Words, learning: Integers, *, most: int, seed: int, threads: int
) -> tuple[RowSource, Integers, list[Features]]:
    """Return where rows come from, the rows to learn from, and the grid."""
    rows = sampled(words, learning, seed)
    read = words.read(rows)
    if words_repeat(corpus, words, read):
        return with_features(corpus, words, rows, word_grid(read, words.spellings(), most=most, threads=threads))
    characters = Characters(corpus)
    rows = sampled(characters, learning, seed)
    return with_features(corpus, characters, rows, character_grid(characters.read(rows), most=most, threads=threads))


@dataclass(frozen=True)
class _Rows:
    """The rows that a candidate learns from and is judged by.

    labels: [N], their classes; fitting, judged: which of them; weights: [N], by which they count, None: all alike.
    """

    labels: Integers
    fitting: Integers
    judged: Integers
    classes: int
    seed: int
    threads: int
    weights: NDArray[np.float32] | None

    def candidates(self, features: Features, data: SparseRows) -> Iterator[Candidate]:
        """Fit the features with each C on the `fitting` rows; yield how they do on the `judged` ones."""
        truth = self.labels[self.judged]
        start = None
        scale = features.scale(data, self.labels, self.classes, self.fitting)
        for c in features.penalties:
            start = self.fit(features, data, self.fitting, c, start, scale)
            logits = _logits(start.decision(data, self.judged))
            temperature = fit_temperature(logits, truth)
            probabilities = softmax(logits / temperature)
            right = float((probabilities.argmax(axis=1) == truth).mean())
            yield Candidate(features.name, c, right, _log_loss(probabilities, truth), temperature)

    def decision(self, features: Features, data: SparseRows, best: Candidate, tuning: Tuning | None) -> Decision:
        """Return how the best candidate chooses a class: by a threshold of the `judged` rows, which it has not seen."""
        if tuning is None:
            return LIKELIEST
        model = self.fit(features, data, self.fitting, best.c)
        probabilities = _probabilities(model.decision(data, self.judged), best.temperature)
        return tuning.decision(probabilities, self.labels[self.judged], None)

    def fit(
        self,
        features: Features,
        data: SparseRows,
        rows: Integers,
        c: float,
        start: LogisticRegression | None = None,
        scale: NDArray[np.float32] | None = None,
    ) -> LogisticRegression:
        """Return the regression on some rows. scale: that of the features there, where it is known already."""
        if scale is None:
            scale = features.scale(data, self.labels, self.classes, rows)
        return fit_logistic_regression(
            data,
            self.labels,
            self.classes,
            c=c,
            rows=rows,
            weights=self.weights,
            scale=scale,
            tolerance=TOLERANCE,
            max_iterations=MAX_ITERATIONS,
            seed=self.seed,
            threads=self.threads,
            start=start,
        )


def _logits(scores: Floats) -> Floats:
    """Return [N, K] of [N, K']: a single score is that of class 1 against class 0."""
    return np.c_[np.zeros(len(scores)), scores] if scores.shape[1] == 1 else scores


def _probabilities(scores: Floats, temperature: float) -> Floats:
    return softmax(_logits(scores) / temperature)


def _log_loss(probabilities: Floats, truth: Integers) -> float:
    return float(-np.log(np.maximum(probabilities[np.arange(len(truth)), truth], _LEAST)).mean())


def _chunks(rows: Integers) -> Iterator[Integers]:
    """Yield parts of at most `TEST_ROWS_AT_ONCE` rows."""
    for first in range(0, len(rows), TEST_ROWS_AT_ONCE):
        yield rows[first : first + TEST_ROWS_AT_ONCE]
