"""The rows of a file, each answered by one model or by several, for all that is measured of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from recurra.many_to_one.model import Read
from recurra.many_to_one.unknown_words import KnownWords
from recurra.terminal.progress import Reporter

ROWS_AT_ONCE = 4096

Part = TypeVar("Part", bound=Read, covariant=True)
Truth = TypeVar("Truth")


class AnsweringModel(Protocol[Part]):
    """A model that answers texts piece by piece."""

    def predict_iter(self, texts: Iterable[str], /) -> Iterator[Part]: ...


@dataclass(frozen=True)
class AnsweredRows(Generic[Truth]):
    """N rows and what M models answered. truths: [N], what is true of each; numbers: [N], of each row in its file, from
    1; parts: of each model, its answers in pieces; known: of each model, how much of the texts it knows."""

    truths: list[Truth]
    numbers: array[int]
    parts: list[list[Any]]
    known: list[KnownWords]

    def all(self, name: str, model: int = 0) -> NDArray[Any]:
        """Return what a model's answers say under a name, of all rows together."""
        return np.concatenate([getattr(part, name) for part in self.parts[model]])


def answer_rows(
    models: Sequence[AnsweringModel[Read]], rows: Iterable[tuple[int, str, Truth]], reporter: Reporter
) -> AnsweredRows[Truth]:
    """Return the rows (number in the file, text, truth), answered by every model; texts are not kept."""
    found: AnsweredRows[Truth] = AnsweredRows([], array("q"), [[] for _ in models], [KnownWords() for _ in models])
    waiting = reporter.track(iter(rows), "Scoring")
    while chunk := list(islice(waiting, ROWS_AT_ONCE)):
        for model, parts, known in zip(models, found.parts, found.known, strict=True):
            for part in model.predict_iter([text for _, text, _ in chunk]):
                known.add(part)
                parts.append(part)
        found.truths.extend(truth for _, _, truth in chunk)
        found.numbers.extend(number for number, _, _ in chunk)
    return found
