"""`.ts` files of the UEA and UCR archives: a line for each series, its channels between colons, its label last.

After `@data`, `1,2,?:3,4,5:walking` has two channels of three values, one of them missing. With `@timestamps true` a
value is `(time,value)`. Format: https://www.aeon-toolkit.org/en/stable/api_reference/file_specifications/ts.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.number_text import NotANumber, numbers
from recurra.data.series.series_set import SeriesSet, channel_names, collected
from recurra.data.tables.bytes_check import check_bytes
from recurra.data.tables.table import shortened
from recurra.data.tables.text_lines import ROW_LIMIT, RowTooLong, TextLines
from recurra.errors import ReadError, brief

LABEL, TARGET = "label", "target"
"""What the column of the last field is called: for classes, and for numbers."""

_STAMPED = re.compile(r"\(([^()]*),([^(),]*)\)(?:,|$)")


def read_ts(path: Path) -> SeriesSet:
    """Return the series of a .ts file; their column is LABEL (classes), TARGET (numbers), or there is none.

    Raises ReadError, with the line, for what is not in the format: channels of unequal length in a series, another
    number of them than before, a class that the header does not name.
    """
    lines = numbered_lines(path, "#%")
    header = _header(path, lines)
    column = LABEL if header.get("classlabel", [""])[0] == "true" else None
    column = TARGET if header.get("targetlabel", [""])[0] == "true" else column
    stamped = header.get("timestamps", [""])[0].casefold() == "true"
    classes = set(header["classlabel"][1:]) if column == LABEL else set()
    said = header.get("dimensions", [])
    width = int(said[0]) if said and said[0].isdecimal() else None
    values: list[NDArray[np.float64]] = []
    labels: list[Any] = []
    for number, line in lines:
        where = f"{path}, line {number:,}"
        body = line
        if column:
            body, colon, label = line.rpartition(":")
            if not colon:
                raise ReadError(f"{where}: no label after a colon. The line: {shortened(line)}.")
            labels.append(_label(label.strip(), column, classes, where))
        fields = re.split(r"(?<=\)):", body) if stamped else body.split(":")
        channels = [_channel(field, stamped, f"{where}, channel {place}") for place, field in enumerate(fields)]
        if width is not None and len(channels) != width:
            raise ReadError(f"{where}: {len(channels)} channels, where {width} are expected. {shortened(line)}.")
        width = len(channels)
        values.append(stacked(channels, where))
    notes = ["The times of the values are not used, only their order."] if stamped else []
    if not values:
        raise ReadError(f"{path} has no series after @data.")
    columns = {column: labels} if column else {}
    return collected(path, channel_names(values[0].shape[1]), row_numbers(values), values, columns, notes)


def numbered_lines(path: Path, comments: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, line) without blank lines and those that begin with one of `comments`.

    Raises ReadError for a file that is no text in UTF-8.
    """
    with TextLines(path, check_bytes(path)) as lines:
        while True:
            lines.begin_row()
            try:
                line = next(lines, None)
            except RowTooLong:
                raise ReadError(f"{path}, line {lines.number:,}: longer than {ROW_LIMIT:,} characters.") from None
            if line is None:
                return
            if (line := line.strip()) and line[0] not in comments:
                yield lines.number, line


def stacked(channels: list[NDArray[np.float64]], where: str) -> NDArray[np.float64]:
    """Return channels as one series: [T, C]. Raises ReadError where they are not equally long."""
    for place, channel in enumerate(channels):
        if len(channel) != len(channels[0]):
            raise ReadError(
                f"{where}: channel 0 has {len(channels[0]):,} values and channel {place} has {len(channel):,}; the "
                "channels of a series must be equally long."
            )
    return np.stack(channels, axis=1)


def parsed(texts: list[str], where: str) -> NDArray[np.float64]:
    """Return the numbers of one channel: [T]. Raises ReadError for what is none."""
    try:
        return numbers(texts)
    except NotANumber as error:
        raise ReadError(f"{where}, value {error.place + 1:,}: {brief(error.text)} is no number.") from None


def row_numbers(values: Iterable[object]) -> list[str]:
    """Return names for series that have none: their numbers, from 1."""
    return [str(number) for number, _ in enumerate(values, 1)]


def _header(path: Path, lines: Iterator[tuple[int, str]]) -> dict[str, list[str]]:
    """Return the words after each `@name` before `@data`, by the name in lower case."""
    header: dict[str, list[str]] = {}
    for number, line in lines:
        if not line.startswith("@"):
            raise ReadError(f"{path}, line {number:,}: data before the line @data. The line: {shortened(line)}.")
        name, *words = line[1:].split() or [""]
        if name.casefold() == "data":
            return header
        words[:1] = [word.casefold() for word in words[:1]]
        header[name.casefold()] = words or [""]
    raise ReadError(f"{path} has no line @data, after which the series of a .ts file come.")


def _label(text: str, column: str, classes: set[str], where: str) -> Any:
    if column == TARGET:
        return float(parsed([text], f"{where}: the target")[0])
    if classes and text not in classes:
        raise ReadError(f"{where}: the class {brief(text)} is none of those that @classLabel names.")
    return text


def _channel(field: str, stamped: bool, where: str) -> NDArray[np.float64]:
    if not field.strip():
        return np.empty(0)
    if not stamped:
        return parsed(field.rstrip(",").split(","), where)
    if _STAMPED.sub("", field).strip():
        raise ReadError(f"{where}: {shortened(field, 60)} is not a row of (time,value).")
    return parsed([found[2] for found in _STAMPED.finditer(field)], where)
