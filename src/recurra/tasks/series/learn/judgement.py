"""How a trained model of series does on what was held out, its baseline beside it, and where it errs most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.calibration import softmax
from recurra.evaluation.class_scores import confident_mistakes, score_classes
from recurra.evaluation.regression import compare_errors, score_numbers
from recurra.evaluation.significance import mcnemar
from recurra.tasks.series.learn.baseline import Judged, baselines, best
from recurra.tasks.series.learn.corpus import Corpus
from recurra.tasks.series.learn.fit import FittedSeries
from recurra.tasks.series.metrics import score
from recurra.tasks.series.model import SeriesModel
from recurra.terminal.progress import Reporter
from recurra.training.split import draw

TRAIN_SAMPLE = 1_000
"""Training series on which the model is judged at the end."""
MISTAKES = 20

Floats = NDArray[np.float32]


class Judgement:
    """A model's answers to the held-out series of a corpus."""

    def __init__(self, corpus: Corpus, model: SeriesModel, fitted: FittedSeries, seed: int) -> None:
        self._corpus, self._model, self._fitted, self._seed = corpus, model, fitted, seed
        self._rows = np.flatnonzero(corpus.parts.test)
        self._targets = corpus.targets[self._rows]
        self._outputs = model.outputs(self._series(self._rows))

    @property
    def _classifies(self) -> bool:
        return self._corpus.kind == "classify"

    def _series(self, rows: NDArray[np.int64]) -> list[Floats]:
        return [self._corpus.series.values[row] for row in rows]

    def scores(self) -> dict[str, Any]:
        """Return "test", "train" and "mistakes" of metrics.json."""
        corpus = self._corpus
        test = score(self._outputs, self._targets, corpus.labels, self._seed)
        rows = draw(np.flatnonzero(corpus.parts.train), TRAIN_SAMPLE, self._seed)
        of_training = score(self._model.outputs(self._series(rows)), corpus.targets[rows], corpus.labels, self._seed)
        kept = ("rows", "accuracy", "log_loss", "mae", "rmse", "r2")
        train = {name: of_training[name] for name in kept if name in of_training}
        return {"test": test, "train": train, "mistakes": self._mistakes()}

    def _mistakes(self) -> list[dict[str, Any]]:
        """Return the series that were answered wrongly with most confidence, or whose number is furthest off."""
        ids, corpus = self._corpus.series.ids, self._corpus
        if self._classifies:
            wrong = confident_mistakes(softmax(self._outputs), self._targets, MISTAKES, corpus.labels)
            for one in wrong:
                row = int(self._rows[one.pop("row")])
                one |= {"series": ids[row], "steps": len(corpus.series.values[row])}
            return wrong
        answers = self._outputs[:, 0].astype(np.float64)
        worst = np.argsort(-np.abs(answers - self._targets), kind="stable")[:MISTAKES]
        return [
            {
                "series": ids[row],
                "steps": len(corpus.series.values[row]),
                "truth": float(self._targets[place]),
                "predicted": float(answers[place]),
            }
            for place, row in zip(worst, self._rows[worst].tolist(), strict=True)
        ]

    def baseline(self, reporter: Reporter) -> dict[str, Any]:
        """Return "baseline", "baselines" and "paired" of metrics.json."""
        corpus = self._corpus
        reporter.info("Fitting the baseline ...")
        learnt = np.flatnonzero(corpus.learnt)
        targets, outputs = corpus.targets[learnt], self._fitted.shape.outputs
        training, held_out = (self._standard(self._series(rows)) for rows in (learnt, self._rows))
        candidates = baselines(training, targets, held_out, outputs, corpus.kind, self._seed)
        chosen = best(candidates, targets, corpus.kind)
        others = [{"name": one.name, **self._score(one), "chosen": one is chosen} for one in candidates]
        return {
            "baseline": {"name": chosen.name, **self._score(chosen)},
            "baselines": others,
            "paired": self._paired(chosen),
        }

    def _score(self, judged: Judged) -> dict[str, Any]:
        """Return the scores of a baseline that the model has too."""
        if not self._classifies:
            return score_numbers(judged.answers, self._targets, self._seed)
        sure = judged.probabilities(len(self._corpus.labels))
        found = score_classes(sure, self._targets, self._corpus.labels, self._seed)
        names = ("accuracy", "macro_f1", *(("log_loss",) if judged.outputs is not None else ()))
        return {"rows": found["rows"], **{key: found[key] for name in names for key in (name, f"{name}_ci95")}}

    def _paired(self, judged: Judged) -> dict[str, Any]:
        if self._classifies:
            return mcnemar(self._outputs.argmax(axis=1) == self._targets, judged.answers == self._targets)
        return compare_errors(self._outputs[:, 0].astype(np.float64), judged.answers, self._targets)

    def _standard(self, series: Sequence[Floats]) -> list[Floats]:
        """Return the frames of series as the network sees them, standardised."""
        mean, deviation = (self._fitted.weights[name] for name in ("mean", "deviation"))
        return [(self._model.inputs.frames(values) - mean) / deviation for values in series]
