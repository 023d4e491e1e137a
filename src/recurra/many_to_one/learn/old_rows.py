"""The rows of a model that training goes on with, found again: what is forgotten is measured on those it was judged by,
and none of them may be learnt from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import DataError, RecurraError
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.trained import Trained
from recurra.many_to_one.text_profile import TextProfile
from recurra.options.base import validated
from recurra.training.split import Parts

Read = Callable[[Corpus, str, Any], list[str | None]]
"""Reads data into a corpus by options of a task, and returns the part that they name for each row."""
Divide = Callable[[Corpus, list[str | None], Any], Parts]
"""Divides the rows of a corpus by options of a task."""
OF_NEW_ROWS = ("test", "split_column", "group", "weight", "split_by_time", "slice")
"""Options that name a file or columns of the new rows, which those of --old-test need not have."""


@dataclass(frozen=True)
class OldRows:
    """corpus: of the rows; held, learnt [N] bool: those that the model was judged by, and those that it has learnt from
    or was chosen by; name: of the data."""

    corpus: Corpus
    held: NDArray[np.bool_]
    learnt: NDArray[np.bool_]
    name: str

    def texts(self) -> Iterator[str]:
        """Return the held-out texts, read from the disk as they are gone through."""
        return (self.corpus.texts[int(row)] for row in np.flatnonzero(self.held))

    def answers(self) -> list[str]:
        """Return the answer of each held-out row, as the corpus has it."""
        return [self.corpus.label_names[number] for number in self.corpus.labels[self.held]]


class Continuation:
    """A model that training goes on with, and its rows where they are at hand.

    old: None before `find`, and where they are not. kept_apart: what `keep_apart` has left out.
    """

    def __init__(self, trained: Trained, options: Any, directory: Path) -> None:
        """options: of the task, for the new rows; directory: where the rows may lie until `close`."""
        self.trained, self._options = trained, options
        self._corpus = Corpus(directory, punctuation=options.punctuation, level=options.level)
        self.old: OldRows | None = None
        self.kept_apart: dict[str, int] = {}

    def find(self, read: Read, divide: Divide) -> list[str]:
        """Look for the old rows. Returns a sentence on what is missing and what to do, where they are not found.

        Raises as `read` does for the file of --old-test.
        """
        file = self._options.old_test
        try:
            if file is None:
                self._find_again(read, divide)
                return []
        except DataError as error:
            return [
                f"What {self.trained.path} forgets is not measured, as its held-out rows are not at hand: {error}. To "
                "measure it, give held-out rows in a file with --old-test."
            ]
        try:
            read(self._corpus, file, self._options.model_copy(update=dict.fromkeys(OF_NEW_ROWS)))
        except RecurraError as error:
            raise type(error)(f"--old-test {file}: {error}") from None
        self._corpus.seal()
        nothing = np.zeros(len(self._corpus), dtype=bool)
        self.old = OldRows(self._corpus, ~nothing, nothing, file)
        return []

    def keep_apart(self, corpus: Corpus, parts: Parts) -> list[str]:
        """Take out of the parts of new rows, in place, what would make a measurement too good: training and validation
        rows with the text of an old held-out row, and held-out rows whose text the model has learnt from.

        Returns sentences on them. Raises DataError where no row is left to learn from.
        """
        if self.old is None:
            return self._known(corpus, parts)
        path, digests = self.trained.path, self.old.corpus.digests
        judged = np.isin(corpus.digests, digests[self.old.held]) & (parts.train | parts.valid)
        learnt = np.isin(corpus.digests, digests[self.old.learnt])
        known, again = learnt & parts.test, learnt & parts.train
        parts.train &= ~judged
        parts.valid &= ~judged
        parts.test &= ~known
        self.kept_apart = {"learnt": int(judged.sum()), "held_out": int(known.sum()), "again": int(again.sum())}
        if not parts.train.any() or not parts.valid.any():
            raise DataError(
                f"There is no new row to learn from: {path} was judged by the texts of all of them. Give other rows."
            )
        told = []
        if judged.any():
            told.append(
                f"{judged.sum():,} new rows repeat a text that {path} was judged by; they are not learnt from, so that "
                "what it forgets is measured on texts that it does not know."
            )
        if known.any():
            told.append(
                f"{known.sum():,} new held-out rows repeat a text that {path} has learnt from; they are not counted."
            )
        if again.any():
            told.append(f"{again.sum():,} new training rows repeat a text that {path} has learnt from.")
        return [*told, *self._known(corpus, parts)]

    def _known(self, corpus: Corpus, parts: Parts) -> list[str]:
        """Return that the model has learnt from texts of new held-out rows, by the sample that it keeps of its texts
        and of those of the models before it; nothing where none is known."""
        profile = TextProfile.of_metrics(self.trained.metrics)
        hits, looked_up = (0, 0) if profile is None else profile.seen(corpus.digests[parts.test])
        if not hits:
            return []
        return [
            f"{self.trained.path} has learnt from {hits:,} of the {looked_up:,} new held-out rows that could be looked "
            "up among its texts: the figures show in part how well it remembers them."
        ]

    def close(self) -> None:
        """Remove the files of the old rows."""
        self._corpus.close()

    def _find_again(self, read: Read, divide: Divide) -> None:
        """Find the rows that the model was made from, divided as they were.

        Raises DataError with the reason, in a clause, where they are not there as they were. Where it is not known
        which of them were held out, all count as learnt.
        """
        trained, corpus = self.trained, self._corpus
        name, fingerprint = trained.data.get("name"), trained.data.get("fingerprint")
        if not isinstance(name, str) or not isinstance(fingerprint, str):
            raise DataError("it was trained in Python, on rows that are in no file")
        fields = type(self._options).model_fields
        given = {
            key: value
            for key, value in trained.config.items()
            if key in fields and key != "recipe" and value != fields[key].default
        }
        try:
            options = validated(type(self._options), given | _columns(trained.data, given, fields))
            named = read(corpus, name, options)
            corpus.seal()
            same = corpus.fingerprint == fingerprint
            parts = divide(corpus, named, options) if same else None
        except RecurraError as error:
            first = str(error).split(". ")[0].rstrip(".")
            raise DataError(f"the data that it was trained on cannot be read ({first})") from None
        if parts is None:
            raise DataError(f"{name} is not what it was when the model was trained on it")
        if why := _undivided(parts, trained):
            every = np.ones(len(corpus), dtype=bool)
            self.old = OldRows(corpus, ~every, every, name)
            raise DataError(why)
        self.old = OldRows(corpus, parts.test, parts.train | parts.valid, name)


def _undivided(parts: Parts, trained: Trained) -> str:
    """Return why parts are not those that a model had, in a clause; "" where they are."""
    if trained.config.get("folds"):
        return f"it was trained with --folds {trained.config['folds']}, and has learnt from every row in the end"
    if not parts.test.any():
        return "no row of its data was held out"
    counts, apart = trained.split, trained.split.get("kept_apart", {})
    learnt, held = int((parts.train | parts.valid).sum()), int(parts.test.sum())
    if not all(isinstance(counts.get(name), int) for name in ("train", "valid", "test")):
        return ""  # a model that does not say
    was = counts["train"] + counts["valid"], counts["test"]
    if (learnt - apart.get("learnt", 0), held) == was:
        return ""
    return (
        f"its rows are divided in another way now: {learnt:,} learnt and {held:,} held out, against {was[0]:,} and "
        f"{was[1]:,} when it was trained"
    )


def _columns(data: Mapping[str, Any], given: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that were guessed then, where they were not given."""
    names = [name for name in ("text", "label", "target") if name in fields and given.get(name) is None]
    return {name: data[name] for name in names if isinstance(data.get(name), str)}
