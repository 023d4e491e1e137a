"""A table with a word a row, such as Sentence #, Word, POS, Tag: CSV, TSV, Parquet or JSON lines.

A sentence begins at a row that names another one than the row above it: its cell in the column of the sentences is not
empty, and either differs from the last that was not or comes after an empty one. So that column may name the sentence
in each row, or in the first of each alone. Rows without any of the three values divide nothing and have no tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from recurra.data.tables.header import delimiter_hint, header_hint
from recurra.data.tables.table import BATCH_ROWS, Row, Table, listed, shortened
from recurra.errors import ColumnError, ReadError, brief, did_you_mean
from recurra.options.base import flag
from recurra.tasks.tag.tag_names import UnnamedTag, named
from recurra.tasks.tag.tagged_file import BrokenRow, TaggedFile, TaggedSentence, TrainingColumns

NAMES: dict[str, tuple[str, ...]] = {
    "sentence_column": (
        "sentence", "sentenceid", "sentenceidx", "sentenceindex", "sentencenumber", "sentenceno", "sentid", "sentidx",
        "sentno", "sent", "sid",
    ),
    "word_column": ("word", "token", "form", "words", "tokens"),
    "tag_column": ("tag", "nertag", "ner", "label", "entity", "iob", "bio", "postag", "pos", "upos", "xpos"),
}  # fmt: skip
"""Names that make a column obvious, in falling order of preference: in lower case, letters and digits alone."""
LOOKED_AT = 1_000
"""Rows by which it is told whether those of a sentence stand together."""
_HOLDS = {"sentence_column": "number of each row's sentence", "word_column": "words", "tag_column": "tags"}


class WordColumns(NamedTuple):
    """The columns of a table with a word a row. tags: the name of the column, which may be missing; see `added`."""

    sentences: str
    words: str
    tags: str


class WordRows(TaggedFile):
    """A table with a word a row. `TaggedSentence.line` and `places` count its rows, from 1 and 0."""

    format = "table"
    unit = "row"

    def __init__(
        self,
        table: Table,
        columns: WordColumns,
        *,
        tags_needed: bool = True,
        names: tuple[str, ...] = (),
        skip: bool = False,
    ) -> None:
        super().__init__(table.path, table.dialect.encoding, columns.tags, tags_needed=tags_needed)
        self.table = table
        self.sentence_column, self.word_column = columns.sentences, columns.words
        self.width = len(table.columns)
        self.added = not tags_needed
        self.names = names
        self.left_out = 0
        self._at_once = 1 if skip else BATCH_ROWS  # one at a time tells after which a broken one was skipped
        table.positions([columns.sentences, columns.words, *([columns.tags] if tags_needed else [])])
        self._check_together()

    @property
    def rejected(self) -> int:
        return self.table.rejected

    @property
    def rejects_path(self) -> None:
        """None: the table writes its broken rows itself."""

    @property
    def expected(self) -> str:
        return "a word in each row"

    def retagged(self, sentence: TaggedSentence, tags: list[str]) -> str:
        raise NotImplementedError("the rows of a table are written by `tagged_tables.py`")

    @property
    def read(self) -> list[str]:
        """The columns that `grouped` takes."""
        return [self.sentence_column or "", self.word_column or "", *([self.tag_column] if self.tags_needed else [])]

    def _sentences(self) -> Iterator[TaggedSentence | BrokenRow]:
        self.left_out = 0
        rows = (row for batch in self.table.batches(self.read, self._at_once) for row in batch)
        for sentence, broken in self.grouped(rows):
            if broken and self.tags_needed:
                self.left_out += 1
            else:
                yield sentence

    def grouped(self, rows: Iterable[Row]) -> Iterator[tuple[TaggedSentence, bool]]:
        """Yield the sentences of rows with the columns `read`, and whether a broken row may have been among theirs.

        Raises ReadError for a row without a word, or without a tag that is needed.
        """
        words: list[str] = []
        tags: list[str] = []
        places: list[int] = []
        begin, count, rejected, broken = 1, 0, 0, False
        name, above = None, None
        for number, row in enumerate(rows, 1):
            cell = (row[0] or "").strip()
            skipped, rejected = self.table.rejected != rejected, self.table.rejected
            if cell and count and (cell != name or not above):
                yield self._sentence(words, tags, begin, count, places), broken or skipped
                words, tags, places, begin, count, broken = [], [], [], number, 0, False
            broken = broken or skipped
            name, above = cell or name, cell
            if any((value or "").strip() for value in row):
                word, tag = self._cells(row, number)
                words.append(word)
                tags.append(tag)
                places.append(count)
            count += 1
        if count:
            yield self._sentence(words, tags, begin, count, places), broken or self.table.rejected != rejected

    def _sentence(self, words: list[str], tags: list[str], begin: int, count: int, places: list[int]) -> TaggedSentence:
        return TaggedSentence(words, tags, begin, ("",) * count, tuple(places))

    def _cells(self, row: Row, number: int) -> tuple[str, str]:
        word = row[1] or ""
        if not word.strip():
            raise self._broken(number, f"the column {brief(self.word_column)} has no word", row)
        if not self.tags_needed:
            return word, ""
        tag = row[2] or ""
        if not tag.strip():
            raise self._broken(number, f"the word {shortened(word, 40)} has no tag in {brief(self.tag_column)}", row)
        try:
            return word, named(tag, self.names)
        except UnnamedTag as error:
            raise self._broken(number, str(error), row) from None

    def _broken(self, number: int, reason: str, row: Row) -> ReadError:
        values = ", ".join(f"{name} {brief(value)}" for name, value in zip(self.read, row, strict=True))
        return ReadError(f"{self.path}, row {number:,}: {reason}. The row: {values}. Correct or remove it.")

    def _check_together(self) -> None:
        """Raise ColumnError where the first rows name sentences again and again, one after the other."""
        place = self.table.columns.index(self.sentence_column)
        cells = [cell for row in self.table.head(LOOKED_AT) if (cell := (row[place] or "").strip())]
        runs = sum(one != other for one, other in zip(cells, ["", *cells], strict=False))
        if len(cells) > 1 and runs > 2 * len(set(cells)) and len(cells) < 1.5 * runs:
            raise ColumnError(
                f"{self.path}: the rows of a sentence do not stand together: the first {len(cells):,} name "
                f"{len(set(cells)):,} sentences in {self.sentence_column!r}, and change between them {runs:,} times. "
                "Sort the table by that column, or name the right one with --sentence-column."
            )


def find_columns(
    columns: Sequence[str],
    given: dict[str, str | None],
    training: TrainingColumns | None,
    *,
    tags_needed: bool = True,
) -> WordColumns | str:
    """Return the columns that are given, else those of training that are there too, else obvious ones; or the name of
    the option that is missing. given: values of the options of NAMES. Raises ColumnError for one that is not there.
    """
    alike = training if training and training.format == "table" else None
    learnt = (alike.sentences, alike.words, alike.tags) if alike else (None, None, None)
    chosen: list[str] = []
    for (option, usual), trained in zip(NAMES.items(), learnt, strict=True):
        needed = tags_needed or option != "tag_column"
        name = given[option]
        found = trained if trained in columns else _obvious(columns, usual, chosen)
        if name is not None:
            found = _given(columns, name, option, needed=needed)
        if found is None and not needed:
            found = trained or "tag"
        if found is None:
            return option
        chosen.append(found)
    sentences, words, tags = chosen
    if len({sentences, words, tags}) < 3:
        raise ColumnError(
            f"The columns of sentences, words and tags must be three, and are {listed(chosen)}. Name them with "
            "--sentence-column, --word-column and --tag-column."
        )
    return WordColumns(sentences, words, tags)


def missing_column(table: Table, option: str) -> ColumnError:
    """Return the error of a table in which the column that an option names is not obvious."""
    names = {name for usual in NAMES.values() for name in usual}
    return ColumnError(
        f"It is not obvious which column of {table.path} holds the {_HOLDS[option]}; a tagger reads tables with a word "
        f"a row. Columns found: {listed(table.columns)}. Name it with `{flag(option)} COL`."
        f"{delimiter_hint(table.columns) or header_hint(table, names)}"
    )


def _given(columns: Sequence[str], name: str, option: str, *, needed: bool) -> str:
    """Return the column that an option names, or numbers from 1."""
    if name in columns:
        return name
    if name.isdecimal() and 1 <= int(name) <= len(columns):
        return columns[int(name) - 1]
    if not needed:
        return name
    raise ColumnError(
        f"There is no column {brief(name)} ({flag(option)}).{did_you_mean(name, columns)} "
        f"Columns found: {listed(columns)}.{delimiter_hint(columns)}"
    )


def _obvious(columns: Sequence[str], names: Sequence[str], taken: Sequence[str]) -> str | None:
    """Return the column of the first of `names` that there is, whatever its case and signs."""
    plain = {re.sub(r"[\W_]+", "", column).casefold(): column for column in reversed(columns) if column not in taken}
    return next((plain[name] for name in names if name in plain), None)


def names_words(columns: Iterable[str]) -> bool:
    """Return whether a first row names the columns of a table with a word a row: sentences and words."""
    several = list(columns)
    return all(_obvious(several, NAMES[name], []) for name in ("sentence_column", "word_column"))
