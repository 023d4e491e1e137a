"""Open a file of tagged sentences with the reader that it needs."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recurra.data.tables.bytes_check import check_bytes, check_is_file
from recurra.data.tables.learnt import learnt_by, learnt_encoding
from recurra.data.tables.learnt import open_like_training as open_table_like_training
from recurra.data.tables.location import is_several, names_beside, there
from recurra.data.tables.parquet_table import ParquetTable
from recurra.data.tables.rejects import report_rejected
from recurra.data.tables.stated import check_heeded, named, stated
from recurra.data.tables.text_lines import RowTooLong, TextLines
from recurra.errors import OptionError, ReadError, did_you_mean
from recurra.options.base import flag
from recurra.storage.model_directory import Manifest
from recurra.tasks.tag.conll import ConllFile
from recurra.tasks.tag.jsonl import TaggedJsonl, first_object, usual_words
from recurra.tasks.tag.list_rows import ListRows
from recurra.tasks.tag.options import TaggedFileOptions
from recurra.tasks.tag.other_files import refuse_plain_sentences, refuse_tables
from recurra.tasks.tag.tag_names import schema_names, stated_names
from recurra.tasks.tag.tagged_file import Skipping, TaggedFile, TrainingColumns
from recurra.tasks.tag.word_rows import WordColumns, WordRows, find_columns, missing_column, names_words
from recurra.terminal.progress import Reporter

METADATA = "huggingface"
"""The key of a Parquet schema's metadata that has the names of its numbers."""


@dataclass(frozen=True)
class _Reading:
    """How a file is read: what `open_tagged` takes, and the names of tags that the options state."""

    path: Path
    options: TaggedFileOptions
    tags_needed: bool
    training: TrainingColumns | None
    skipping: Skipping
    names: tuple[str, ...]

    @property
    def likely_names(self) -> tuple[str, ...]:
        """The names that are stated, or those of the training."""
        return self.names or (self.training.names if self.training else ())


def open_tagged(
    path: str | Path,
    options: TaggedFileOptions | None = None,
    reporter: Reporter | None = None,
    *,
    tags_needed: bool = True,
    training: TrainingColumns | None = None,
    manifest: Manifest | None = None,
    rejects: Path | None = None,
) -> TaggedFile:
    """Open a file of sentences: a table with a word a row, lists in Parquet or JSON lines, CoNLL-U or other columns.

    options: where they name no column, it is FORM and UPOS in CoNLL-U, the first and the last in other CoNLL files,
    "tokens" and "tags" or another obvious one in lists, and an obvious one in a table. tags_needed: False where they
    are to be predicted: the column may be missing then. training: the columns that a model was trained on; they are
    those of this file too unless others are given. manifest: that of the model, for the dialect. rejects: the file that
    broken rows go to where the options skip them. Raises ReadError, for plain sentences too, OptionError for an option
    that says nothing about such a file, or ColumnError, also where the file has other columns than the training and
    none is given.
    """
    path, options = Path(path), options or TaggedFileOptions()
    reporter = reporter or Reporter(quiet=True)
    if path.is_dir():
        raise ReadError(
            f"{path} is a folder. Give a file of tagged sentences: .conllu, .conll, .jsonl, .parquet, .csv."
        )
    several = is_several(path)
    if not several and not there(path):
        raise ReadError(f"{path} does not exist.{did_you_mean(path.name, names_beside(path))}")
    skipping = Skipping(options.bad_rows == "skip", rejects)
    reading = _Reading(path, options, tags_needed, training, skipping, stated_names(options.tag_names))
    kind = named(path)
    if several or kind == "json":
        return _word_rows(reading, manifest, reporter)
    check_is_file(path)
    if kind == "parquet":
        return _parquet(reading, manifest, reporter)
    learnt = learnt_by(manifest)
    codec = check_bytes(path, learnt_encoding(path, options, learnt, Reporter(quiet=True)))
    if kind == "jsonl" and not _is_table_of_objects(reading, codec):
        _check_heeded(reading, "a row is a sentence there, with lists of words and tags")
        learnt_encoding(path, options, learnt, reporter)  # says so where it is not the usual one
        return TaggedJsonl(
            path,
            codec,
            options.word_column,
            options.tag_column,
            tags_needed=tags_needed,
            training=training,
            names=reading.likely_names,
            skipping=skipping,
        )
    if kind == "jsonl" or _is_delimited(reading, kind, codec):
        return _word_rows(reading, manifest, reporter)
    _check_heeded(reading, "it is read as CoNLL, with one word a line and a blank line after each sentence")
    learnt_encoding(path, options, learnt, reporter)
    if Path(path.name.lower().removesuffix(".gz")).suffix != ".conllu":
        refuse_tables(path, codec)
        refuse_plain_sentences(path, codec, tags_needed=tags_needed)
    return ConllFile(
        path,
        codec,
        options.word_column,
        options.tag_column,
        tags_needed=tags_needed,
        training=training,
        skipping=skipping,
        names=reading.likely_names,
    )


def open_like_training(
    path: str,
    options: TaggedFileOptions,
    manifest: Manifest | None,
    reporter: Reporter,
    *,
    tags_needed: bool = True,
    rejects: Path | None = None,
) -> TaggedFile:
    """Open a file of sentences; the columns and the dialect that `options` does not name are those of the training.

    Raises as `open_tagged` does.
    """
    training = _training_columns(manifest)
    return open_tagged(
        path, options, reporter, tags_needed=tags_needed, training=training, manifest=manifest, rejects=rejects
    )


def report_skipped(file: TaggedFile, reporter: Reporter) -> None:
    """Report how many broken rows the latest pass skipped, if any, and what became of their sentences."""
    report_rejected(file, reporter)
    if isinstance(file, WordRows) and file.left_out:
        reporter.info(f"Data: {file.left_out:,} sentences with such rows, or beside one, are left out.")


def _parquet(reading: _Reading, manifest: Manifest | None, reporter: Reporter) -> TaggedFile:
    options, training = reading.options, reading.training
    check_heeded(options, [reading.path])
    table = ParquetTable(reading.path)
    alike = training if training and training.format in ("jsonl", "parquet") else None
    words = options.word_column or (alike.words if alike else None) or usual_words(table.columns)
    if options.sentence_column is not None or words not in table.columns or not table.holds_lists(words):
        return _word_rows(reading, manifest, reporter)
    file = ListRows(
        table,
        options.word_column,
        options.tag_column,
        tags_needed=reading.tags_needed,
        training=training,
        skipping=reading.skipping,
    )
    file.names = _names(reading, table, file.tag_column)
    return file


def _names(reading: _Reading, table: ParquetTable, column: str) -> tuple[str, ...]:
    """Return the names of tags that are numbers: stated, of the schema, or of the training."""
    return reading.names or schema_names(table.metadata(METADATA), column) or reading.likely_names


def _word_rows(reading: _Reading, manifest: Manifest | None, reporter: Reporter) -> WordRows:
    path, options, training = reading.path, reading.options, reading.training
    check_heeded(options, [path])
    learnt, needed = learnt_by(manifest), reading.tags_needed
    given: dict[str, str | None] = {
        "sentence_column": options.sentence_column,
        "word_column": options.word_column,
        "tag_column": options.tag_column,
    }

    def fits(columns: Sequence[str]) -> bool:
        if manifest is None or len(columns) < 2:
            return manifest is None
        if columns[0] == "column0" and not learnt.width_fits(len(columns)):
            return False
        return isinstance(find_columns(columns, given, training, tags_needed=needed), WordColumns)

    table = open_table_like_training(path, options, learnt, fits, reporter, rejects=reading.skipping.rejects)
    columns = find_columns(table.columns, given, training, tags_needed=needed)
    if isinstance(columns, str):
        raise missing_column(table, columns)
    names = _names(reading, table, columns.tags) if isinstance(table, ParquetTable) else reading.likely_names
    return WordRows(table, columns, tags_needed=needed, names=names, skip=reading.skipping.skip)


def _is_delimited(reading: _Reading, kind: str | None, codec: str) -> bool:
    """Return whether a text file is a delimited table with a word a row: by its name and first row, or by options that
    say so."""
    options = reading.options
    says_so = options.sentence_column is not None or bool(stated(options) - {"encoding"})
    if kind in ("csv", "tsv", "txt") and says_so:
        return kind != "txt" or options.delimiter is not None
    if kind not in ("csv", "tsv"):
        return False
    first = _first_line(reading.path, codec)
    if kind == "csv":
        return any(mark in first for mark in ",;|")
    return names_words(next(csv.reader([first], delimiter="\t", quoting=csv.QUOTE_NONE), []))


def _is_table_of_objects(reading: _Reading, codec: str) -> bool:
    """Return whether JSON lines hold a word each: the first has no list, and names its sentence."""
    row = first_object(reading.path, codec)
    if any(isinstance(value, list) for value in row.values()):
        return False
    return bool(row) and (reading.options.sentence_column is not None or names_words(row))


def _first_line(path: Path, codec: str) -> str:
    try:
        with TextLines(path, codec) as lines:
            return next((line.strip() for line in lines if line.strip()), "")
    except RowTooLong:
        return ""


def _check_heeded(reading: _Reading, why: str) -> None:
    """Raise OptionError for an option of tables that says nothing about another file. why: what it is instead."""
    options = reading.options
    names = sorted(stated(options) - {"encoding"})
    names += ["sentence_column"] if options.sentence_column is not None else []
    if names:
        raise OptionError(
            f"{' and '.join(map(flag, names))} {'does' if len(names) == 1 else 'do'} nothing for {reading.path}: {why}."
            " Omit it."
        )


def _training_columns(manifest: Manifest | None) -> TrainingColumns | None:
    data = manifest.data if manifest else {}
    form, tags, width, names = (data.get(name) for name in ("format", "tag_column", "columns", "tag_names"))
    if not isinstance(form, str) or not isinstance(tags, str):
        return None
    return TrainingColumns(
        form,
        tags,
        _text(data.get("word_column")),
        width if isinstance(width, int) else None,
        data.get("tags_are_numbers") is True,
        _text(data.get("sentence_column")),
        tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else (),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
