"""Tag a file of any size into another, safe from a kill."""

from __future__ import annotations

import codecs
import gzip
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from recurra.data.tables.bytes_check import open_bytes
from recurra.data.tables.rejects import report_rejected
from recurra.data.tables.table import Row, Table
from recurra.data.writers import WRITERS, AnswerColumn, Answers, Writer
from recurra.errors import OptionError, OutputError
from recurra.inference.bulk import Answering, answer_file, check_output, placed_counts
from recurra.inference.runtime import ort
from recurra.storage.journal import Columns
from recurra.tasks.tag.familiarity import check_replaced
from recurra.tasks.tag.list_rows import ListRows
from recurra.tasks.tag.model import SENTENCES_IN_MEMORY, Tagger
from recurra.tasks.tag.options import TagPredictOptions
from recurra.tasks.tag.reading import open_like_training
from recurra.tasks.tag.schemes import Scheme
from recurra.tasks.tag.tagged_file import TaggedFile
from recurra.tasks.tag.tagged_tables import WORD_TABLES, ListRowsWriter, WordRowsWriter
from recurra.tasks.tag.word_rows import WordRows
from recurra.terminal.progress import Reporter

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PIECE_ROWS = SENTENCES_IN_MEMORY
"""Sentences that are tagged together."""
PART_ROWS = 16 * PIECE_ROWS
"""Sentences that are kept at a time: a few seconds of work."""
LINES = (".jsonl", ".ndjson")
OTHER_FORMATS = (".csv", ".tsv", ".json", ".parquet", ".xlsx", ".html")
"""Suffixes of formats that are not CoNLL."""


def predict_file(
    model: Tagger,
    data: str,
    output: Path,
    options: TagPredictOptions,
    *,
    resume: bool = False,
    overwrite: bool = False,
    escape_formulas: bool = False,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Tag every sentence of `data` into `output`, which appears when it is whole. Returns counts.

    The output is the input, byte for byte, but for the tags; where the input has no column for them, it gets one at the
    end. Where the output is named .parquet, or .jsonl and the input is not JSON lines, it is a table instead, with the
    columns `tokens` and `tags`, each a list. A table (.csv, .tsv, .jsonl, .parquet) with a word a row, or of lists in
    Parquet, keeps its columns, types and order, and gets a column of tags. Memory does not grow with the file.
    Columns that the options do not name are those of the training. resume, overwrite: as for every task. Raises
    OptionError for escape_formulas where the output is no .csv or .tsv, OutputError where the output is there already
    and is not to be replaced, and where a stopped run is not resumed or was another.
    """
    reporter = reporter or Reporter()
    if resume and (counts := placed_counts(output)) is not None:
        return {**counts, "output": os.path.realpath(output)}
    labels = model.output_tags(options.scheme)
    suffix, given = output.suffix.lower(), output
    output = check_output(output, (), overwrite=overwrite, escape_formulas=escape_formulas, resume=resume)
    file = open_like_training(
        data,
        options,
        model.manifest,
        reporter,
        tags_needed=False,
        rejects=output.with_name(f"{output.name}.rejects"),
    )
    if escape_formulas and not isinstance(file, WordRows):
        raise OptionError(
            "--escape-formulas is for tables that spreadsheets open, and a tagged file is not one. Omit it."
        )
    _check_suffix(given, file)
    reporter.info(f"Reading {data}; {_where(file)}.")
    for finding in check_replaced(file, model):
        reporter.info(f"Data: {finding}")
    writer = _writer(file, suffix, labels, escape=escape_formulas)
    counts = answer_file(
        writer,
        _answering(model, options.scheme, labels, writer),
        output,
        {
            "model": {"digest": model.manifest.digest if model.manifest else ""},
            "options": {
                **options.model_dump(),
                "tag_column": file.tag_column,
                "scheme": options.scheme or model.scheme,
                "escape_formulas": escape_formulas,
            },
            "software": {"onnxruntime": ort.__version__},
        },
        reporter,
        resume=resume,
        overwrite=overwrite,
    )
    report_rejected(file, reporter)
    return {**counts, "output": str(output)}


def _where(file: TaggedFile) -> str:
    """Return where the tags go, in words."""
    if isinstance(file, WordRows):
        return f"{file.columns_in_words}; the tags go to a column of their own"
    return f"the tags go to column {file.tag_column}{', which is added' if file.added else ''}"


def _check_suffix(output: Path, file: TaggedFile) -> None:
    """Raise OptionError for a name that promises another format than the file would have."""
    if isinstance(file, WordRows | ListRows):
        kinds = WORD_TABLES if isinstance(file, WordRows) else (".parquet", ".jsonl")
        if output.suffix.lower() not in kinds:
            raise OptionError(
                f"--output {output}: of {file.path} a tagger writes a table. The name must end in one of "
                f"{', '.join(kinds)}."
            )
        return
    suffix, of_input = (Path(path.name.lower().removesuffix(".gz")).suffix for path in (output, file.path))
    is_table = output.suffix.lower() in (".jsonl", ".parquet")
    as_input = suffix in LINES if file.format == "jsonl" else suffix not in (*LINES, *OTHER_FORMATS)
    if suffix != of_input and not (is_table or as_input):
        name = "tagged.jsonl" if file.format == "jsonl" else "tagged.conll"
        raise OptionError(
            f"--output {output}: a tagger writes the file that it reads again, with its tags, and that is no {suffix} "
            f"file. Give a name such as {name}, or one in .jsonl or .parquet for a table of tokens and tags."
        )


def _answering(model: Tagger, scheme: Scheme | None, labels: Sequence[str], writer: Writer) -> Answering:
    numbers = {tag: number for number, tag in enumerate(labels)}

    def answer(rows: list[tuple[Any, ...]]) -> Columns:
        tagged = model.tag([row[0] for row in rows], scheme=scheme)
        kept = [[numbers[tag] for tag in tags] for tags in tagged]
        if isinstance(writer, WordRowsWriter):
            kept = [writer.placed(tags, *row[1:]) for tags, row in zip(kept, rows, strict=True)]
        return {"tags": kept}

    words = f"len(list_filter(tags, lambda number: number < {len(labels)}))"
    totals = {"rows": f"count(*) FILTER ({words} > 0)", "words": f"sum({words})"}
    return Answering(answer, piece_rows=PIECE_ROWS, part_rows=PART_ROWS, doing="Tagging", totals=totals)


def _writer(file: TaggedFile, suffix: str, tags: Sequence[str], *, escape: bool) -> Writer:
    """Return what writes an output of this suffix."""
    if isinstance(file, WordRows):
        return WordRowsWriter(file, suffix, tags, escape=escape)
    if isinstance(file, ListRows) and suffix == ".parquet":
        return ListRowsWriter(file, tags)
    column = AnswerColumn("tags", "texts", labels=list(tags))
    if suffix == ".parquet" or (suffix == ".jsonl" and file.format != "jsonl"):
        return WRITERS[suffix](SentenceTable(file), ["tokens"], [column])
    return TagWriter(file, column, packed=suffix == ".gz")


class TagWriter(Writer):
    """Writes a file of sentences as it is, but with other tags, as bytes of its own encoding. packed: with gzip."""

    def __init__(self, file: TaggedFile, column: AnswerColumn, *, packed: bool) -> None:
        super().__init__(file.path, [column])
        self.file = file
        self.packed = packed

    def inputs(self) -> Iterator[tuple[Sequence[str]]]:
        for sentence in self.file.sentences():
            yield (sentence.words,)

    @property
    def rejected(self) -> int:
        return self.file.rejected

    def write(self, path: Path, answers: Answers) -> None:
        (column,) = self.columns
        encoder = codecs.getincrementalencoder(self.file.codec)()
        with self._opened(path) as target:
            with open_bytes(self.file.path) as start:
                if self.file.codec == "utf-8" and start.read(len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK:
                    target.write(BYTE_ORDER_MARK)
            for sentence, (kept,) in zip(self.file.sentences(), answers.answers(), strict=True):
                try:
                    target.write(encoder.encode(self.file.retagged(sentence, column.value(kept))))
                except UnicodeEncodeError as error:
                    raise OutputError(
                        f"{self.file.path}, line {sentence.line:,}: the encoding {self.file.codec} has no character "
                        f"for {error.object[error.start : error.end]!r} in a tag. Convert the file to UTF-8 first."
                    ) from None

    @contextmanager
    def _opened(self, path: Path) -> Iterator[IO[bytes]]:
        with path.open("wb") as plain:
            if not self.packed:
                yield plain
                return
            with gzip.GzipFile(fileobj=plain, mode="wb", filename="", mtime=0) as packed:
                yield cast(IO[bytes], packed)


class SentenceTable(Table):
    """The sentences of a file as a table: one column, `tokens`, of lists of words."""

    format = "sentences"
    columns = ("tokens",)
    lists = frozenset(columns)

    def __init__(self, file: TaggedFile) -> None:
        super().__init__(file.path)
        self._file = file

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        width = len(self.positions(columns))
        for sentence in self._file.sentences():
            if sentence.words:
                yield cast(Row, (sentence.words,) * width)
