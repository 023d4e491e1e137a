"""Tagged sentences in JSON lines: {"tokens": ["Bush", "nominated"], "tags": ["PROPN", "VERB"]}."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from recurra.data.tables.table import listed
from recurra.data.tables.text_lines import RowTooLong, TextLines
from recurra.errors import ColumnError
from recurra.tasks.tag.tag_names import UnnamedTag, named
from recurra.tasks.tag.tagged_file import STOP, BrokenRow, Skipping, TaggedFile, TaggedSentence, TrainingColumns

WORD_LISTS = ("tokens", "words")
TAG_LISTS = ("tags", "ner_tags", "pos_tags", "chunk_tags", "labels")
"""Usual names of columns with the words and the tags of a sentence; the first ones are expected where none is there."""
_NUMBER = re.compile(r"-?\d+", re.ASCII)


class TaggedJsonl(TaggedFile):
    """One object a line, with a list of words and a list of as many tags; blank lines are kept, not read."""

    format = "jsonl"

    def __init__(
        self,
        path: Path,
        codec: str,
        word_column: str | None,
        tag_column: str | None,
        *,
        tags_needed: bool = True,
        training: TrainingColumns | None = None,
        names: tuple[str, ...] = (),
        skipping: Skipping = STOP,
    ) -> None:
        alike = training if training and training.format in ("jsonl", "parquet") else None
        first = first_object(path, codec)
        self._words = word_column or (alike.words if alike else None) or usual_words(first)
        tags = tag_column or (alike.tags if alike else None) or _usual_tags(first, self._words)
        super().__init__(path, codec, tags, tags_needed=tags_needed, skipping=skipping)
        self.names = names
        self._named = tag_column is not None
        self._numbers = bool(alike and alike.numbered)
        if self._words == self.tag_column:
            raise ColumnError(f"{path}: words and tags cannot both be under {self._words!r}.")

    @property
    def expected(self) -> str:
        return f'{{"{self._words}": [...], "{self.tag_column}": [...]}}'

    def _sentences(self) -> Iterator[TaggedSentence | BrokenRow]:
        with TextLines(self.path, self.codec) as lines:
            while True:
                lines.begin_row()
                try:
                    line = next(lines)
                    words, tags = self._read(line, lines.number) if line.strip() else ([], [])
                except StopIteration:
                    return
                except RowTooLong:
                    yield self._broken(lines.number, f"longer than {lines.limit:,} characters", "")
                except BrokenRow as error:
                    yield error
                else:
                    yield TaggedSentence(words, tags, lines.number, (line,), (0,) if words else ())

    def retagged(self, sentence: TaggedSentence, tags: list[str]) -> str:
        (line,) = sentence.source
        if not sentence.words:
            return line
        end = line[len(line.rstrip("\r\n")) :]
        written = [int(tag) if self._numbers and _NUMBER.fullmatch(tag) else tag for tag in tags]
        return json.dumps({**json.loads(line), self.tag_column: written}, ensure_ascii=True) + end

    def _read(self, line: str, number: int) -> tuple[list[str], list[str]]:
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise self._broken(number, f"not valid JSON: {error.msg} at character {error.pos + 1}", line) from None
        except (ValueError, RecursionError) as error:
            raise self._broken(number, str(error), line) from None
        if not isinstance(row, dict):
            raise self._broken(number, "not a JSON object", line)
        words = self._strings(row, self._words, number, line)
        if any(not word for word in words):
            raise self._broken(number, f"word {words.index('') + 1} is empty", line)
        if not self.tags_needed:
            return words, self._replaced(row, words, number, line)
        tags = self._strings(row, self.tag_column, number, line)
        if len(words) != len(tags):
            raise self._broken(
                number, f"{len(words)} under {self._words!r} and {len(tags)} under {self.tag_column!r}", line
            )
        if any(not tag for tag in tags):
            raise self._broken(number, f"tag {tags.index('') + 1} is empty", line)
        try:
            return words, [named(tag, self.names) for tag in tags]
        except UnnamedTag as error:
            raise self._broken(number, str(error), line) from None

    def _replaced(self, row: dict[str, Any], words: list[str], number: int, line: str) -> list[str]:
        """Return what stands where the tags are to be written, "" for nothing. Raises ReadError for no tags at all."""
        there = row.get(self.tag_column)
        if not there or self._named:
            return [""] * len(words)
        if isinstance(there, list) and len(there) == len(words) and all(type(tag) in (str, int) for tag in there):
            numbers = self.names and all(type(tag) is int and 0 <= tag < len(self.names) for tag in there)
            return [self.names[tag] if numbers else str(tag) for tag in there]
        raise self._broken(
            number,
            f"{self.tag_column!r} holds something else than a tag for each word, and would be replaced; name another "
            f"key with --tag-column, or this one to replace it",
            line,
        )

    def _strings(self, row: dict[str, Any], key: str, number: int, line: str) -> list[str]:
        """Return a list of the row; a tag may be a number, as in files that number their tags."""
        if key not in row:
            keys = listed(tuple(row), 8)
            raise self._broken(
                number, f"no {key!r} (its keys: {keys}; {self._way_to_name(row, key)})", line, "Name the key."
            )
        kinds = (str, int) if key == self.tag_column else (str,)
        values = row[key]
        if not isinstance(values, list) or not all(type(value) in kinds for value in values):
            what = ", but a text: split it into words first" if key == self._words and isinstance(values, str) else ""
            raise self._broken(number, f"{key!r} is not a list of strings{what}", line)
        self.numbered = self.numbered or (not self.names and any(type(value) is int for value in values))
        return [str(value) for value in values]

    def _way_to_name(self, row: dict[str, Any], key: str) -> str:
        """Return the option that names the key of the words or the tags, with the key where it is obvious."""
        option = "--tag-column" if key == self.tag_column else "--word-column"
        lists = {name: value for name, value in row.items() if isinstance(value, list) and value and name != key}
        words = lists.pop(self._words, None)
        if words is not None:
            lists = {name: value for name, value in lists.items() if len(value) == len(words)}
        return f"see {option}{' ' + shlex.quote(next(iter(lists))) if len(lists) == 1 else ''}"

    def _broken(self, number: int, reason: str, line: str, advice: str = "Correct or remove it.") -> BrokenRow:
        return BrokenRow(self.path, number, reason, line, advice)


def first_object(path: Path, codec: str) -> dict[str, Any]:
    """Return the first object of a file of JSON lines; an empty one where its first line is none."""
    with TextLines(path, codec) as lines:
        try:
            row = next((json.loads(line) for line in lines if line.strip()), None)
        except (ValueError, RecursionError, RowTooLong):
            return {}
    return row if isinstance(row, dict) else {}


def usual_words(columns: Collection[str]) -> str:
    """Return the column of the words of a row a sentence where neither an option nor the training names it."""
    return next((name for name in WORD_LISTS if name in columns), WORD_LISTS[0])


def _usual_tags(row: dict[str, Any], words: str) -> str:
    """Return the key of the tags where neither an option nor the training names it."""
    given = row.get(words)
    alike = [
        name
        for name in TAG_LISTS
        if isinstance(given, list) and isinstance(row.get(name), list) and len(row[name]) == len(given)
    ]
    return alike[0] if len(alike) == 1 and TAG_LISTS[0] not in row else TAG_LISTS[0]
