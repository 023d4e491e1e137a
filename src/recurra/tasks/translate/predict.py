"""`recurra predict` with a translator: texts in, translations out. Base installation only."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

from recurra.data.tables.lines_table import LinesTable
from recurra.data.tables.readers import SUFFIXES, open_table
from recurra.data.tables.table import Dialect, Table
from recurra.errors import ArtefactError, ColumnError, OptionError, OutputError
from recurra.storage.durable import sync, told
from recurra.tasks.registry import load
from recurra.tasks.translate.model import CHUNK, Translated, Translator
from recurra.terminal.progress import Reporter

COLUMN = "translation"
"""The column that a table gets."""

Write = Callable[[tuple[str | None, ...], str], None]


def translate_texts(
    directory: Path, texts: Iterable[str], *, beam: int | None = None, length_penalty: float | None = None
) -> Iterator[dict[str, Any]]:
    """Yield for each text its translation, the score that it was chosen by, and whether the text was cut."""
    for found in opened(directory).translate_iter(texts, beam=beam, length_penalty=length_penalty):
        yield {"translation": found.text, "score": found.score, "truncated": found.truncated}


def translate_file(
    directory: Path,
    data: str,
    output: Path,
    *,
    source: str | None = None,
    dialect: Dialect | None = None,
    beam: int | None = None,
    length_penalty: float | None = None,
    overwrite: bool = False,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Translate every text of `data` into `output`, which appears when it is whole. Returns counts.

    A text file becomes a text file, line by line, so that the two stay aligned. A table (.csv, .tsv, .jsonl, .parquet)
    keeps its columns and order, and gets the column `translation`; it is written as .csv, .tsv or .jsonl. source: the
    column to translate (None: as in training, or the only one). Memory does not grow with the file.
    Raises OutputError where the output is there already and `overwrite` does not say to replace it.
    """
    reporter = reporter or Reporter()
    if output.is_dir():
        raise OutputError(f"Cannot write {output}: it is a folder. Choose another --output.")
    if output.exists() and not overwrite:
        raise OutputError(f"--output {output} is there already. Choose another name, or replace it with --overwrite.")
    model = opened(directory)
    table, column = _table(model, data, source, dialect or Dialect())
    writer = _WRITERS[_kind(table, output)]
    columns = () if isinstance(table, LinesTable) else tuple(table.columns)
    place = table.columns.index(column)
    rows = reporter.track((row for batch in table.batches(table.columns) for row in batch), "Translating")
    counts = {"rows": 0, "truncated_rows": 0}
    with _whole(output) as file:
        write = writer(file, columns)
        while chunk := list(islice(rows, CHUNK)):
            answers = model.translate_iter(
                (row[place] or "" for row in chunk), beam=beam, length_penalty=length_penalty
            )
            for row, found in zip(chunk, answers, strict=True):
                write(row, _on_one_line(found))
                counts["rows"] += 1
                counts["truncated_rows"] += found.truncated
    return {**counts, "output": str(output), "rejected_rows": table.rejected}


def opened(directory: Path) -> Translator:
    """Return the translator in a directory. Raises ArtefactError for a model of another task."""
    model = load(directory)
    if not isinstance(model, Translator):
        raise ArtefactError(
            f"{directory} is no model that translates. Train one with: recurra train TEXT --task translate "
            "--target-file TRANSLATION --out DIR"
        )
    return model


def is_lines(path: Path) -> bool:
    """Return whether a file is read as one text a line: any that is not named as a table."""
    kind = SUFFIXES.get(Path(path.name.lower().removesuffix(".gz")).suffix, "txt")
    return kind == "txt" and not path.is_dir()


def _table(model: Translator, data: str, source: str | None, dialect: Dialect) -> tuple[Table, str]:
    """Return the texts to translate and the column that they stand in."""
    if is_lines(Path(data)):
        if source is not None:
            raise OptionError(f"--source {source}: {data} is a text file, which has no columns. Leave --source out.")
        return LinesTable(Path(data), Dialect(encoding=dialect.encoding)), "text"
    table = open_table(data, dialect)
    learnt = model.manifest.data.get("source") if model.manifest else None
    for name in (source, learnt):
        if name in table.columns:
            return table, str(name)
    if source is None and len(table.columns) == 1:
        return table, table.columns[0]
    table.positions([source] if source else [])
    raise ColumnError(
        f"It is not obvious which column to translate. Columns found: {', '.join(map(repr, table.columns))}. "
        "Say it with `--source COL`."
    )


def _kind(table: Table, output: Path) -> str:
    suffix = output.suffix.lower()
    if isinstance(table, LinesTable):
        if suffix in _WRITERS:
            raise OptionError(
                f"--output {output}: a text file becomes a text file, with one translation a line. Choose another "
                "suffix, such as .txt."
            )
        return "lines"
    if suffix not in _WRITERS:
        raise OptionError(f"--output {output}: a table is written as .csv, .tsv or .jsonl.")
    return suffix


def _on_one_line(found: Translated) -> str:
    return " ".join(found.text.splitlines())


def _lines(file: IO[str], columns: tuple[str, ...]) -> Write:
    return lambda row, text: print(text, file=file)


def _csv(file: IO[str], columns: tuple[str, ...]) -> Write:
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow([*columns, _free(columns)])
    return lambda row, text: writer.writerow([*row, text]) and None


def _tsv(file: IO[str], columns: tuple[str, ...]) -> Write:
    def write(row: tuple[str | None, ...], text: str) -> None:
        cells = ["" if cell is None else cell for cell in (*row, text)]
        if any(mark in cell for cell in cells for mark in "\t\r\n"):
            raise OutputError("A cell holds a tab or a line end, which a .tsv file cannot hold. Write .csv or .jsonl.")
        file.write("\t".join(cells) + "\n")

    write(columns, _free(columns))
    return write


def _jsonl(file: IO[str], columns: tuple[str, ...]) -> Write:
    names = [*columns, _free(columns)]
    return lambda row, text: print(json.dumps(dict(zip(names, [*row, text], strict=True))), file=file)


_WRITERS: dict[str, Callable[[IO[str], tuple[str, ...]], Write]] = {
    "lines": _lines,
    ".csv": _csv,
    ".tsv": _tsv,
    ".jsonl": _jsonl,
}


def _free(columns: tuple[str, ...]) -> str:
    name = COLUMN
    while name in columns:
        name += "_"
    return name


@contextmanager
def _whole(output: Path) -> Iterator[IO[str]]:
    """Give a file beside `output` to write to, which then takes its place whole."""
    place = Path(os.path.realpath(output))
    with told(output):
        number, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".partial")
        staging = Path(name)
        try:
            with os.fdopen(number, "w", encoding="utf-8", newline="", errors="surrogatepass") as file:
                yield file
            sync(staging)
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(staging, 0o666 & ~mask)
            os.replace(staging, place)
        finally:
            staging.unlink(missing_ok=True)
