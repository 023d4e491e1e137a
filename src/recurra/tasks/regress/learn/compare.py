"""Models of numbers of several cells side by side: one split and one vocabulary for all."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.comparison import MEAN_ABSOLUTE_ERROR
from recurra.evaluation.metric import Floats
from recurra.many_to_one.learn.compare import AnsweringText, TextComparison
from recurra.many_to_one.reading import Opened
from recurra.tasks.regress.learn.split import divided, numbers_of, read_numbers
from recurra.tasks.regress.options import RegressOptions
from recurra.training.control import RunControl
from recurra.training.split import Parts


class RegressComparison(TextComparison[RegressOptions]):
    """Texts and their numbers, by how far the held-out ones are off."""

    measure = MEAN_ABSOLUTE_ERROR

    _targets: Floats

    def divide(self) -> tuple[Opened, Parts, int, list[str]]:
        corpus, context = self._corpus, self.context
        opened, named, _ = read_numbers(corpus, context.data, self.options, context.reporter, rejects=context.rejects)
        corpus.seal()
        self._targets = numbers_of(corpus)
        return opened, divided(corpus, self._targets, named, self.options), 2, []

    def fit(self, options: Any, control: RunControl) -> tuple[Any, AnsweringText, NDArray[Any]]:
        from recurra.tasks.regress.learn.fit import fit_regressor

        parts = self._parts
        fitted = fit_regressor(self._corpus, self._targets, parts.train, parts.valid, options, control=control)
        model = fitted.regressor()
        return fitted, model, np.abs(model.predict(self.held_out()) - self._targets[parts.test])
