"""Sentences whose every word has a tag: what a reader of them is, and which one a file asks for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recurra.data.tables.bytes_check import check_bytes
from recurra.errors import ReadError


@dataclass(frozen=True)
class TaggedSentence:
    """A sentence, or what stands between two, which has no words.

    words, tags: equally many; a tag is "" where the file has none and none is needed. line: the number of its first
    line in the file. source: its lines as they are, ends included. places: which of these have a word each.
    """

    words: list[str]
    tags: list[str]
    line: int
    source: tuple[str, ...]
    places: tuple[int, ...]


class TaggedFile(ABC):
    """A file of tagged sentences.

    format: "conllu", "columns" or "jsonl". tag_column: where its tags stand, as `--tag-column` takes it. codec: the
    name of its encoding.
    """

    format: str

    def __init__(self, path: Path, codec: str, tag_column: str, *, tags_needed: bool) -> None:
        self.path = path
        self.codec = codec
        self.tag_column = tag_column
        self.tags_needed = tags_needed

    @abstractmethod
    def sentences(self) -> Iterator[TaggedSentence]:
        """Yield every sentence, and what stands between them, in file order; the `source` of all is the whole file.

        Raises ReadError, naming the file and the line, for what is broken, and for a file without a word.
        """

    @abstractmethod
    def retagged(self, sentence: TaggedSentence, tags: list[str]) -> str:
        """Return the `source` of a sentence of this file with other tags, and all else as it was."""


def open_tagged(
    path: str | Path,
    *,
    encoding: str = "utf-8",
    word_column: str | None = None,
    tag_column: str | None = None,
    tags_needed: bool = True,
    usual: tuple[str, str] | None = None,
) -> TaggedFile:
    """Open a file of sentences: JSON lines by its suffix, else CoNLL-U or other columns by what is in it.

    word_column, tag_column: a number from 1, or a name; None is FORM and UPOS in CoNLL-U, the first and the last column
    in other CoNLL files, "tokens" and "tags" in JSON lines. tags_needed: False where they are to be predicted: the
    column may be missing then. usual: (format, tag column) of the data that a model learnt from, for a file of the same
    format where nothing else is said. Raises ReadError or ColumnError.
    """
    from recurra.tasks.tag.conll import ConllFile
    from recurra.tasks.tag.jsonl import TaggedJsonl

    path = Path(path)
    if path.is_dir():
        raise ReadError(f"{path} is a folder. Give a file of tagged sentences: .conllu, .conll or .jsonl.")
    codec = check_bytes(path, encoding)
    kind = TaggedJsonl if Path(path.name.lower().removesuffix(".gz")).suffix in (".jsonl", ".ndjson") else ConllFile
    return kind(path, codec, word_column, tag_column, tags_needed=tags_needed, usual=usual)
