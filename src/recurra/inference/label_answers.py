"""What is told of the labels that a model thinks possible: the most probable ones, and the probability of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.writers import AnswerColumn, Label
from recurra.errors import OptionError
from recurra.evaluation.decision import Decision
from recurra.options.labels import LabelOptions, TopOptions
from recurra.storage.journal import Columns

MOST_COLUMNS = 2_050
"""Columns of answers that a file may get. `benchmarks/label_columns.py` measures 2,000 labels; with 4,000 the journal,
which keeps them, has not enough of the memory that it may take."""

CELLS_IN_MEMORY = 2**22
"""Numbers that a part of the answers may have: 32 MiB."""


LIKELIEST = Decision()


class LabelAnswers:
    """The columns with the answers of a model that has `labels`.

    leading: the most probable label, called `name`, and its `probability`. further: with --top the next ones,
    `name_2`, `probability_2` and so on, as many as there are labels; with --probabilities a number for each label, in
    their order, titled `p(LABEL)`. Raises OptionError where they are more than MOST_COLUMNS.
    """

    def __init__(self, name: str, labels: Sequence[Label], options: LabelOptions) -> None:
        self.top = min(options.top or 1, len(labels))
        self.each = len(labels) if options.probabilities else 0
        self._check()
        ranked = [
            column
            for end in ("", *(f"_{rank}" for rank in range(2, self.top + 1)))
            for column in (AnswerColumn(f"{name}{end}", labels=labels), AnswerColumn(f"probability{end}", "number"))
        ]
        self.leading, self.further = ranked[:2], ranked[2:]
        self._ranked = [column.name for column in ranked]
        self._each = [f"label {place}" for place in range(self.each)]
        titles = [f"p({label})" for label in labels[: self.each]]
        self.further += [AnswerColumn(n, "number", title=title) for n, title in zip(self._each, titles, strict=True)]

    def columns(
        self,
        probabilities: NDArray[np.floating],
        gaps: NDArray[np.bool_] | None = None,
        decision: Decision = LIKELIEST,
    ) -> Columns:
        """Return the columns by name, of probabilities [N, K]; None where `gaps` [N] is true.

        decision: which label comes first, and which is left out as not likely enough; its probability is not.
        """
        best = ranking(probabilities, self.top)
        withheld = None
        if not decision.plain:
            withheld = ~decision.answered(probabilities)
            first = decision.chosen(probabilities)[:, None]
            whole = ranking(probabilities, probabilities.shape[1])
            best = np.concatenate([first, whole[whole != first].reshape(len(whole), -1)], axis=1)[:, : self.top]
        chances = np.take_along_axis(probabilities, best, axis=1)
        values: dict[str, Any] = {}
        for rank in range(self.top):
            left_out = gaps if rank or withheld is None else withheld if gaps is None else gaps | withheld
            values[self._ranked[2 * rank]] = with_gaps(best[:, rank].astype(np.int32), left_out)
            values[self._ranked[2 * rank + 1]] = with_gaps(chances[:, rank], gaps)
        for place, name in enumerate(self._each):
            values[name] = with_gaps(probabilities[:, place], gaps)
        return values

    def part_rows(self, piece_rows: int, most: int) -> int:
        """Return how many rows to keep at a time: `most`, or fewer where the columns are many, in whole pieces."""
        columns = len(self.leading) + len(self.further)
        return min(most, max(1, CELLS_IN_MEMORY // (columns * piece_rows)) * piece_rows)

    def identity(self) -> dict[str, Any]:
        """Return what of the columns must be equal for one run to continue another; empty without further ones."""
        return ({"top": self.top} if self.top > 1 else {}) | ({"probabilities": True} if self.each else {})

    def _check(self) -> None:
        count = 2 * self.top + self.each
        if count > MOST_COLUMNS:
            asked = "--probabilities" if self.each else "--top"
            raise OptionError(
                f"{asked} would write {count:,} columns; a file gets {MOST_COLUMNS:,} at most. Give --top 10 for the "
                "ten most probable labels of each row."
            )


def ranking(probabilities: NDArray[np.floating], top: int) -> NDArray[np.intp]:
    """Return the places of the `top` most probable labels [N, top], or of all of them, of probabilities [N, K].

    Of equal ones the first comes first, as in `argmax`.
    """
    order: NDArray[np.intp] = np.argsort(-probabilities, axis=1, kind="stable")
    return order[:, :top]


def ranked(probabilities: NDArray[np.floating], labels: Sequence[Any], top: int) -> list[dict[str, Any]]:
    """Return {"label": ..., "probability": ...} for the `top` most probable labels, of probabilities [K]."""
    (best,) = ranking(np.asarray(probabilities)[None], top)
    return [{"label": labels[place], "probability": float(probabilities[place])} for place in best.tolist()]


def check_answers_are_labels(options: TopOptions) -> None:
    """Raise OptionError where labels are asked for. It is called for a model that answers with numbers."""
    flags = {"--top": options.top is not None, "--probabilities": getattr(options, "probabilities", False)}
    if asked := [flag for flag, given in flags.items() if given]:
        raise OptionError(f"{' and '.join(asked)}: this model answers with a number, and has no labels. Leave it out.")


def with_gaps(values: NDArray[Any], gaps: NDArray[np.bool_] | None) -> NDArray[Any]:
    """Return values [N], None in the place of those where `gaps` [N] is true."""
    if gaps is None or not gaps.any():
        return values
    filled = values.astype(object)
    filled[gaps] = None
    return filled
