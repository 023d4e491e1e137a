"""From a corpus with chosen training and validation rows to a trained model of numbers, and its intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.conformal import ConformalIntervals, fit_intervals
from recurra.evaluation.metric import Floats
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.fit import fit_text
from recurra.many_to_one.learn.fitted import FittedText
from recurra.many_to_one.learn.number import Number
from recurra.many_to_one.learn.trained import Trained
from recurra.storage.base import Base
from recurra.tasks.regress.intervals import intervals_of
from recurra.tasks.regress.model import TextRegressor
from recurra.tasks.regress.options import NumberModelOptions
from recurra.training.control import UNATTENDED, RunControl


@dataclass(frozen=True, kw_only=True)
class FittedNumbers(FittedText):
    """A trained model of numbers. intervals: fitted on the validation rows."""

    intervals: ConformalIntervals

    def regressor(self, threads: int | None = None) -> TextRegressor:
        """Return the model as it will answer once it is saved."""
        model = self.model(TextRegressor, [], threads)
        model.intervals = self.intervals
        return model


def fit_regressor(
    corpus: Corpus,
    targets: Floats,
    training: NDArray[np.bool_],
    validation: NDArray[np.bool_],
    options: NumberModelOptions,
    *,
    sample_weight: NDArray[np.floating[Any]] | None = None,
    base: Base | Trained | None = None,
    control: RunControl = UNATTENDED,
) -> FittedNumbers:
    """Train a model of numbers: see `fit_text`. targets: [N], finite.

    One that goes on answers within the numbers that it was trained on before too. Raises ArtefactError where it does
    not state them.
    """
    learnt = targets[training]
    lowest, highest = reach(learnt, base)
    objective = Number.of(learnt)
    fitted = fit_text(
        corpus,
        objective.standardised(targets),
        objective,
        training,
        validation,
        options,
        sample_weight=sample_weight,
        base=base,
        control=control,
    )
    model = fitted.model(TextRegressor, [], options.threads)
    texts = corpus.rows(np.flatnonzero(validation))
    intervals = fit_intervals(
        model.answers(texts)[:, 0],
        targets[validation],
        options.interval,
        lowest=lowest,
        highest=highest,
        seed=options.seed,
    )
    return FittedNumbers(**vars(fitted), intervals=intervals)


def reach(learnt: Floats, base: Base | Trained | None) -> tuple[float, float]:
    """Return the least and the largest number that a model may answer, of the targets [N] that it learns from and of
    those that a trained model has learnt from before. Raises ArtefactError where that one does not state its own."""
    lowest, highest = float(learnt.min()), float(learnt.max())
    if not isinstance(base, Trained):
        return lowest, highest
    before = intervals_of(base.metrics)
    return min(lowest, before.lowest), max(highest, before.highest)
