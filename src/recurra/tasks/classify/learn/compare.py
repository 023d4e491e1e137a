"""Classifiers of several cells side by side: one split and one vocabulary for all."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.comparison import ACCURACY
from recurra.many_to_one.learn.compare import AnsweringText, TextComparison
from recurra.many_to_one.reading import Opened
from recurra.tasks.classify.learn.findings import report_findings
from recurra.tasks.classify.learn.split import LabelledParts, divided, read_rows
from recurra.tasks.classify.model import Classifier
from recurra.tasks.classify.options import ClassifyOptions
from recurra.training.control import RunControl
from recurra.training.split import Parts


class ClassifyComparison(TextComparison[ClassifyOptions]):
    """Texts and their labels, by the share of the held-out ones that is right."""

    measure = ACCURACY

    _labels: list[Any]
    _targets: NDArray[np.int64]
    _found: LabelledParts

    def divide(self) -> tuple[Opened, Parts, int, list[str]]:
        corpus, context = self._corpus, self.context
        opened, named_parts = read_rows(corpus, context.data, self.options, context.reporter, rejects=context.rejects)
        corpus.seal()
        self._labels, self._targets, self._found = divided(corpus, named_parts, self.options)
        return opened, self._found, len(self._labels), []

    def findings(self) -> None:
        report_findings(self._corpus, self._labels, self._found, self.options, self.context.reporter)

    def fit(self, options: Any, control: RunControl) -> tuple[Any, AnsweringText, NDArray[Any]]:
        from recurra.tasks.classify.learn.fit import fit_classifier

        parts = self._parts
        fitted = fit_classifier(
            self._corpus, self._targets, len(self._labels), parts.train, parts.valid, options, control=control
        )
        model = fitted.model(Classifier, self._labels)
        return fitted, model, model.answers(self.held_out()).argmax(1) == self._targets[parts.test]
