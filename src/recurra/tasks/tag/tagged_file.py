"""The interface of every reader of sentences whose words have tags."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from recurra.data.tables.rejects import Rejects
from recurra.data.tables.table import shortened
from recurra.errors import ReadError


@dataclass(frozen=True)
class TaggedSentence:
    """A sentence, or the lines between two, which have no words.

    words, tags: equally many; a tag is "" where the file has none and none is needed. line: the number of its first
    line in the file. source: its lines as they are, ends included. places: the indices of those that have a
    word each.
    """

    words: list[str]
    tags: list[str]
    line: int
    source: tuple[str, ...]
    places: tuple[int, ...]


@dataclass(frozen=True)
class TrainingColumns:
    """Where the words and the tags were in the file that a model was trained on.

    format: as that of a `TaggedFile`. words: None where they are in the usual column. width: how many columns there
    were; None where a model does not say, as those of 0.1.0. numbered: whether the tags were numbers without names.
    sentences: the column that told sentences apart, None where there was none. names: those of tags that were numbers.
    """

    format: str
    tags: str
    words: str | None = None
    width: int | None = None
    numbered: bool = False
    sentences: str | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skipping:
    """What to do with broken rows: raise at the first, or skip its sentence and write the row to `rejects`."""

    skip: bool = False
    rejects: Path | None = None


STOP = Skipping()


class BrokenRow(ReadError):
    """A row that cannot be read. line: its number. reason, row: what is wrong, and how it is written."""

    def __init__(
        self, path: Path, line: int, reason: str, row: str, advice: str = "Correct or remove it.", unit: str = "line"
    ) -> None:
        super().__init__(
            f"{path}, {unit} {line:,}: {reason}. The row: {shortened(row)}. {advice} `--bad-rows skip` sets such rows "
            "aside, each with its sentence."
        )
        self.line, self.reason, self.row = line, reason, row


class TaggedFile(ABC):
    """A file of tagged sentences.

    format: "conllu", "columns", "jsonl", "parquet" (a row a sentence) or "table" (a row a word). tag_column: the column
    of its tags, as `--tag-column` takes it. codec: the name of its encoding. width: how many columns it has, 0 where it
    has none. added: whether the column of the tags is not there yet. numbered: whether tags were read that are numbers
    without names. word_column: that of a table; sentence_column: what tells its sentences apart. names: those of tags
    that are numbers. rejected, rejects_path: as those of a Table.
    """

    format: str
    unit: ClassVar[str] = "line"
    """What `TaggedSentence.line` counts."""
    width = 0
    added = False
    numbered = False
    sentence_column: str | None = None
    word_column: str | None = None
    names: tuple[str, ...] = ()

    def __init__(
        self, path: Path, codec: str, tag_column: str, *, tags_needed: bool, skipping: Skipping = STOP
    ) -> None:
        self.path = path
        self.codec = codec
        self.tag_column = tag_column
        self.tags_needed = tags_needed
        self.skipping = skipping
        self._rejected = 0

    @property
    def rejected(self) -> int:
        """Broken rows that the latest pass skipped."""
        return self._rejected

    @property
    def rejects_path(self) -> Path | None:
        """Where these rows are written, if anywhere."""
        return self.skipping.rejects

    def sentences(self) -> Iterator[TaggedSentence]:
        """Yield every sentence, and the lines between them, in file order; the `source` of all is the whole file.

        Raises ReadError, naming the file and the line, for what is broken unless that is skipped, and for a file
        without a word.
        """
        self._rejected, words = 0, False
        with Rejects(self.rejects_path if self.skipping.skip else None) as rejects:
            for each in self._sentences():
                if isinstance(each, BrokenRow):
                    if not self.skipping.skip:
                        raise ReadError(str(each))
                    rejects.add(each.line, each.reason, each.row)
                    self._rejected = rejects.count
                else:
                    words = words or bool(each.words)
                    yield each
            if not words:
                where = f"; see {self.rejects_path}" if self.rejects_path and rejects.count else ""
                left = f" left: {rejects.count:,} rows were rejected{where}" if rejects.count else ""
                raise ReadError(f"{self.path} has no words{left}. Expected {self.expected}.")

    @property
    def columns_in_words(self) -> str:
        """Where the sentences, the words and the tags are, for a message."""
        if self.sentence_column is None or self.word_column is None:
            return f"the tags are in column {self.tag_column}"
        of_words = f"the words are in column {self.word_column}, of which {self.sentence_column} tells the sentences"
        return of_words if self.added else f"{of_words}, the tags in column {self.tag_column}"

    @property
    @abstractmethod
    def expected(self) -> str:
        """What such a file should have, for a message."""

    @abstractmethod
    def _sentences(self) -> Iterator[TaggedSentence | BrokenRow]:
        """Yield what `sentences` does, and in place of a sentence with a broken row the error of that row, after which
        the next sentence comes."""

    @abstractmethod
    def retagged(self, sentence: TaggedSentence, tags: list[str]) -> str:
        """Return the `source` of a sentence of this file with other tags, and everything else unchanged."""
