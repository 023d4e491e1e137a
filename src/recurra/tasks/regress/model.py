"""A trained model that answers a text with a number: texts in, numbers and intervals out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from recurra.evaluation.conformal import ConformalIntervals
from recurra.many_to_one.given import Given
from recurra.many_to_one.model import TEXTS_IN_MEMORY, Read, TextModel
from recurra.report.notebook import NotebookModel
from recurra.storage.model_directory import Artefact
from recurra.tasks.regress.intervals import intervals_of
from recurra.tasks.regress.shape import NumberShape

if TYPE_CHECKING:
    from recurra.tasks.regress.explain import NumberExplanation


@dataclass(frozen=True, kw_only=True)
class NumberPredictions(Read):
    """Answers for N texts, in their order, and how they were read.

    values [N] float64, within the targets of training; low, high [N]: the ends of the intervals about them.
    """

    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


class TextRegressor(NotebookModel, TextModel):
    """A model directory, ready to answer.

        model = recurra.load("regress-model")
        model.predict(["A wonderful film."])            # array([8.9])
        model.predict_interval(["A wonderful film."])   # array([[6.6, 10.0]]): in 9 of 10 cases the truth is between

    Texts may be a list, a tuple, a NumPy array, a pandas or polars Series, or any other iterable of str.
    Safe to call from several threads.

    intervals: by which intervals are made; None while it is being trained. No prediction and no interval goes beyond
    the targets of training.
    """

    task = "regress"
    shape = NumberShape
    intervals: ConformalIntervals | None = None

    @classmethod
    def from_artefact(cls, source: Artefact, threads: int | None = None) -> Self:
        """Return the model of a checked directory. Raises ArtefactError where its parts do not fit each other."""
        model = super().from_artefact(source, threads)
        model.intervals = intervals_of(source.manifest.metrics)
        return model

    def predict(self, texts: Iterable[Given]) -> NDArray[np.float64]:
        """Return the number of each text [rows], in the unit of the targets of training.

        Raises OptionError where `texts` is one text instead of several, or an item is not a str.
        """
        values = self.answers(texts)[:, 0]
        return values if self.intervals is None else self.intervals.clipped(values)

    def predict_interval(self, texts: Iterable[Given]) -> NDArray[np.float64]:
        """Return the ends of the interval about the number of each text [rows, 2].

        It holds the truth with the probability that training was given as `--interval` (0.9), for texts like those of
        training: see `recurra.evaluation.conformal`. Raises OptionError as `predict` does.
        """
        return np.stack(self.around(self.answers(texts)[:, 0]), axis=1)

    def around(self, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the ends [N] of the intervals about answers [N] of the network."""
        if self.intervals is None:
            raise RuntimeError("intervals are fitted after the network")
        return self.intervals.around(values)

    def predict_iter(self, texts: Iterable[Given], chunk: int = TEXTS_IN_MEMORY) -> Iterator[NumberPredictions]:
        """Yield answers for `chunk` texts at a time, reading no further ahead: memory is bounded by the chunk."""
        for part in self.answer_iter(texts, chunk):
            low, high = self.around(part.answers[:, 0])
            assert self.intervals is not None  # for the type checker: `around` has seen them
            yield NumberPredictions(
                values=self.intervals.clipped(part.answers[:, 0]), low=low, high=high, **vars(part.read)
            )

    def explain(self, text: Given) -> NumberExplanation:
        """Return what each word and each sentence of `text` contributes to the number.

            model = recurra.load("regress-model")
            explanation = model.explain("A wonderful film.")
            for word in explanation.top(3):
                print(word.text, word.contribution)

        The contribution of a word is how far the number falls when it is hidden, in the unit of the targets.
        `to_dict()` returns plain values. See `recurra.tasks.regress.explain.NumberExplanation`.
        Raises OptionError where `text` is no str.
        """
        from recurra.tasks.regress.explain import explain

        return explain(self, text)
