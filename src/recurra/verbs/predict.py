"""`recurra predict`: label texts, from the command line, from standard input or from a file. Base installation only."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal, Self

import duckdb

from recurra.config import ReadOptions
from recurra.errors import OptionError, OutputError, ReadError
from recurra.runtime.model import Model, load
from recurra.verbs.reading import open_data, say_rejected
from recurra.verbs.voice import Voice

CHUNK = 4096
WRITABLE = (".csv", ".tsv", ".jsonl", ".parquet")


def predict_texts(directory: Path, texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield for each text its label, the probability of that label, those of all labels, and whether it was cut."""
    yield from _answers(load(directory), texts)


def lines(stream: IO[bytes]) -> Iterator[str]:
    """Yield the lines of a UTF-8 stream without their ends. Raises ReadError, naming the line, for other bytes."""
    for number, line in enumerate(stream, 1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise ReadError(
                f"Standard input, line {number:,}, byte {error.start + 1}: 0x{line[error.start]:02x} is not valid "
                "utf-8. Convert it first, as in `iconv -f latin1 -t utf-8`, or give a file by --input with --encoding."
            ) from None
        yield text.rstrip("\r\n")


def predict_file(
    directory: Path,
    data: str,
    output: Path,
    options: ReadOptions,
    *,
    overwrite: bool = False,
    voice: Voice | None = None,
) -> dict[str, Any]:
    """Label every row of `data` into `output`, which appears when it is whole. Returns counts.

    Columns and order of the input are kept; `predicted`, `probability` and `truncated` come after them. Broken rows
    that are skipped go beside the output, to its name with `.rejects` after it. Memory is bounded by the batch.
    Raises OutputError where the output is there already and `overwrite` does not say to replace it.
    """
    voice = voice or Voice()
    if output.suffix.lower() not in WRITABLE:
        raise OptionError(f"--output {output}: the name must end in one of {', '.join(WRITABLE)}.")
    if output.is_file() and not overwrite:
        raise OutputError(f"--output {output} is there already. Choose another name, or replace it with --overwrite.")
    model = load(directory)
    usual = model.manifest.data.get("text") if model.manifest else None
    rejects = output.with_name(f"{output.name}.rejects")
    opened = open_data(data, options, voice, label_needed=False, usual=(usual, None), rejects=rejects)
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
    say_rejected(opened.table, voice)
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
        self._kind = path.suffix.lower()
        self._staging = Path()
        self._file: IO[str] = io.StringIO()
        self._columns: list[str] = []
        self._rows = 0
        self._longest = 0

    def __enter__(self) -> Self:
        if self._path.is_dir():
            raise OutputError(f"Cannot write {self._path}: it is a folder. Choose another --output.")
        self._path = Path(os.path.realpath(self._path))
        with self._told():
            number, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.", suffix=".partial")
        self._staging = Path(name)
        self._file = os.fdopen(number, "w", encoding="utf-8", newline="", errors="surrogatepass")
        return self

    def begin(self, columns: list[str]) -> None:
        self._columns = columns
        if self._kind == ".parquet" and len({name.casefold() for name in columns}) < len(columns):
            raise OutputError(
                f"Cannot write {self._path}: two columns differ only in upper and lower case, which Parquet files "
                "from here cannot hold. Write .csv or .jsonl."
            )
        self._line(columns)

    def write(self, row: list[Any]) -> None:
        self._rows += 1
        self._line(
            [f"{cell:.6g}" if isinstance(cell, float) and self._kind in (".csv", ".tsv") else cell for cell in row]
        )

    def _line(self, row: list[Any]) -> None:
        with self._told():
            if self._kind == ".csv":
                # Before Python 3.13 a carriage return alone does not make the writer quote its field.
                bare = any("\r" in cell for cell in row if isinstance(cell, str))
                quoting: Literal[0, 1] = csv.QUOTE_ALL if bare else csv.QUOTE_MINIMAL
                csv.writer(self._file, lineterminator="\n", quoting=quoting).writerow(row)
            elif self._kind == ".tsv":
                self._file.write("\t".join(self._unquoted(cell) for cell in row) + "\n")
            elif row is not self._columns:
                line = json.dumps(dict(zip(self._columns, row, strict=True)), ensure_ascii=True) + "\n"
                self._longest = max(self._longest, len(line))
                self._file.write(line)

    def _unquoted(self, cell: Any) -> str:
        """A TSV file has no quoting, so what needs it cannot be written there unaltered."""
        plain = "" if cell is None else str(cell)
        if any(mark in plain for mark in "\t\r\n"):
            raise OutputError(
                f"Cannot write {self._path}: row {self._rows:,} holds a tab or a line end, which a .tsv file cannot "
                "hold. Write .csv, .jsonl or .parquet."
            )
        return plain

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            if kind is None:
                with self._told():
                    self._file.flush()
                    if self._kind == ".parquet":
                        self._to_parquet()
                    _sync(self._staging)
                    os.chmod(self._staging, 0o666 & ~_umask())
                    os.replace(self._staging, self._path)
        finally:
            with suppress(OSError):  # a full disk says so again when what is left unwritten is flushed
                self._file.close()
            self._staging.unlink(missing_ok=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OutputError:
            raise
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            step = "Free some space there, or choose another --output" if full else "Choose another --output"
            raise OutputError(
                f"Cannot write {self._path}: {error.strerror}. {step}. Nothing was changed there."
            ) from None

    def _to_parquet(self) -> None:
        """Turn the JSON lines that were written into Parquet."""
        whole = self._staging.with_suffix(".parquet")
        *kept, _, _ = self._columns
        types = dict.fromkeys(kept, "VARCHAR") | {self._columns[-2]: "DOUBLE", self._columns[-1]: "BOOLEAN"}
        try:
            with duckdb.connect() as connection:
                connection.execute("SET threads = 1")
                source = connection.read_json(
                    str(self._staging),
                    columns=types,
                    format="newline_delimited",
                    maximum_object_size=max(2**24, self._longest + 1),
                )
                source.write_parquet(str(whole))
            os.replace(whole, self._staging)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0][:200]
            raise OutputError(f"Cannot write {self._path}: {reason}. Write .csv or .jsonl instead.") from None
        finally:
            whole.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Make a file's content durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
