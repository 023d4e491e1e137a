"""How models are compared on the same held-out rows, each trained once or several times: by the share of the rows that
is right, by how far numbers are off, or by the F1 of sets of labels. Shapes: N rows.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.grouped import compare_ratios, ratio_interval
from recurra.evaluation.intervals import Z95, Interval, middle, wilson_over_runs
from recurra.evaluation.label_comparison import compare_counted, micro_f1, micro_f1_draws
from recurra.evaluation.significance import compare_runs, mcnemar

PERMUTED = "signs of the rows' differences flipped at random"
"""The paired test in words: Yeh, 2000, More accurate tests for the statistical significance of result differences."""

Runs = Sequence[NDArray[Any]]
"""What each row counts, [N], of each run of a model; of sets of labels [N, 3], see `label_comparison.counted`."""


class Measure(ABC):
    """What models are compared by, of what each row counts.

    name: in JSON; title: for people; higher_is_better: whether more of it is better.
    """

    name: str
    title: str
    higher_is_better: bool

    def value(self, run: NDArray[Any]) -> float:
        """Return the measure of one run: the mean of what its rows count."""
        return float(run.mean())

    @abstractmethod
    def interval(self, runs: Runs) -> Interval:
        """Return the 95 % interval of the mean over rows and runs."""

    @abstractmethod
    def paired(self, best: Runs, other: Runs) -> dict[str, Any]:
        """Return whether one model is `better` than another on the same rows, by which `test`, and the figures of it.

        p_value, difference (of the means, the first less the other) and difference_ci95; of several runs also by_seed,
        the figures of each. Better where p < 0.05 and the difference is on the right side.
        """

    @abstractmethod
    def shown(self, value: float) -> str:
        """Return a value for people."""

    def gap(self, difference: float) -> str:
        """Return a difference of two values for people, without its sign."""
        return self.shown(abs(difference))


class Accuracy(Measure):
    """The share of the rows that is right. A row counts True or False."""

    name, title, higher_is_better = "accuracy", "accuracy", True

    def interval(self, runs: Runs) -> Interval:
        return wilson_over_runs([float(right.mean()) for right in runs], len(runs[0]))

    def paired(self, best: Runs, other: Runs) -> dict[str, Any]:
        return compare_correct(best, other)

    def shown(self, value: float) -> str:
        return f"{value:.1%}"

    def gap(self, difference: float) -> str:
        return f"{abs(difference) * 100:.1f} points"


class MeanAbsoluteError(Measure):
    """How far numbers are off. A row counts its absolute error."""

    name, title, higher_is_better = "mae", "mean absolute error", False

    def interval(self, runs: Runs) -> Interval:
        """Return the interval of one run's rows; of several, with the variance of their means added, as of accuracy."""
        errors = np.mean(runs, axis=0)
        ends = ratio_interval(errors, np.ones(len(errors)), np.arange(len(errors)))
        return _over_runs([float(run.mean()) for run in runs], ends, math.inf)

    def paired(self, best: Runs, other: Runs) -> dict[str, Any]:
        by_seed = [_errors_compared(one, two) for one, two in zip(best, other, strict=True)]
        several = {**_errors_compared(np.mean(best, axis=0), np.mean(other, axis=0)), "by_seed": by_seed}
        result = (by_seed[0] if len(by_seed) == 1 else several) | {"test": PERMUTED}
        return result | {"better": result["p_value"] < 0.05 and result["difference"] < 0}

    def shown(self, value: float) -> str:
        return f"{value:.4g}"


class MicroF1(Measure):
    """Micro-averaged F1 of sets of labels. A row counts what `label_comparison.counted` says."""

    name, title, higher_is_better = "micro_f1", "micro F1", True

    def value(self, run: NDArray[Any]) -> float:
        return micro_f1(run)

    def interval(self, runs: Runs) -> Interval:
        ends = middle(micro_f1_draws(runs), len(runs[0]), share=True)
        values = [micro_f1(run) for run in runs]
        return _over_runs(values, (ends[0], ends[1]) if ends else (0.0, 1.0), 1.0)

    def paired(self, best: Runs, other: Runs) -> dict[str, Any]:
        result = {**compare_counted(best, other), "test": "answers to random rows exchanged"}
        if len(best) > 1:
            result["by_seed"] = [compare_counted([one], [two]) for one, two in zip(best, other, strict=True)]
        return result | {"better": result["p_value"] < 0.05 and result["difference"] > 0}

    def shown(self, value: float) -> str:
        return f"{value:.3f}"


ACCURACY, MEAN_ABSOLUTE_ERROR, MICRO_F1 = Accuracy(), MeanAbsoluteError(), MicroF1()
MEASURES: dict[str, Measure] = {measure.name: measure for measure in (ACCURACY, MEAN_ABSOLUTE_ERROR, MICRO_F1)}


def _over_runs(values: Sequence[float], ends: Interval, top: float) -> Interval:
    """Return the interval of the mean of several runs: that over rows, with the variance of their means added."""
    if len(values) == 1:
        return ends
    low, high = ends
    mean, of_runs = float(np.mean(values)), float(np.var(values, ddof=1)) / len(values)
    half = Z95 * math.sqrt(((high - low) / (2 * Z95)) ** 2 + of_runs)
    return max(0.0, mean - half), min(top, mean + half)


def compare_correct(best: Runs, other: Runs) -> dict[str, Any]:
    """Return whether one classifier is `better` than another on the same rows: see `Measure.paired`.

    best, other: for each seed, whether the classifier was right, bool [N]. One seed: `mcnemar`. Several:
    `compare_runs`; only_model and only_baseline are then added up over the seeds, and by_seed has McNemar's test of
    each.
    """
    by_seed = [mcnemar(one, two) for one, two in zip(best, other, strict=True)]
    if len(by_seed) == 1:
        result = by_seed[0] | {"test": "McNemar's test"}
    else:
        result = {
            "only_model": sum(one["only_model"] for one in by_seed),
            "only_baseline": sum(one["only_baseline"] for one in by_seed),
            **compare_runs(np.stack(best).sum(axis=0) - np.stack(other).sum(axis=0), len(by_seed)),
            "test": PERMUTED,
            "by_seed": by_seed,
        }
    return result | {"better": result["p_value"] < 0.05 and result["difference"] > 0}


def _errors_compared(one: NDArray[Any], other: NDArray[Any]) -> dict[str, Any]:
    return compare_ratios(one, other, np.ones(len(one)), np.arange(len(one)))
