"""Models of series of several cells side by side, on one split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from recurra.evaluation.comparison import ACCURACY, MEAN_ABSOLUTE_ERROR
from recurra.tasks.series.learn.corpus import read_corpus
from recurra.tasks.series.model import SeriesModel
from recurra.tasks.series.options import SeriesOptions
from recurra.training.comparison import Comparison, Contender
from recurra.training.control import RunControl

if TYPE_CHECKING:
    from recurra.tasks.series.learn.corpus import Corpus


class SeriesComparison(Comparison[SeriesOptions]):
    """Series and their labels, by the share of the held-out ones that is right; or their numbers, by how far they are
    off."""

    _corpus: Corpus

    def read(self) -> dict[str, Any]:
        corpus = self._corpus = read_corpus(self.options, self.context)
        self.measure = ACCURACY if corpus.kind == "classify" else MEAN_ABSOLUTE_ERROR
        for finding in corpus.findings:
            self.context.reporter.info(f"Data: {finding}")
        self.context.reporter.info(f"Split: {corpus.parts.how}.")
        counts = corpus.parts.counts()
        return {
            "split": {name: counts[name] for name in ("how", "train", "test")},
            "data": corpus.facts,
            "config": self.options.model_dump(),
        }

    def train(self, cell: str, seed: int, control: RunControl) -> Contender:
        from recurra.tasks.series.learn.fit import fit_series

        corpus = self._corpus
        held_out = corpus.rows(corpus.parts.test)
        fitted = fit_series(
            corpus.rows(corpus.parts.train),
            corpus.rows(corpus.parts.valid),
            corpus.series.channels,
            max(1, len(corpus.labels)),
            corpus.kind,
            self.options.model_copy(update={"cell": cell, "seed": seed}),
            control=control,
        )
        model = SeriesModel(fitted.shape, fitted.inputs, corpus.labels, fitted.graph)
        outputs = model.outputs(held_out.series)
        classifies = corpus.kind == "classify"
        return Contender(
            outputs.argmax(axis=1) == held_out.targets
            if classifies
            else np.abs(outputs[:, 0].astype(np.float64) - held_out.targets),
            fitted.history,
            fitted.shape.parameters,
            len(fitted.graph) / 1e6,
            lambda place: model.outputs([held_out.series[place]]),
        )
