"""What comparisons of cells on texts share: one corpus, one split and one vocabulary for all cells."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.defaults import sized
from recurra.many_to_one.learn.vocabulary import level_notes, settled
from recurra.many_to_one.reading import Opened
from recurra.options.base import flag
from recurra.options.training import TaskOptions
from recurra.training.comparison import Comparison, Contender
from recurra.training.control import RunControl
from recurra.training.split import Parts
from recurra.training.trainer import RunContext

Options = TypeVar("Options", bound=TaskOptions)

NOT_COMPARED = (
    ("unlabelled", "it compares networks that learn from the labelled rows alone"),
    ("from_", "it compares networks of several cells, and a base has one"),
)


class AnsweringText(Protocol):
    """A model that answers texts."""

    def answers(self, texts: Any, /) -> NDArray[np.float64]: ...


class TextComparison(Comparison[Options]):
    """Texts and what is true of them. A task says how they are read and divided, and what a row counts."""

    _parts: Parts

    def __init__(self, options: Any, context: RunContext) -> None:
        super().__init__(options, context)
        self._corpus = Corpus(punctuation=options.punctuation, level=options.level)

    @classmethod
    def check(cls, options: Any) -> None:
        for name, why in NOT_COMPARED:
            if getattr(options, name, None) is not None:
                raise OptionError(f"{flag(name)} does not go with `recurra compare`: {why}. Leave it out.")
        if not options.split and not (options.test or options.split_column):
            raise OptionError("--split 0 leaves nothing to compare on; give a share of the rows, such as --split 0.1.")

    @abstractmethod
    def divide(self) -> tuple[Opened, Parts, int, list[str]]:
        """Read the rows into the corpus, seal it, and divide them.

        Returns the table, the parts, how many classes or labels there are, and what is to be told of how it was read.
        """

    def findings(self) -> None:
        """Report what is odd about the data, once the options are settled."""

    def read(self) -> dict[str, Any]:
        corpus, reporter, given = self._corpus, self.context.reporter, self.options
        opened, parts, classes, told = self.divide()
        self._parts = parts
        self.options = sized(settled(corpus, parts.train, given), int(parts.train.sum()), classes)  # type: ignore[type-var]
        for said in (*opened.notes, *level_notes(given, self.options), *told):  # type: ignore[arg-type]
            reporter.info(f"Data: {said}")
        self.findings()
        reporter.info(f"Split: {parts.how}.")
        return {
            "split": {"how": parts.how, "train": int(parts.train.sum()), "test": int(parts.test.sum())},
            "data": {"name": opened.source.name, "how": opened.source.how, "fingerprint": corpus.fingerprint},
            "config": self.options.model_dump(),
        }

    def train(self, cell: str, seed: int, control: RunControl) -> Contender:
        chosen = self.options.model_copy(update={"cell": cell, "seed": seed, "quantise": "never"})
        fitted, model, counted = self.fit(chosen, control)
        rows = np.flatnonzero(self._parts.test)
        return Contender(
            counted,
            fitted.history,
            fitted.shape.parameters,
            len(fitted.graph) / 1e6,
            lambda place: model.answers(self._corpus.rows(rows[place : place + 1])),
        )

    @abstractmethod
    def fit(self, options: Any, control: RunControl) -> tuple[Any, AnsweringText, NDArray[Any]]:
        """Train with the options. Returns what was fitted, the model, and what each held-out row counts."""

    def held_out(self) -> Any:
        """Return the held-out rows as a model takes them."""
        return self._corpus.rows(np.flatnonzero(self._parts.test))

    def close(self) -> None:
        self._corpus.close()
