"""Files that are often given to a tagger and are none of tagged words: tables, and plain sentences."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import islice
from pathlib import Path

from recurra.data.tables.table import listed
from recurra.data.tables.text_lines import RowTooLong, TextLines
from recurra.errors import ReadError

SAMPLE = 200
"""Lines by which a file is told."""
REGULAR = 0.7
"""The share of the lines that have the commonest number of columns in a file of columns, at least."""
EXPECTED = "one word per line, with its tag in a column beside it, and a blank line after each sentence"
PIPE = "recurra predict MODEL < FILE"


def refuse_tables(path: Path, codec: str) -> None:
    """Raise ReadError where a file is a CSV table."""
    lines = _sample(path, codec)
    if not lines or any("\t" in line for line in lines):
        return
    try:
        rows = list(csv.reader(lines))
    except csv.Error:
        return
    named = Path(path.name.lower().removesuffix(".gz")).suffix == ".csv"
    if len(rows[0]) >= 2 if named else min(map(len, rows)) == max(map(len, rows)) >= 3:
        raise ReadError(
            f"{path} is a CSV table (its first row: {listed(tuple(rows[0]), 8)}), and is read as lines. If each "
            "row is a word, give --delimiter ',', or the suffix .csv; else write it as "
            f"{EXPECTED}."
        )


def refuse_plain_sentences(path: Path, codec: str, *, tags_needed: bool) -> None:
    """Raise ReadError where the lines of a file have various numbers of words, as sentences have."""
    lines = [line for line in _sample(path, codec) if not line.startswith(("#", "-DOCSTART-"))]
    if len(lines) < 2 or any("\t" in line for line in lines):
        return
    counts = Counter(len(line.split()) for line in lines)
    if max(counts.values()) >= REGULAR * len(lines) or max(counts) - min(counts) < 2:
        return
    raise ReadError(f"{path} has plain sentences, one a line, and {plain_way(tags_needed=tags_needed)}")


def plain_way(*, tags_needed: bool) -> str:
    """Return the end of a message: what is read instead of plain sentences, and what to do with these."""
    if tags_needed:
        return f"their words have no tags. Expected {EXPECTED}."
    return f"--input takes {EXPECTED}. Tag sentences from standard input: {PIPE}"


def if_plain(path: Path, codec: str) -> str:
    """Return a hint for a file whose lines may be plain sentences: it has no tabs and no blank line; else nothing."""
    try:
        with TextLines(path, codec) as lines:
            lines.begin_row()
            plain = all(line.strip() and "\t" not in line for line in islice(lines, SAMPLE))
    except RowTooLong:
        plain = False
    return f" If it has plain sentences, one a line: {PIPE}" if plain else ""


def _sample(path: Path, codec: str) -> list[str]:
    """Return the first lines that are not blank; none where one is too long to be read."""
    found: list[str] = []
    try:
        with TextLines(path, codec) as lines:
            while len(found) < SAMPLE:
                lines.begin_row()
                line = next(lines, None)
                if line is None:
                    break
                if line.strip():
                    found.append(line.rstrip("\r\n"))
    except RowTooLong:
        return []
    return found
