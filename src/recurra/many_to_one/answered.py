"""The rows of a file, each answered by one model or by several, for all that is measured of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from recurra.data.cell_column import CellColumn
from recurra.data.normalise import digest, normalise
from recurra.errors import OptionError
from recurra.many_to_one.columns import alike
from recurra.many_to_one.feature_rows import FeatureRows
from recurra.many_to_one.given import CellRow, Given, text_in
from recurra.many_to_one.model import Read, TextModel
from recurra.many_to_one.reading import Opened
from recurra.many_to_one.unknown_words import KnownWords
from recurra.terminal.progress import Reporter

ROWS_AT_ONCE = 4096

Part = TypeVar("Part", bound=Read, covariant=True)
Truth = TypeVar("Truth")


class AnsweringModel(Protocol[Part]):
    """A model that answers texts piece by piece."""

    def predict_iter(self, texts: Iterable[Given], /) -> Iterator[Part]: ...


@dataclass(frozen=True)
class AnsweredRows(Generic[Truth]):
    """N rows and what M models answered. truths: [N], what is true of each; numbers: [N], of each row in its file, from
    1; digests: [N], of the normalised texts; beside: their cells in other columns, by name; parts: of each model, its
    answers in pieces; known: of each model, how much of the texts it knows."""

    truths: list[Truth]
    numbers: array[int]
    digests: array[int]
    beside: dict[str, CellColumn]
    parts: list[list[Any]]
    known: list[KnownWords]

    def all(self, name: str, model: int = 0) -> NDArray[Any]:
        """Return what a model's answers say under a name, of all rows together."""
        return np.concatenate([getattr(part, name) for part in self.parts[model]])


class RowsGiven:
    """Puts the rows of a file together for several models, which may differ in what they read beside the texts.

    names: the columns beside the texts that any of them reads, as the table calls them. Raises OptionError for models
    whose texts are in different columns, ColumnError for a column that is not there.
    """

    def __init__(self, models: Sequence[TextModel], opened: Opened) -> None:
        texts = {model.tokenizer.columns if model.tokenizer.marked else () for model in models}
        if len(texts) > 1:
            shown = " and ".join(", ".join(columns) or "one column" for columns in sorted(texts))
            raise OptionError(
                f"The models read the texts of different columns ({shown}); they cannot have the same rows."
            )
        encoders = [model.tokenizer.features for model in models if model.tokenizer.features is not None]
        self._called = list(dict.fromkeys(name for encoder in encoders for name in encoder.names))
        self.names = [alike(name, opened.table.columns) or name for name in self._called]
        opened.table.positions(self.names)
        self._counted = [FeatureRows(model.tokenizer) for model in models if model.tokenizer.features is not None][:1]

    def row(self, text: str, cells: Sequence[str | None]) -> Given:
        """Return a row of a text and of the cells of `names`."""
        if not self._called:
            return text
        named = dict(zip(self._called, cells, strict=True))
        for counted in self._counted:
            counted.count(named)
        return CellRow(text, named)

    def sentences(self) -> list[str]:
        """Return what to tell of cells, after a pass."""
        return [sentence for counted in self._counted for sentence in counted.sentences()]


def answer_rows(
    models: Sequence[AnsweringModel[Read]],
    rows: Iterable[tuple[int, Given, Truth, Sequence[str | None]]],
    reporter: Reporter,
    columns: Sequence[str] = (),
) -> AnsweredRows[Truth]:
    """Return the rows (number in the file, text, truth, cells of `columns`), answered by every model; texts are not
    kept."""
    beside = {name: CellColumn(name) for name in columns}
    found: AnsweredRows[Truth] = AnsweredRows(
        [], array("q"), array("Q"), beside, [[] for _ in models], [KnownWords() for _ in models]
    )
    waiting = reporter.track(iter(rows), "Scoring")
    while chunk := list(islice(waiting, ROWS_AT_ONCE)):
        for model, parts, known in zip(models, found.parts, found.known, strict=True):
            for part in model.predict_iter([text for _, text, _, _ in chunk]):
                known.add(part)
                parts.append(part)
        for number, text, truth, cells in chunk:
            found.numbers.append(number)
            found.truths.append(truth)
            found.digests.append(digest(normalise(text_in(text))))
            for column, cell in zip(beside.values(), cells, strict=True):
                column.add(cell)
    return found
