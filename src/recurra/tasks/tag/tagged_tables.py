"""Write a table with tags in a column of their own, beside those that it has: a row a word, or a row a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from recurra.data.writers import WRITERS, AnswerColumn, Answers, Writer
from recurra.tasks.tag.list_rows import ListRows
from recurra.tasks.tag.word_rows import WordRows

WORD_TABLES = tuple(WRITERS)


class WordRowsWriter(Writer):
    """Writes a table with a word a row: its columns, types and order, and after them a column of tags.

    suffix: of the output, one of WRITERS. A row without a word has an empty tag. escape: whether to defuse formulas.
    """

    def __init__(self, file: WordRows, suffix: str, tags: Sequence[str], *, escape: bool) -> None:
        super().__init__(file.path, [AnswerColumn("tags", "texts", labels=[*tags, ""])])
        self._file = file
        self._labels = len(tags)
        one = AnswerColumn("tags", labels=[*tags, ""], title=file.tag_column)
        self._table = WRITERS[suffix](file.table, file.read, [one], escape=escape)

    def inputs(self) -> Iterator[tuple[list[str], tuple[int, ...], int]]:
        """Yield the words of each sentence, the places of their rows, and how many rows there are."""
        for sentence, _ in self._file.grouped(self._table.inputs()):
            yield sentence.words, sentence.places, len(sentence.source)

    def placed(self, tags: Sequence[int], places: Sequence[int], rows: int) -> list[int]:
        """Return the numbers of a sentence's tags, those of rows without a word between them."""
        numbers = [self._labels] * rows
        for place, tag in zip(places, tags, strict=True):
            numbers[place] = tag
        return numbers

    def write(self, path: Path, answers: Answers) -> None:
        self._table.write(path, _Flat(answers))

    @property
    def rejected(self) -> int:
        return self._table.rejected

    def share(self) -> float | None:
        return self._table.share()


class _Flat:
    """Answers whose one column of lists has an item for each row."""

    def __init__(self, sentences: Answers) -> None:
        self._sentences = sentences
        self.folder = sentences.folder
        self.rows = sum(len(tags) for (tags,) in sentences.answers())

    def answers(self) -> Iterator[tuple[Any, ...]]:
        """Yield the number of each row's tag."""
        for (tags,) in self._sentences.answers():
            yield from ((tag,) for tag in tags)

    def sql(self, link: Path) -> str:
        """Return the SQL of the numbers in order."""
        return f"(SELECT unnest(tags) AS tags FROM {self._sentences.sql(link)})"


class ListRowsWriter(Writer):
    """Writes a Parquet file with a row a sentence again, with a column of lists of tags."""

    def __init__(self, file: ListRows, tags: Sequence[str]) -> None:
        super().__init__(file.path, [AnswerColumn("tags", "texts", labels=list(tags), title=file.tag_column)])
        self._file = file
        self._table = WRITERS[".parquet"](file.table, [], self.columns)

    def inputs(self) -> Iterator[tuple[list[str], tuple[int, ...], int]]:
        """Yield the words of each sentence; see `WordRowsWriter.inputs`."""
        self._file.table.check()
        done = 0
        for sentence in self._file.sentences():
            yield from [([], (), 0)] * (sentence.line - 1 - done)  # rows that are skipped stay, without tags
            yield sentence.words, (), 0
            done = sentence.line
        yield from [([], (), 0)] * (self._file.table.row_count() - done)

    @property
    def rejected(self) -> int:
        return self._file.rejected

    def write(self, path: Path, answers: Answers) -> None:
        self._table.write(path, answers)
