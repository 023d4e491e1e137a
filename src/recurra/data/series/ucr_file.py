"""`.tsv` files of the UCR archive: no header, a line for each series, its label and then its values, tabs between.

Series that are shorter than the longest end in NaN. Format: https://www.cs.ucr.edu/~eamonn/time_series_data_2018/
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recurra.data.series.number_text import NotANumber, is_missing, numbers
from recurra.data.series.series_set import SeriesSet, channel_names, collected
from recurra.data.series.ts_file import LABEL, numbered_lines, parsed, row_numbers
from recurra.data.tables.table import shortened
from recurra.errors import ReadError

SUFFIXES = (".tsv", ".tsv.gz")
FEWEST = 4
"""Fields in the first line: a label and three values. A table with fewer is more likely one without a header."""


def is_ucr(path: Path) -> bool:
    """Return whether a file is one of the archive by its suffix and its first line, which holds numbers alone.

    Raises ReadError for a file that is no text in UTF-8.
    """
    if not path.name.lower().endswith(SUFFIXES) or not path.is_file():
        return False
    fields = next((line.split("\t") for _, line in numbered_lines(path, "")), [])
    try:
        known = numbers(fields)
    except NotANumber:
        return False
    return len(fields) >= FEWEST and not is_missing(fields[0]) and bool(np.isfinite(known[1:]).any())


def read_ucr(path: Path) -> SeriesSet:
    """Return the series of a file of the archive; their column is LABEL, as it is written.

    Missing values at the end of a line are padding, and dropped. Raises ReadError, with the line, for a value that is
    no number, and another number of fields than in the first line.
    """
    values: list[NDArray[np.float64]] = []
    labels: list[str] = []
    width = padded = 0
    for number, line in numbered_lines(path, ""):
        label, *fields = line.split("\t")
        where = f"{path}, line {number:,}"
        width = width or len(fields)
        if len(fields) != width:
            raise ReadError(f"{where}: {len(fields):,} values, where {width:,} are expected. {shortened(line)}.")
        if is_missing(label):
            raise ReadError(f"{where}: no label in the first field. {shortened(line)}.")
        series = parsed(fields, where)
        known = np.flatnonzero(~np.isnan(series))
        end = int(known[-1]) + 1 if len(known) else len(series)
        padded += end < len(series)
        values.append(series[:end, None])
        labels.append(label.strip())
    notes = [f"{padded:,} series end in missing values, which were taken for padding and dropped."] if padded else []
    return collected(path, channel_names(1), row_numbers(values), values, {LABEL: labels}, notes)
