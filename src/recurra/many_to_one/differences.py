"""The rows that models answer differently, in a file that somebody asked for."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.data.writers.formulas import defused
from recurra.data.writers.writer import free_names
from recurra.errors import OptionError, OutputError
from recurra.many_to_one.reading import Opened
from recurra.storage.files import atomic_write, check_new_file
from recurra.terminal.progress import Reporter
from recurra.text.text_columns import readable


def check_differences(path: Path | None) -> None:
    """Raise OptionError or OutputError, before any work, where the rows could not be written there."""
    if path is None:
        return
    if path.suffix.lower() != ".csv":
        raise OptionError(f"--differences {path}: the rows are written as CSV. Give a file that ends in .csv.")
    if path.exists():
        raise OutputError(f"--differences {path} exists already. Choose another name, or remove it first.")
    check_new_file(path, "--differences", replace=False)


def write_differences(
    path: Path | None,
    opened: Opened,
    numbers: Sequence[int],
    truths: Sequence[Any],
    answers: Mapping[str, NDArray[Any]],
    shown: Callable[[Any], str],
    reporter: Reporter,
) -> None:
    """Write every row that the models do not answer alike: its number in the file, its text, its true answer, and that
    of each model. Cells that a spreadsheet would run begin with an apostrophe.

    numbers: [N], of the rows in the file, from 1; truths: [N]; answers: [N] of each model by name; shown: an answer as
    text.
    """
    if path is None:
        return
    each = list(answers.values())
    differ = np.any([one != each[0] for one in each[1:]], axis=0)
    place_of = {numbers[place]: place for place in np.flatnonzero(differ).tolist()}
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    truth = opened.label or "truth"
    writer.writerow(["row", *map(defused, free_names([opened.text, truth, *answers], ["row"]))])
    for number, (text, *_) in enumerate(opened.rows(), 1):
        place = place_of.get(number)
        if place is not None:
            cells = [readable(text or ""), shown(truths[place]), *(shown(one[place]) for one in each)]
            writer.writerow([number, *map(defused, cells)])
    atomic_write(path, file.getvalue().encode("utf-8", "surrogatepass"))
    reporter.info(f"{len(place_of):,} rows that are not answered alike are in {path}.")
