"""A trained classifier: texts in, labels and probabilities out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.evaluation.decision import NONE, Decision
from recurra.many_to_one.given import Given
from recurra.many_to_one.link import LINKS
from recurra.many_to_one.model import TEXTS_IN_MEMORY, Read, TextModel
from recurra.report.notebook import NotebookModel
from recurra.storage.model_directory import MANIFEST, Label
from recurra.tasks.classify.shape import ClassifierShape

if TYPE_CHECKING:
    from recurra.many_to_one.explain import Explanation


@dataclass(frozen=True, kw_only=True)
class Predictions(Read):
    """Answers for N texts, in their order, and how they were read.

    labels [N], None where none is likely enough for the model; chosen [N] int64, the index of each row's label whether
    or not it is; probabilities [N, K] float64, each row sums to 1; logits [N, outputs] float32.
    """

    labels: NDArray[Any]
    chosen: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    logits: NDArray[np.float32]


class Classifier(NotebookModel, TextModel):
    """A model directory, ready to answer.

        model = recurra.load("model")
        model.predict(["A wonderful film."])        # array(['positive'], dtype='<U8')
        model.predict_proba(["A wonderful film."])  # [rows, classes], columns as in model.classes_

    Texts may be a list, a tuple, a NumPy array, a pandas or polars Series, or any other iterable of str.
    Safe to call from several threads.
    """

    task = "classify"
    shape = ClassifierShape

    @cached_property
    def decision(self) -> Decision:
        """How a label is chosen of the probabilities: the most probable one, unless the model was trained to have a
        threshold, or to abstain. It may be set."""
        stated = None if self.manifest is None else self.manifest.metrics.get("decision")
        try:
            return Decision.of(stated if isinstance(stated, dict) else None, len(self.classes_))
        except ValueError as error:
            raise ArtefactError(f"{MANIFEST}: {error}. Train the model again.") from None

    @property
    def ordered(self) -> bool:
        """Whether the classes have an order, which is that of `classes_`."""
        return self.link is LINKS["cumulative"]

    def predict(self, texts: Iterable[Given]) -> NDArray[Any]:
        """Return the label of each text [rows]: the most probable one, unless `decision` says another, or None."""
        return self.decided(self.predict_proba(texts))

    def chosen(self, answers: NDArray[Any]) -> NDArray[np.int64]:
        """Return the index of the label [N] that probabilities [N, K] lead to, also where the model abstains."""
        return self.decision.chosen(answers)

    def decided(self, answers: NDArray[Any]) -> NDArray[Any]:
        """Return the label [N] that probabilities [N, K] lead to, None where the model abstains."""
        indexes = self.decision.answers(answers)
        labels: NDArray[Any] = self.classes_[indexes]
        if (indexes == NONE).any():
            labels = labels.astype(object)
            labels[indexes == NONE] = None
        return labels

    def predict_proba(self, texts: Iterable[Given]) -> NDArray[np.float64]:
        """Return the probability of each class [rows, classes], columns as in `classes_`.

        Raises OptionError where `texts` is one text instead of several, or an item is not a str.
        """
        return self.answers(texts)

    def predict_iter(self, texts: Iterable[Given], chunk: int = TEXTS_IN_MEMORY) -> Iterator[Predictions]:
        """Yield answers for `chunk` texts at a time, reading no further ahead: memory is bounded by the chunk."""
        for part in self.answer_iter(texts, chunk):
            yield Predictions(
                labels=self.decided(part.answers),
                chosen=self.chosen(part.answers),
                probabilities=part.answers,
                logits=part.logits,
                **vars(part.read),
            )

    def explain(self, text: Given, target: Label | None = None) -> Explanation:
        """Return what each word and each sentence of `text` contributes to the answer.

            model = recurra.load("model")
            explanation = model.explain("A wonderful film.")
            for word in explanation.top(3):
                print(word.text, word.contribution)

        The contribution of a word is how far the log-odds of the label fall when it is hidden: positive where the word
        speaks for the label. `to_dict()` returns plain values. See `recurra.many_to_one.explain.Explanation`.

        target: the label to explain, as it is in `classes_` or as text (None: the predicted one).
        Raises OptionError where `text` is no str or `target` no label of the model.
        """
        from recurra.many_to_one.explain import explain

        return explain(self, text, target)
