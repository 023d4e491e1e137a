"""Models of several labels, of several cells, side by side: one split and one vocabulary for all."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from recurra.evaluation.comparison import MICRO_F1
from recurra.evaluation.label_comparison import counted
from recurra.many_to_one.learn.compare import AnsweringText, TextComparison
from recurra.many_to_one.reading import Opened
from recurra.storage.model_directory import Label
from recurra.tasks.multilabel.learn.split import Members, divided, read_label_rows
from recurra.tasks.multilabel.options import MultilabelOptions
from recurra.training.control import RunControl
from recurra.training.split import Parts


class MultilabelComparison(TextComparison[MultilabelOptions]):
    """Texts and their sets of labels, by micro F1 on the held-out ones, with thresholds of the validation rows."""

    measure = MICRO_F1

    _labels: list[Label]
    _members: Members

    def divide(self) -> tuple[Opened, Parts, int, list[str]]:
        corpus, context = self._corpus, self.context
        read = read_label_rows(corpus, context.data, self.options, context.reporter, rejects=context.rejects)
        corpus.seal()
        labels, self._members, parts = divided(corpus, read.named, self.options)
        self._labels = list(labels)
        return read.table.opened, parts, max(2, len(labels)), read.told

    def fit(self, options: Any, control: RunControl) -> tuple[Any, AnsweringText, NDArray[Any]]:
        from recurra.tasks.multilabel.learn.fit import fit_multilabel, opened

        parts = self._parts
        fitted = fit_multilabel(self._corpus, self._members, parts.train, parts.valid, options, control=control)
        model, thresholds = opened(fitted, self._labels, self._corpus, self._members, parts.valid, options)
        given = model.predict_proba(self.held_out()) >= thresholds.values
        return fitted, model, counted(given, self._members[parts.test])
