"""Tagged sentences in Parquet: a row a sentence, with a list of words and a list of as many tags."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from recurra.data.tables.parquet_table import ParquetTable
from recurra.data.tables.table import listed
from recurra.errors import ColumnError, brief
from recurra.tasks.tag.jsonl import TAG_LISTS, usual_words
from recurra.tasks.tag.tag_names import UnnamedTag, named
from recurra.tasks.tag.tagged_file import (
    STOP,
    BrokenRow,
    Skipping,
    TaggedFile,
    TaggedSentence,
    TrainingColumns,
)


class ListRows(TaggedFile):
    """A Parquet file with lists of words and tags; a tag may be a number. `TaggedSentence.line` counts its rows."""

    format = "parquet"
    unit = "row"

    def __init__(
        self,
        table: ParquetTable,
        word_column: str | None,
        tag_column: str | None,
        *,
        tags_needed: bool = True,
        training: TrainingColumns | None = None,
        skipping: Skipping = STOP,
    ) -> None:
        alike = training if training and training.format in ("jsonl", "parquet") else None
        words = word_column or (alike.words if alike else None) or usual_words(table.columns)
        tags = tag_column or (alike.tags if alike else None) or _usual_tags(table, words, needed=tags_needed)
        super().__init__(table.path, "utf-8", tags, tags_needed=tags_needed, skipping=skipping)
        self.table = table
        self.word_column = words
        self.width = len(table.columns)
        self.added = not tags_needed
        for name in (words, *([tags] if tags_needed else [])):
            table.positions([name])
            if not table.holds_lists(name):
                raise ColumnError(
                    f"{table.path}: the column {brief(name)} does not hold lists. Name those with the lists of "
                    f"words and tags of each sentence with --word-column and --tag-column. Columns found: "
                    f"{listed(table.columns)}."
                )
        if words == tags:
            raise ColumnError(f"{table.path}: words and tags cannot both be the column {brief(words)}.")

    @property
    def expected(self) -> str:
        return f"a list of words in {brief(self.word_column)}" + (
            f" and one of tags in {brief(self.tag_column)}" if self.tags_needed else ""
        )

    def retagged(self, sentence: TaggedSentence, tags: list[str]) -> str:
        raise NotImplementedError("the rows of a table are written by `tagged_tables.py`")

    def _sentences(self) -> Iterator[TaggedSentence | BrokenRow]:
        columns = [self.word_column or "", *([self.tag_column] if self.tags_needed else [])]
        for number, (lists, _) in enumerate(self.table.rows_with_lists(columns, []), 1):
            try:
                words = self._texts(lists[0], columns[0])
                tags = self._named(self._texts(lists[1], columns[1])) if self.tags_needed else [""] * len(words)
                if len(words) != len(tags):
                    raise ValueError(f"{len(words)} in {brief(columns[0])} and {len(tags)} in {brief(columns[1])}")
                if "" in words:
                    raise ValueError(f"word {words.index('') + 1} is empty")
            except ValueError as error:
                yield BrokenRow(self.path, number, str(error), json.dumps(lists, default=str), unit="row")
            else:
                yield TaggedSentence(words, tags, number, ("",), (0,) if words else ())

    def _texts(self, values: Any, name: str) -> list[str]:
        """Return the texts of a list, numbers as they are usually written. Raises ValueError for any other value."""
        if values is None:
            return []
        if not isinstance(values, list | tuple) or not all(isinstance(value, str | float | int) for value in values):
            raise ValueError(f"{brief(name)} holds something else than texts or numbers")
        whole = [int(value) if isinstance(value, float) and value.is_integer() else value for value in values]
        self.numbered = self.numbered or (name == self.tag_column and not self.names and _numbers(whole))
        return [str(value) for value in whole]

    def _named(self, tags: list[str]) -> list[str]:
        if "" in tags:
            raise ValueError(f"tag {tags.index('') + 1} is empty")
        try:
            return [named(tag, self.names) for tag in tags]
        except UnnamedTag as error:
            raise ValueError(str(error)) from None


def _numbers(values: list[Any]) -> bool:
    return any(not isinstance(value, str) for value in values)


def _usual_tags(table: ParquetTable, words: str, *, needed: bool) -> str:
    """Return the column of the tags where neither an option nor the training names it. Raises ColumnError where it is
    not obvious."""
    lists = [name for name in table.columns if name != words and table.holds_lists(name)]
    if TAG_LISTS[0] in lists or not needed:
        return TAG_LISTS[0]
    found = [name for name in TAG_LISTS if name in lists] or lists
    if len(found) != 1:
        raise ColumnError(
            f"It is not obvious which column of {table.path} holds the tags. Name it with `--tag-column COL`. Columns "
            f"of lists: {listed(lists)}."
        )
    return found[0]
