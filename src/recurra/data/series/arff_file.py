"""`.arff` files of the UEA and UCR archives: a line for each series, its label last.

Of one channel, each attribute is a time: `1,2,?,walking`. Of several, one relational attribute holds them, in quotes
and with `\\n` between: `'1,2,3\\n4,5,6',walking`. Format: https://waikato.github.io/weka-wiki/formats_and_processing/arff/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.series_set import SeriesSet, channel_names, collected
from recurra.data.series.ts_file import LABEL, TARGET, numbered_lines, parsed, row_numbers, stacked
from recurra.data.tables.table import shortened
from recurra.errors import ReadError, brief

_ATTRIBUTE = re.compile(r"@attribute\s+('[^']*'|\"[^\"]*\"|\S+)\s+(.+)", re.IGNORECASE)
_FIELD = re.compile(r"\s*+(?:'((?:[^'\\]|\\.)*+)'\s*+|\"((?:[^\"\\]|\\.)*+)\"\s*+|([^,]*+))(?:,|$)")
_NUMERIC = {"numeric", "real", "integer"}
_LABELS = {"target", "class", "label"}
"""Names of a last attribute of numbers that is no time of a channel."""


@dataclass(frozen=True)
class _Layout:
    """What a line holds. relational: whether its first field has all channels; times: fields before the label, if they
    are the times of one channel. column: what the label is called, if there is one; classes: those it may be."""

    relational: bool
    times: int
    column: str | None
    classes: frozenset[str]


def read_arff(path: Path) -> SeriesSet:
    """Return the series of an .arff file; their column is LABEL (classes), TARGET (numbers), or there is none.

    A line cannot say how long its series is, so frames without any value at its end are padding, and dropped.
    Raises ReadError, with the line, for what is not in the format or is no series.
    """
    lines = numbered_lines(path, "%")
    layout = _layout(path, lines)
    values: list[NDArray[np.float64]] = []
    labels: list[Any] = []
    padded = 0
    for number, line in lines:
        where = f"{path}, line {number:,}"
        if line.startswith("{"):
            raise ReadError(f"{where}: sparse rows are not read; write every value.")
        fields = _fields(line)
        expected = (1 if layout.relational else layout.times) + (layout.column is not None)
        if len(fields) != expected:
            raise ReadError(f"{where}: {len(fields)} fields, where {expected} are expected. {shortened(line)}.")
        if layout.column:
            labels.append(_label(fields.pop(), layout, where))
        channels = [one.split(",") for one in re.split(r"\\n|\n", fields[0])] if layout.relational else [fields]
        series = stacked([parsed(one, f"{where}, channel {place}") for place, one in enumerate(channels)], where)
        if values and series.shape[1] != values[0].shape[1]:
            raise ReadError(f"{where}: {series.shape[1]} channels, where {values[0].shape[1]} are expected.")
        known = np.flatnonzero(~np.isnan(series).all(axis=1))
        end = int(known[-1]) + 1 if len(known) else len(series)
        padded += end < len(series)
        values.append(series[:end])
    if not values:
        raise ReadError(f"{path} has no series after @data.")
    notes = [f"{padded:,} series end in missing values, which were taken for padding and dropped."] if padded else []
    columns = {layout.column: labels} if layout.column else {}
    return collected(path, channel_names(values[0].shape[1]), row_numbers(values), values, columns, notes)


def _layout(path: Path, lines: Iterator[tuple[int, str]]) -> _Layout:
    attributes: list[tuple[str, str]] = []
    inside = False
    for number, line in lines:
        word = line.split()[0].casefold()
        if word == "@data":
            return _laid_out(path, attributes)
        if word == "@end":
            inside = False
        elif word == "@attribute":
            found = _ATTRIBUTE.fullmatch(line)
            if found is None:
                raise ReadError(f"{path}, line {number:,}: not an attribute with a name and a type: {shortened(line)}.")
            if not inside:
                attributes.append((found[1].strip("'\""), found[2].strip()))
            inside = inside or found[2].strip().casefold() == "relational"
        elif word != "@relation":
            raise ReadError(f"{path}, line {number:,}: data before the line @data. The line: {shortened(line)}.")
    raise ReadError(f"{path} has no line @data, after which the series of an .arff file come.")


def _laid_out(path: Path, attributes: list[tuple[str, str]]) -> _Layout:
    """Return the layout of lines with these attributes. Raises ReadError where they are no series and a label."""
    kinds = [kind.casefold() for _, kind in attributes]
    relational = "relational" in kinds
    column, classes = None, frozenset[str]()
    name, kind = attributes[-1] if attributes else ("", "")
    if kind.startswith("{"):
        column, classes = LABEL, frozenset(_fields(kind.strip("{} ")))
    elif kind.casefold() == "string":
        column = LABEL
    elif kind.casefold() in _NUMERIC and (relational or name.casefold() in _LABELS):
        column = TARGET
    times = kinds[:-1] if column else kinds
    sound = times == ["relational"] if relational else times and set(times) <= _NUMERIC
    if not sound:
        raise ReadError(
            f"{path} is not of series: expected attributes of numbers, or one relational attribute, and then the label."
        )
    return _Layout(relational, len(times), column, classes)


def _fields(line: str) -> list[str]:
    """Return the fields between commas, those in quotes without them."""
    if "'" not in line and '"' not in line:
        return [field.strip() for field in line.split(",")]
    fields: list[str] = []
    place = 0
    while True:
        found = _FIELD.match(line, place)
        assert found is not None  # its last alternative takes anything up to a comma
        quoted, other, plain = found.groups()
        fields.append(next((text for text in (quoted, other) if text is not None), (plain or "").rstrip()))
        place = found.end()
        if not found[0].endswith(","):
            return fields


def _label(text: str, layout: _Layout, where: str) -> Any:
    if layout.column == TARGET:
        return float(parsed([text], f"{where}: the target")[0])
    if layout.classes and text not in layout.classes:
        raise ReadError(f"{where}: the class {brief(text)} is none of those that the attribute names.")
    return text
