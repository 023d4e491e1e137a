"""Good tables in every dialect that is read, and a reader of them that is not Recurra's: Python's own csv and json."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

ROWS = [
    ["1", "w1 w2 w3", "pos"],
    ["2", 'w4, "w5"; w6|w7', "neg"],
    ["3", "w8 w9 it's <br /> fine", "pos"],
    ["4", "é w10 日本 w11", "neg"],
    ["5", "", "pos"],
    ["6", "w12 " * 30, "neg"],
    ["7", "unheard of", "pos"],
    ["8", " w13  w14 ", "neg"],
]
NAMES = ["number", "text", "label"]


@dataclass(frozen=True)
class Dialected:
    """A dialect: the suffix of its files, the options that read it, and how Python's csv module writes and reads it."""

    suffix: str
    options: tuple[str, ...] = ()
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    ends: str = "\n"
    header: bool = True
    multiline: bool = True

    @property
    def format(self) -> dict[str, Any]:
        if self.quote:
            return {"delimiter": self.delimiter, "quotechar": self.quote}
        return {"delimiter": self.delimiter, "quoting": csv.QUOTE_NONE, "quotechar": None}

    def written(self, rows: Sequence[Sequence[str]]) -> bytes:
        """Return rows, with a header where the dialect has one, as the bytes of a file."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator=self.ends, **self.format)
        if self.header:
            writer.writerow(NAMES)
        for row in rows:
            writer.writerow(row if self.quote else [cell.replace("\t", " ") for cell in row])
        return self.packed(text.getvalue().encode(self.encoding))

    def packed(self, content: bytes) -> bytes:
        return gzip.compress(content, mtime=0) if self.suffix.endswith(".gz") else content

    def read(self, content: bytes) -> list[list[str]] | None:
        """Return what the csv module reads, the header first where there is one; None where it reads nothing."""
        try:
            plain = gzip.decompress(content) if self.suffix.endswith(".gz") else content
            text = plain.decode(self.encoding).removeprefix("\ufeff")
            rows = list(csv.reader(io.StringIO(text, newline=""), **self.format))
        except (OSError, EOFError, zlib.error, UnicodeError, csv.Error):
            return None
        first = next((row for row in rows if row), None)
        if first is None:
            return None
        if self.header:
            rows = rows[rows.index(first) :]
        return [row or [""] for row in rows] if len(first) == 1 else [row for row in rows if row]


DIALECTS = (
    Dialected(".csv"),
    Dialected(".csv", ends="\r\n"),
    Dialected(".csv", ends="\r"),
    Dialected(".csv", ("--delimiter", ";"), delimiter=";"),
    Dialected(".csv", ("--delimiter", "|", "--quote", "'"), delimiter="|", quote="'"),
    Dialected(".csv", ("--delimiter", "\t"), delimiter="\t", ends="\r\n"),
    Dialected(".csv", ("--no-header",), header=False),
    Dialected(".csv", ("--encoding", "utf-16"), encoding="utf-16"),
    Dialected(".csv", ("--encoding", "gb18030"), encoding="gb18030"),
    Dialected(".csv.gz"),
    Dialected(".tsv", delimiter="\t", quote=""),
    Dialected(".tsv", ("--quote", '"'), delimiter="\t"),
)


def bom(dialect: Dialected, content: bytes) -> bytes:
    """Return the content with a byte-order mark, where the dialect is plain UTF-8."""
    plain = dialect.encoding == "utf-8" and not dialect.suffix.endswith(".gz")
    return codecs.BOM_UTF8 + content if plain else content


def read_output(content: bytes, suffix: str) -> tuple[list[str], list[list[str]]]:
    """Return (names, rows of cells) of an output in CSV, TSV or JSON lines; values of JSON as CSV would have them."""
    text = content.decode()
    if suffix == ".jsonl":
        objects = [json.loads(line) for line in text.split("\n") if line]
        names = list(objects[0]) if objects else []
        return names, [["" if cell is None else str(cell) for cell in row.values()] for row in objects]
    if suffix == ".tsv":
        rows = [line.split("\t") for line in text.split("\n")[:-1]]
    else:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    return rows[0], rows[1:]
