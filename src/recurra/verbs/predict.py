"""`recurra predict`: label texts, from the command line, from standard input or from a file. Base installation only."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

import duckdb

from recurra.config import ReadOptions
from recurra.errors import OptionError, OutputError
from recurra.runtime.model import Model, load
from recurra.verbs.reading import open_data
from recurra.verbs.voice import Voice

CHUNK = 4096
WRITABLE = (".csv", ".tsv", ".jsonl", ".parquet")


def predict_texts(directory: Path, texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield for each text its label, the probability of that label, those of all labels, and whether it was cut."""
    yield from _answers(load(directory), texts)


def predict_file(
    directory: Path, data: str, output: Path, options: ReadOptions, *, voice: Voice | None = None
) -> dict[str, Any]:
    """Label every row of `data` into `output`, which appears when it is whole. Returns counts.

    Columns and order of the input are kept; `predicted`, `probability` and `truncated` come after them.
    Memory is bounded by the batch.
    """
    voice = voice or Voice()
    if output.suffix not in WRITABLE:
        raise OptionError(f"--output {output}: the name must end in one of {', '.join(WRITABLE)}.")
    model = load(directory)
    opened = open_data(data, options, voice, label_needed=False)
    columns = opened.table.columns
    place = columns.index(opened.text)
    added = [_free(name, columns) for name in ("predicted", "probability", "truncated")]
    rows = voice.counting((row for batch in opened.table.batches(columns) for row in batch), "Scoring")
    count = 0
    with _Whole(output) as writer:
        writer.begin([*columns, *added])
        while chunk := list(islice(rows, CHUNK)):
            for row, answer in zip(chunk, _answers(model, (row[place] or "" for row in chunk)), strict=True):
                writer.write([*row, answer["label"], answer["probability"], answer["truncated"]])
            count += len(chunk)
    return {"rows": count, "output": str(output), "rejected_rows": opened.table.rejected}


def _answers(model: Model, texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    names = [str(label) for label in model.classes_.tolist()]
    for part in model.predict_iter(texts, CHUNK):
        for label, chances, cut in zip(part.labels.tolist(), part.probabilities, part.truncated.tolist(), strict=True):
            yield {
                "label": label,
                "probability": float(chances.max()),
                "probabilities": dict(zip(names, map(float, chances), strict=True)),
                "truncated": cut,
            }


def _free(name: str, columns: tuple[str, ...]) -> str:
    while name in columns:
        name += "_"
    return name


class _Whole:
    """A table file that is written beside its place, in CSV, TSV, JSON lines or Parquet, and appears when whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._staging = Path()
        self._file: IO[str] = io.StringIO()
        self._columns: list[str] = []

    def __enter__(self) -> _Whole:
        try:
            number, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.", suffix=".partial")
        except OSError as error:
            raise OutputError(f"Cannot write {self._path}: {error.strerror}. Choose another --output.") from None
        self._staging = Path(name)
        self._file = os.fdopen(number, "w", encoding="utf-8", newline="", errors="surrogatepass")
        return self

    def begin(self, columns: list[str]) -> None:
        self._columns = columns
        if self._path.suffix in (".csv", ".tsv"):
            self._table = csv.writer(
                self._file, delimiter="," if self._path.suffix == ".csv" else "\t", lineterminator="\n"
            )
            self._table.writerow(columns)

    def write(self, row: list[Any]) -> None:
        try:
            if self._path.suffix in (".csv", ".tsv"):
                self._table.writerow([f"{cell:.6g}" if isinstance(cell, float) else cell for cell in row])
            else:
                self._file.write(json.dumps(dict(zip(self._columns, row, strict=True)), ensure_ascii=True) + "\n")
        except OSError as error:
            raise OutputError(f"Cannot write {self._path}: {error.strerror}. Nothing was changed there.") from None

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            if kind is None:
                if self._path.suffix == ".parquet":
                    self._to_parquet()
                os.chmod(self._staging, 0o666 & ~_umask())
                os.replace(self._staging, self._path)
        except OSError as error:
            raise OutputError(f"Cannot write {self._path}: {error.strerror}. Nothing was changed there.") from None
        finally:
            self._staging.unlink(missing_ok=True)

    def _to_parquet(self) -> None:
        """Turn the JSON lines that were written into Parquet."""
        whole = self._staging.with_suffix(".parquet")
        with duckdb.connect() as connection:
            connection.execute("SET threads = 1")
            types = dict.fromkeys(self._columns[:-2], "VARCHAR") | {
                self._columns[-2]: "DOUBLE",
                self._columns[-1]: "BOOLEAN",
            }
            connection.from_query("SELECT 1")
            source = connection.read_json(str(self._staging), columns=types, format="newline_delimited")
            source.write_parquet(str(whole))
        os.replace(whole, self._staging)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
