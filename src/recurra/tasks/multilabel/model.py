"""A trained model that gives several labels: texts in, sets of labels and probabilities out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.many_to_one.given import Given
from recurra.many_to_one.model import TEXTS_IN_MEMORY, Read, TextModel
from recurra.report.notebook import NotebookModel
from recurra.storage.model_directory import Label
from recurra.storage.parts import mismatch
from recurra.tasks.multilabel.shape import MultilabelShape

if TYPE_CHECKING:
    from recurra.tasks.multilabel.explain import LabelExplanation

HALF = 0.5
"""The threshold of a model that states none."""


@dataclass(frozen=True, kw_only=True)
class MultilabelPredictions(Read):
    """Answers for N texts, in their order, and how they were read.

    labels: those of each text, the most probable first; probabilities [N, L] float64; logits [N, L] float32.
    """

    labels: list[list[Any]]
    probabilities: NDArray[np.float64]
    logits: NDArray[np.float32]


class MultilabelClassifier(NotebookModel, TextModel):
    """A model directory of the task `multilabel`, ready to answer.

        model = recurra.load("multilabel-model")
        model.predict(["A film of my friend."])        # [['film', 'person']]
        model.predict_proba(["A film of my friend."])  # [rows, labels], columns as in model.classes_
        model.thresholds                               # [labels]: the probability from which each is given

    Texts may be a list, a tuple, a NumPy array, a pandas or polars Series, or any other iterable of str.
    Safe to call from several threads.
    """

    task = "multilabel"
    shape = MultilabelShape

    @cached_property
    def thresholds(self) -> NDArray[np.float64]:
        """The probability from which each label is given [L]. Raises ArtefactError where the manifest has no such."""
        labels = len(self.classes_)
        stated = None if self.manifest is None else self.manifest.metrics.get("thresholds")
        if stated is None:
            return np.full(labels, HALF)
        if not isinstance(stated, list) or len(stated) != labels or not all(map(_is_probability, stated)):
            raise mismatch(f"manifest.json does not state {labels} thresholds between 0 and 1")
        return np.array(stated, dtype=np.float64)

    def with_thresholds(self, thresholds: float | Sequence[float] | NDArray[np.floating]) -> MultilabelClassifier:
        """Return the same model with other thresholds: one for all labels, or one for each [L].

        Raises OptionError for what are no probabilities.
        """
        values = np.broadcast_to(np.asarray(thresholds, dtype=np.float64), (len(self.classes_),)).copy()
        if not ((values > 0) & (values < 1)).all():
            raise OptionError("A threshold must lie between 0 and 1.")
        other = MultilabelClassifier.__new__(MultilabelClassifier)
        other.__dict__.update(self.__dict__)
        other.__dict__["thresholds"] = values
        return other

    def predict(self, texts: Iterable[Given]) -> list[list[Any]]:
        """Return the labels of each text, the most probable first; a text may have none."""
        return self.labels_of(self.predict_proba(texts))

    def predict_proba(self, texts: Iterable[Given]) -> NDArray[np.float64]:
        """Return the probability of each label [rows, labels], columns as in `classes_`.

        Raises OptionError where `texts` is one text instead of several, or an item is not a str.
        """
        return self.answers(texts)

    def predict_indicator(self, texts: Iterable[Given]) -> NDArray[np.int64]:
        """Return 1 where a text is given a label, else 0 [rows, labels]: an indicator matrix as of scikit-learn."""
        return (self.predict_proba(texts) >= self.thresholds).astype(np.int64)

    def predict_iter(self, texts: Iterable[Given], chunk: int = TEXTS_IN_MEMORY) -> Iterator[MultilabelPredictions]:
        """Yield answers for `chunk` texts at a time, reading no further ahead: memory is bounded by the chunk."""
        for part in self.answer_iter(texts, chunk):
            yield MultilabelPredictions(
                labels=self.labels_of(part.answers),
                probabilities=part.answers,
                logits=part.logits,
                **vars(part.read),
            )

    def labels_of(self, probabilities: NDArray[np.floating]) -> list[list[Any]]:
        """Return the labels that rows of probabilities [N, L] are given, the most probable first."""
        names = self.classes_.tolist()
        return [[names[place] for place in places] for places in self.places_of(probabilities)]

    def places_of(self, probabilities: NDArray[np.floating]) -> list[list[int]]:
        """Return the places in `classes_` of the labels that rows [N, L] are given, the most probable first."""
        given = probabilities >= self.thresholds
        order = np.argsort(-probabilities, axis=1, kind="stable")
        return [row[mine[row]].tolist() for row, mine in zip(order, given, strict=True)]

    def explain(self, text: Given, target: Label | None = None) -> LabelExplanation:
        """Return what each word and each sentence of `text` contributes to the answer for one label.

            model = recurra.load("multilabel-model")
            explanation = model.explain("A film of my friend.", "person")
            for word in explanation.top(3):
                print(word.text, word.contribution)

        The contribution of a word is how far the log-odds of the label fall when it is hidden: positive where the word
        speaks for the label. `to_dict()` returns plain values. See `recurra.tasks.multilabel.explain.LabelExplanation`.

        target: the label to explain, as it is in `classes_` or as text (None: the most probable one).
        Raises OptionError where `text` is no str or `target` no label of the model.
        """
        from recurra.tasks.multilabel.explain import explain

        return explain(self, text, target)

    def try_out(self) -> None:
        super().try_out()
        self.thresholds  # noqa: B018 (read now: what the manifest states is wrong now or never)


def _is_probability(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1  # type: ignore[operator]
