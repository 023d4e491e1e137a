"""Whether one model's sets of labels are significantly better than another's on the same rows: the paired bootstrap.

Micro F1 is no mean over rows, so that rows are drawn again whole, with what each model counts on them, and F1 is taken
of each draw. The p-value exchanges the two models' answers to random rows (Yeh, 2000, More accurate tests for the
statistical significance of result differences).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import DataError
from recurra.evaluation.intervals import POINT, RESAMPLES, Z95, draws
from recurra.evaluation.label_metrics import Members
from recurra.evaluation.metric import Floats

EXCHANGES = 9_999
_EXCHANGED_IN_MEMORY = 2_000_000

Answers = Sequence[NDArray[np.bool_]]
"""Which labels each run of a model answered, [N, L] each."""


def compare_micro_f1(model: Answers, baseline: Answers, members: Members, seed: int = 0) -> dict[str, Any]:
    """Return difference (micro F1 of the model less that of the baseline, the mean over runs), difference_ci95 (over
    rows drawn again) and p_value (two-sided).

    model, baseline: as many runs of each, [N, L]; members: [N, L]. Raises DataError where they do not fit each other.
    """
    if not len(model) or len(model) != len(baseline) or not len(members):
        raise DataError("A paired comparison needs as many runs of both models, and at least one row.")
    if any(run.shape != members.shape for run in (*model, *baseline)):
        raise DataError(f"Every run must have answered the same rows and labels, {members.shape}.")
    return compare_counted([counted(run, members) for run in model], [counted(run, members) for run in baseline], seed)


def compare_counted(model: Sequence[Floats], baseline: Sequence[Floats], seed: int = 0) -> dict[str, Any]:
    """Return what `compare_micro_f1` does, of what each run `counted` on the same rows, [N, 3] each."""
    hits, answers = (np.stack([run[:, i] for run in model], axis=1) for i in (0, 1))  # [N, runs]
    hits_b, answers_b = (np.stack([run[:, i] for run in baseline], axis=1) for i in (0, 1))
    actual = model[0][:, 2:3]
    rows = len(actual)

    def difference(weights: Floats) -> Floats:
        one, other = (
            _f1(weights @ hits, weights @ (answers + actual)),
            _f1(weights @ hits_b, weights @ (answers_b + actual)),
        )
        return np.asarray((one - other).mean(axis=1))

    own = float(difference(np.ones((1, rows)))[0])
    drawn = np.concatenate([difference(weights) for weights in draws(rows, RESAMPLES, seed)])
    low, high = (float(edge) for edge in np.percentile(drawn, [2.5, 97.5]))
    if high - low <= POINT:  # as where both answer alike everywhere: one more right answer of each is as likely as not
        half = Z95 * 2.0 / max(1.0, float((answers.mean(axis=1) + actual[:, 0]).sum()))
        low, high = own - half, own + half
    p_value = _exchanged(hits, answers, hits_b, answers_b, actual, abs(own), seed)
    return {"difference": own, "difference_ci95": [low, high], "p_value": p_value}


def counted(predicted: Members, members: Members) -> Floats:
    """Return of each row how many answers are right, how many there are, and how many labels it has, [N, 3]."""
    return np.stack([(predicted & members).sum(axis=1), predicted.sum(axis=1), members.sum(axis=1)], axis=1).astype(
        np.float64
    )


def micro_f1(run: Floats) -> float:
    """Return the micro F1 of what a run `counted` [N, 3]."""
    hits, answers, actual = run.sum(axis=0)
    return float(_f1(np.array([hits]), np.array([answers + actual]))[0])


def micro_f1_draws(runs: Sequence[Floats], seed: int = 0) -> Floats:
    """Return the mean over runs of the micro F1 of rows drawn again, one value a draw. runs: [N, 3] each."""
    return np.concatenate(
        [
            np.mean([_f1(weights @ run[:, 0], weights @ (run[:, 1] + run[:, 2])) for run in runs], axis=0)
            for weights in draws(len(runs[0]), RESAMPLES, seed)
        ]
    )


def _f1(hits: Floats, both: Floats) -> Floats:
    """Return 2 hits / (answers + truth); 1 where there is neither, since then nothing is wrong."""
    return np.asarray(np.divide(2.0 * hits, both, out=np.ones_like(hits), where=both > 0), dtype=np.float64)


def _exchanged(
    hits: Floats, answers: Floats, hits_b: Floats, answers_b: Floats, actual: Floats, least: float, seed: int
) -> float:
    """Return the share of random exchanges of the two models' rows with a difference at least as large."""
    rows = len(actual)
    generator, seen = np.random.default_rng(seed), 0
    mid_hits, mid_all = (hits + hits_b).sum(axis=0) / 2, (answers + answers_b).sum(axis=0) / 2 + actual.sum()
    gap_hits, gap_all = (hits - hits_b) / 2, (answers - answers_b) / 2
    size = max(1, _EXCHANGED_IN_MEMORY // rows)
    for start in range(0, EXCHANGES, size):
        signs = generator.integers(0, 2, size=(min(size, EXCHANGES - start), rows)) * 2.0 - 1.0
        moved_hits, moved_all = signs @ gap_hits, signs @ gap_all
        one, other = _f1(mid_hits + moved_hits, mid_all + moved_all), _f1(mid_hits - moved_hits, mid_all - moved_all)
        seen += int((np.abs((one - other).mean(axis=1)) >= least - 1e-12).sum())
    return (seen + 1) / (EXCHANGES + 1)
