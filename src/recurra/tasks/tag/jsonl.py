"""Tagged sentences in JSON lines: {"tokens": ["Bush", "nominated"], "tags": ["PROPN", "VERB"]}."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recurra.data.tables.table import listed, shortened
from recurra.data.tables.text_lines import RowTooLong, TextLines
from recurra.errors import ColumnError, ReadError
from recurra.tasks.tag.tagged_file import TaggedFile, TaggedSentence, TrainingColumns

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
    ) -> None:
        alike = training if training and training.format == self.format else None
        super().__init__(path, codec, tag_column or (alike.tags if alike else "tags"), tags_needed=tags_needed)
        self._words = word_column or (alike.words if alike else None) or "tokens"
        self._named = tag_column is not None
        self._numbers = bool(alike and alike.numbered)
        if self._words == self.tag_column:
            raise ColumnError(f"{path}: words and tags cannot both be under {self._words!r}.")

    def sentences(self) -> Iterator[TaggedSentence]:
        empty = True
        with TextLines(self.path, self.codec) as lines:
            while True:
                lines.begin_row()
                try:
                    line = next(lines)
                except StopIteration:
                    break
                except RowTooLong:
                    raise self._broken(lines.number, f"longer than {lines.limit:,} characters", "") from None
                words, tags = self._read(line, lines.number) if line.strip() else ([], [])
                empty = empty and not words
                yield TaggedSentence(words, tags, lines.number, (line,), (0,) if words else ())
        if empty:
            raise ReadError(
                f'{self.path} has no words. Expected {{"{self._words}": [...], "{self.tag_column}": [...]}}.'
            )

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
        return words, tags

    def _replaced(self, row: dict[str, Any], words: list[str], number: int, line: str) -> list[str]:
        """Return what stands where the tags are to be written, "" for nothing. Raises ReadError for no tags at all."""
        there = row.get(self.tag_column)
        if not there or self._named:
            return [""] * len(words)
        if isinstance(there, list) and len(there) == len(words) and all(type(tag) in (str, int) for tag in there):
            return [str(tag) for tag in there]
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
        self.numbered = self.numbered or any(type(value) is int for value in values)
        return [str(value) for value in values]

    def _way_to_name(self, row: dict[str, Any], key: str) -> str:
        """Return the option that names the key of the words or the tags, with the key where it is obvious."""
        option = "--tag-column" if key == self.tag_column else "--word-column"
        lists = {name: value for name, value in row.items() if isinstance(value, list) and value and name != key}
        words = lists.pop(self._words, None)
        if words is not None:
            lists = {name: value for name, value in lists.items() if len(value) == len(words)}
        return f"see {option}{' ' + shlex.quote(next(iter(lists))) if len(lists) == 1 else ''}"

    def _broken(self, number: int, reason: str, line: str, advice: str = "Correct or remove it.") -> ReadError:
        return ReadError(f"{self.path}, line {number:,}: {reason}. The row: {shortened(line)}. {advice}")
