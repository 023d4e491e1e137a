"""Classifiers of several cells side by side: one split and one vocabulary for all."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.evaluation.comparison import ACCURACY
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.defaults import sized
from recurra.many_to_one.learn.vocabulary import level_notes, settled
from recurra.options.base import flag
from recurra.tasks.classify.learn.findings import report_findings
from recurra.tasks.classify.learn.split import divided, read_rows
from recurra.tasks.classify.model import Classifier
from recurra.tasks.classify.options import ClassifyOptions
from recurra.training.comparison import Comparison, Contender
from recurra.training.control import RunControl
from recurra.training.split import Parts
from recurra.training.trainer import RunContext


class ClassifyComparison(Comparison[ClassifyOptions]):
    """Texts and their labels, by the share of the held-out ones that is right."""

    measure = ACCURACY

    _labels: list[Any]
    _targets: NDArray[np.int64]
    _parts: Parts

    def __init__(self, options: ClassifyOptions, context: RunContext) -> None:
        super().__init__(options, context)
        self._corpus = Corpus(punctuation=options.punctuation, level=options.level)

    @classmethod
    def check(cls, options: ClassifyOptions) -> None:
        for name, why in (
            ("unlabelled", "it compares networks that learn from the labelled rows alone"),
            ("from_", "it compares networks of several cells, and a base has one"),
        ):
            if getattr(options, name) is not None:
                raise OptionError(f"{flag(name)} does not go with `recurra compare`: {why}. Leave it out.")
        if not options.split and not (options.test or options.split_column):
            raise OptionError("--split 0 leaves nothing to compare on; give a share of the rows, such as --split 0.1.")

    def read(self) -> dict[str, Any]:
        corpus, reporter = self._corpus, self.context.reporter
        opened, named_parts = read_rows(corpus, self.context.data, self.options, reporter, rejects=self.context.rejects)
        corpus.seal()
        self._labels, self._targets, parts = divided(corpus, named_parts, self.options)
        self._parts, given = parts, self.options
        self.options = sized(settled(corpus, parts.train, given), int(parts.train.sum()), len(self._labels))
        for said in (*opened.notes, *level_notes(given, self.options)):
            reporter.info(f"Data: {said}")
        report_findings(corpus, self._labels, parts, self.options, reporter)
        reporter.info(f"Split: {parts.how}.")
        return {
            "split": {"how": parts.how, "train": int(parts.train.sum()), "test": int(parts.test.sum())},
            "data": {"name": opened.source.name, "how": opened.source.how, "fingerprint": corpus.fingerprint},
            "config": self.options.model_dump(),
        }

    def train(self, cell: str, seed: int, control: RunControl) -> Contender:
        from recurra.tasks.classify.learn.fit import fit_classifier

        corpus, parts = self._corpus, self._parts
        chosen = self.options.model_copy(update={"cell": cell, "seed": seed, "quantise": "never"})
        fitted = fit_classifier(
            corpus, self._targets, len(self._labels), parts.train, parts.valid, chosen, control=control
        )
        model, rows = fitted.model(Classifier, self._labels), np.flatnonzero(parts.test)
        answers = model.predict_proba(corpus.rows(rows)).argmax(1)
        return Contender(
            answers == self._targets[rows],
            fitted.history,
            fitted.shape.parameters,
            len(fitted.graph) / 1e6,
            lambda place: model.predict_proba(corpus.rows(rows[place : place + 1])),
        )

    def close(self) -> None:
        self._corpus.close()
