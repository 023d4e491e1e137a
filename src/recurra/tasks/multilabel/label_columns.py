"""The columns with the labels of each row in a file of answers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recurra.data.label_sets import SEPARATORS, joined
from recurra.data.writers import AnswerColumn
from recurra.inference.label_answers import CELLS_IN_MEMORY, LabelAnswers, with_gaps
from recurra.options.labels import LabelOptions
from recurra.storage.journal import Columns
from recurra.tasks.multilabel.model import MultilabelClassifier

LABELS = "labels"


def separator_of(model: MultilabelClassifier) -> str:
    """Return what stands between the labels of a row in a cell: as in training, where that is known."""
    separator = None if model.manifest is None else model.manifest.data.get("separator")
    return separator if isinstance(separator, str) and separator else SEPARATORS[0]


class LabelSetAnswers:
    """The columns with the answers of a model.

    leading: `labels`, those that are given, the most probable first: a list in JSON lines and Parquet, elsewhere with
    the separator of training between them. further: with --top the most probable labels, given or not, as
    `most_probable`, `probability`, `most_probable_2` ...; with --probabilities a number for each label, titled
    `p(LABEL)`. Raises OptionError where they are more than a file gets.
    """

    def __init__(self, model: MultilabelClassifier, options: LabelOptions) -> None:
        names = model.classes_.tolist()
        mark = separator_of(model)
        self._model = model
        self._ranked = LabelAnswers("most_probable", names, options)
        self.leading = [AnswerColumn(LABELS, "texts", labels=names, join=lambda given: joined(given, mark))]
        self.further = [*(self._ranked.leading if options.top else []), *self._ranked.further]

    def columns(self, probabilities: NDArray[np.floating], gaps: NDArray[np.bool_] | None = None) -> Columns:
        """Return the columns by name, of probabilities [N, L]; None where `gaps` [N] is true."""
        given = np.empty(len(probabilities), dtype=object)
        given[:] = self._model.places_of(probabilities)
        wanted = {column.name for column in self.further}
        ranked = self._ranked.columns(probabilities, gaps)
        return {LABELS: with_gaps(given, gaps), **{name: values for name, values in ranked.items() if name in wanted}}

    def part_rows(self, piece_rows: int, most: int) -> int:
        """Return how many rows to keep at a time: `most`, or fewer where the columns are many, in whole pieces."""
        columns = len(self._model.classes_) + len(self.further)  # a row may be given all labels
        return min(most, max(1, CELLS_IN_MEMORY // (columns * piece_rows)) * piece_rows)

    def identity(self) -> dict[str, object]:
        """Return what must be equal for one run to continue another."""
        return {"thresholds": self._model.thresholds.tolist()} | self._ranked.identity()
