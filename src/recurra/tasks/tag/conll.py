"""CoNLL files: one word per line with its columns, a blank line after each sentence.

CoNLL-U (https://universaldependencies.org/format.html) has ten columns between tabs, comments that begin with #, rows
for words of several tokens (3-4) and for empty nodes (5.1); its variant CoNLL-U Plus names its columns in a
comment. Other CoNLL files have any columns between tabs or spaces; -DOCSTART- rows separate documents.
Every other row is kept as it is, without a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from recurra.data.tables.table import shortened
from recurra.data.tables.text_lines import RowTooLong, TextLines
from recurra.errors import ColumnError, ReadError, did_you_mean
from recurra.tasks.tag.other_files import EXPECTED, if_plain
from recurra.tasks.tag.tag_names import UnnamedTag, named
from recurra.tasks.tag.tagged_file import STOP, BrokenRow, Skipping, TaggedFile, TaggedSentence, TrainingColumns

COLUMNS = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")

_SPACED = re.compile(r"[^ \t\r\n]+")
_WORD_ID, _OTHER_ID = re.compile(r"[1-9]\d*"), re.compile(r"[1-9]\d*-[1-9]\d*|\d+\.[1-9]\d*")
_NAMED = re.compile(r"#\s*global\.columns\s*=\s*(\S.*)")
_SETTING = re.compile(r"#\s*\w+\s*=\s")
"""A comment such as `# sent_id = 3`, in files of any columns."""
_DOCUMENT = "-DOCSTART-"
_HEADER = re.compile(
    r"(id|index|sentence|words?|tokens?|form|text|lemma|tags?|labels?|[ux]?pos|chunk|ner|iob|entity)?[\W_]*",
    re.IGNORECASE,
)
"""A cell of a row that names the columns."""

OTHER_FORMATS = {"jsonl": "JSON lines", "parquet": "a Parquet file", "table": "a table with a row a word"}

Spans = list[tuple[int, int]]


class ConllFile(TaggedFile):
    """A CoNLL file. columns: their names in CoNLL-U and CoNLL-U Plus, else None."""

    def __init__(
        self,
        path: Path,
        codec: str,
        word_column: str | None,
        tag_column: str | None,
        *,
        tags_needed: bool = True,
        training: TrainingColumns | None = None,
        skipping: Skipping = STOP,
        names: tuple[str, ...] = (),
    ) -> None:
        super().__init__(path, codec, "", tags_needed=tags_needed, skipping=skipping)
        self.names = names
        self._tabbed = False
        self.columns: tuple[str, ...] | None = None
        self.width = self._look()
        self.format = "conllu" if self.columns else "columns"
        if training and tag_column is None:
            self._check_columns(training)
        alike = training if training and training.format == self.format else None
        word = word_column or (alike.words if alike else None) or ("FORM" if self.columns else "1")
        tag = tag_column or (alike.tags if alike and self.width > 1 else self._usual_column())
        self._word = self._index_of(word, "--word-column")
        self._tag = self._index_of(tag, "--tag-column")
        if self._tag == self._word:
            if self.width == 1:
                raise ColumnError(f"{path} has one column, and so no tags. Expected {EXPECTED}.")
            raise ColumnError(
                f"{path}: words and tags cannot both be column {tag}. Choose two columns with --word-column and "
                "--tag-column."
            )
        self.added = self._tag == self.width
        self._replacing = tag_column is not None
        self.tag_column = self.columns[self._tag].lower() if self.columns else str(self._tag + 1)
        self._identified = bool(self.columns) and self.columns is not None and self.columns[0] == "ID"

    @property
    def expected(self) -> str:
        return "one word per line, with its tag in a column beside it"

    def _sentences(self) -> Iterator[TaggedSentence | BrokenRow]:
        words: list[str] = []
        tags: list[str] = []
        source: list[str] = []
        places: list[int] = []
        begin, broken = 1, None
        for number, line in self._lines():
            try:
                spans = self._word_row(line, number, bool(words))
                if spans is not None:
                    word, tag = self._cells(line, spans, number)
                    words.append(word)
                    tags.append(tag)
                    places.append(len(source))
            except BrokenRow as error:
                broken = broken or error
                if not self.skipping.skip:
                    yield broken
                    return
            source.append(line)
            if not line.strip():
                yield broken or TaggedSentence(words, tags, begin, tuple(source), tuple(places))
                words, tags, source, places = [], [], [], []
                begin, broken = number + 1, None
        if source:
            yield broken or TaggedSentence(words, tags, begin, tuple(source), tuple(places))

    def retagged(self, sentence: TaggedSentence, tags: list[str]) -> str:
        lines = list(sentence.source)
        for index, tag in zip(sentence.places, tags, strict=True):
            line, spans = lines[index], self._spans(lines[index])
            if self._tag < len(spans):
                start, end = spans[self._tag]
                lines[index] = line[:start] + tag + line[end:]
            else:
                end = spans[-1][1]
                lines[index] = line[:end] + ("\t" if self._tabbed else " ") + tag + line[end:]
        return "".join(lines)

    def _look(self) -> int:
        """Return the number of columns, and set their separator and names, from the first row."""
        for _, line in self._lines():
            if named := _NAMED.fullmatch(line.rstrip("\r\n")):
                self.columns = tuple(named[1].upper().split())
            if not line.strip() or line.startswith(("#", _DOCUMENT)):
                continue
            self._tabbed = "\t" in line
            cells = [line[start:end] for start, end in self._spans(line)]
            if len(cells) > 1 and sum(map(str.isalpha, cells)) > 1 and all(map(_HEADER.fullmatch, cells)):
                raise ReadError(
                    f"{self.path}: the first row names columns ({', '.join(cells)}), and CoNLL files have no header. "
                    "Remove the row."
                )
            identified = bool(_WORD_ID.fullmatch(cells[0]) or _OTHER_ID.fullmatch(cells[0]))
            suffix = Path(self.path.name.lower().removesuffix(".gz")).suffix
            if self.columns is None and (suffix == ".conllu" or (identified and self._tabbed and len(cells) == 10)):
                self.columns, self._tabbed = COLUMNS, True
            return len(self.columns) if self.columns else len(cells)
        raise ReadError(f"{self.path} has no words. Expected one word per line, with its tag in a column beside it.")

    def _usual_column(self) -> str:
        """Return the column of the tags where neither an option nor the training names it."""
        if self.columns:
            return "UPOS"
        return str(self.width if self.tags_needed else max(2, self.width))

    def _check_columns(self, training: TrainingColumns) -> None:
        """Raise ColumnError where the tags of this file are not surely where those of the training were."""
        if self.columns:
            if training.format == "conllu" and training.tags.upper() not in self.columns:
                raise ColumnError(
                    f"{self.path} has no column {training.tags.upper()}, where the tags of the model's training were. "
                    f"Name that of the tags with --tag-column. Columns: {', '.join(self.columns)}."
                )
            return
        tags, width = 2, 2  # of a file of columns where the training had another format
        if training.format == "columns":
            tags = int(training.tags)
            width = training.width or tags
        untagged = not self.tags_needed and (self.width == 1 or self.width == width - 1 == tags - 1)
        if self.width == width or (
            untagged and (self.width > 1 or training.words in (None, "1") or training.format != "columns")
        ):
            return
        raise ColumnError(
            f"{self.path} has {_columns(self.width)}, and {self._training_columns(training, tags)}. Name the column of "
            f"the tags with --tag-column, and that of the words with --word-column where it is not the first."
            f"{'' if self.tags_needed else if_plain(self.path, self.codec)}"
        )

    def _training_columns(self, training: TrainingColumns, tags: int) -> str:
        if training.format == "conllu":
            return f"the model's training was CoNLL-U, with {_columns(training.width or len(COLUMNS))}"
        if training.format in OTHER_FORMATS:
            return f"the model's training was {OTHER_FORMATS[training.format]}"
        if training.width is None:
            return f"the tags of the model's training were in column {tags}; how many there were it does not say"
        return f"the model's training had {training.width}, with the tags in column {tags}"

    def _index_of(self, column: str, option: str) -> int:
        """Return the index of a column, from 0, given by name or number."""
        if column.isdecimal():
            most = self.width if self.tags_needed or option == "--word-column" else self.width + 1
            if 1 <= int(column) <= most:
                return int(column) - 1
            raise ColumnError(f"{self.path} has {_columns(self.width)}, so {option} cannot be {column}.")
        if self.columns is None:
            raise ColumnError(
                f"{option} {column}: the columns of {self.path} have no names. Give a number, 1 to {self.width}."
            )
        if column.upper() not in self.columns:
            raise ColumnError(
                f"{option} {column}: {self.path} has no such column.{did_you_mean(column.upper(), self.columns)} "
                f"Columns: {', '.join(self.columns)}."
            )
        return self.columns.index(column.upper())

    def _word_row(self, line: str, number: int, inside: bool) -> Spans | None:
        """Return the columns of a row that has a word to tag; None for any other line."""
        if not line.strip() or line.startswith(_DOCUMENT) or (self.columns and line.startswith("#")):
            return None
        spans = self._spans(line)
        if line.startswith("#") and not inside and (len(spans) != self.width or _SETTING.match(line)):
            return None
        fewest = self.width - 1 if not self.tags_needed and self._tag == self.width - 1 else self.width
        if not fewest <= len(spans) <= self.width:
            what = "CoNLL-U has" if self.columns == COLUMNS else "the first row has" if not self.columns else "it names"
            raise self._broken(number, f"{_columns(len(spans))} where {what} {self.width}", line)
        if self._identified:
            identifier = line[slice(*spans[0])]
            if _OTHER_ID.fullmatch(identifier):
                return None
            if not _WORD_ID.fullmatch(identifier):
                raise self._broken(number, f"{identifier!r} is not the number of a word (such as 3, 3-4 or 3.1)", line)
        return spans

    def _cells(self, line: str, spans: Spans, number: int) -> tuple[str, str]:
        word = line[slice(*spans[self._word])]
        tag = line[slice(*spans[self._tag])] if self._tag < len(spans) else ""
        if not word:
            raise self._broken(number, "the word is empty", line)
        if self._replacing and not self.tags_needed:
            tag = ""
        untagged = not tag or (tag == "_" and self.tag_column in ("upos", "xpos"))
        if self.tags_needed and untagged:
            raise self._broken(number, f"the word {shortened(word, 40)} has no tag in column {self.tag_column}", line)
        try:
            return word, named(tag, self.names)
        except UnnamedTag as error:
            if not self.tags_needed:
                return word, tag
            raise self._broken(number, str(error), line) from None

    def _spans(self, line: str) -> Spans:
        if self._tabbed:
            parts = line.rstrip("\r\n").split("\t")
            ends = [len(parts[0])]
            for part in parts[1:]:
                ends.append(ends[-1] + 1 + len(part))
            return [(end - len(part), end) for part, end in zip(parts, ends, strict=True)]
        return [match.span() for match in _SPACED.finditer(line)]

    def _lines(self) -> Iterator[tuple[int, str]]:
        with TextLines(self.path, self.codec) as lines:
            while True:
                lines.begin_row()
                try:
                    line = next(lines)
                except StopIteration:
                    return
                except RowTooLong:
                    raise ReadError(
                        f"{self.path}, line {lines.number:,}: longer than {lines.limit:,} characters, the most that is "
                        "read."
                    ) from None
                yield lines.number, line

    def _broken(self, number: int, reason: str, line: str) -> BrokenRow:
        return BrokenRow(self.path, number, reason, line)


def _columns(count: int) -> str:
    return f"{count} column{'s'[: count != 1]}"
