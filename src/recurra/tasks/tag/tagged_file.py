"""The interface of every reader of sentences whose words have tags."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


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
    were; None where a model does not say, as those of 0.1.0. numbered: whether the tags were numbers of JSON.
    """

    format: str
    tags: str
    words: str | None = None
    width: int | None = None
    numbered: bool = False


class TaggedFile(ABC):
    """A file of tagged sentences.

    format: "conllu", "columns" or "jsonl". tag_column: the column of its tags, as `--tag-column` takes it. codec: the
    name of its encoding. width: how many columns it has, 0 where it has none. added: whether the column of the tags is
    not there yet. numbered: whether tags were read that are numbers of JSON.
    """

    format: str
    width = 0
    added = False
    numbered = False

    def __init__(self, path: Path, codec: str, tag_column: str, *, tags_needed: bool) -> None:
        self.path = path
        self.codec = codec
        self.tag_column = tag_column
        self.tags_needed = tags_needed

    @abstractmethod
    def sentences(self) -> Iterator[TaggedSentence]:
        """Yield every sentence, and the lines between them, in file order; the `source` of all is the whole file.

        Raises ReadError, naming the file and the line, for what is broken, and for a file without a word.
        """

    @abstractmethod
    def retagged(self, sentence: TaggedSentence, tags: list[str]) -> str:
        """Return the `source` of a sentence of this file with other tags, and everything else unchanged."""
