"""Answer series that are given as JSON, or all those of files, one after the other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import DataError, brief, did_you_mean
from recurra.evaluation.calibration import softmax
from recurra.inference.label_answers import check_answers_are_labels, ranked
from recurra.tasks.series.inputs import LARGEST, TOO_LARGE
from recurra.tasks.series.model import SeriesModel
from recurra.tasks.series.options import SeriesPredictOptions
from recurra.tasks.series.series_file import check_known, read_file
from recurra.terminal.progress import Reporter


def predict(model: SeriesModel, inputs: Iterable[str], options: SeriesPredictOptions) -> Iterator[dict[str, Any]]:
    """Yield an answer for each series: its name `series`, and `label` with `probability` and `probabilities`, or
    `number`. With `options.top` also so many of the most probable labels, as the list `top`.

    inputs: JSON lists of numbers, or of frames with a number for each channel, null where one is missing; or the paths
    of files and folders. Raises DataError, ReadError and ColumnError for what holds no such series, OptionError where
    labels are asked for and the model has none.
    """
    if not model.classifies:
        check_answers_are_labels(options)
    for given in inputs:
        if given.lstrip().startswith("["):
            yield from answers(model, [""], [parsed(given)], options.top)
            continue
        found, _ = read_file(given, options, Reporter(), manifest=model.manifest, channels=model.inputs.channels)
        check_known(given, found)
        yield from answers(model, found.ids, found.values, options.top)


def one_series(model: SeriesModel, given: str) -> tuple[str, NDArray[np.float32]]:
    """Return the name, "" where it has none, and the values of the one series that is meant.

    given: a JSON list as in `predict`, or the path of a file, with the name of one of its series after a `#` where it
    has several: `gestures.csv#g17`. Raises DataError where it is not clear which one is meant, and as `predict` does.
    """
    if given.lstrip().startswith("["):
        return "", parsed(given)
    path, name = given, ""
    if not Path(given).exists() and "#" in given:
        path, _, name = given.rpartition("#")
    found, _ = read_file(
        path, SeriesPredictOptions(), Reporter(), manifest=model.manifest, channels=model.inputs.channels
    )
    if name in found.ids:
        return name, found.values[found.ids.index(name)]
    if name:
        raise DataError(f"{path} has no series {brief(name)}.{did_you_mean(name, found.ids)}")
    if len(found.ids) > 1:
        raise DataError(
            f"{path} has {len(found.ids):,} series. Name one of them after a #, such as {path}#{found.ids[0]}."
        )
    return found.ids[0], found.values[0]


def answers(
    model: SeriesModel, ids: Sequence[str], series: Sequence[NDArray[np.float32]], top: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the answers to some series, as values of JSON. top: how many labels are ranked; None: they are not."""
    outputs = model.outputs(series)
    chances = softmax(outputs) if model.classifies else None
    labels = [str(label) for label in model.classes_]
    for row, name in enumerate(ids):
        answer: dict[str, Any] = {"series": name} if name else {}
        if chances is None:
            yield answer | {"number": float(outputs[row, 0])}
            continue
        best = int(chances[row].argmax())
        yield answer | {
            "label": labels[best],
            "probability": float(chances[row, best]),
            **({"top": ranked(chances[row], labels, top)} if top else {}),
            "probabilities": dict(zip(labels, chances[row].tolist(), strict=True)),
        }


def parsed(text: str) -> NDArray[np.float32]:
    """Return a series [T, C] or [T] written as JSON, NaN where it holds null. Raises DataError for anything else."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise DataError(
            f"A series must be a JSON list, such as [1.5, null, 2] or [[1, 2], [3, 4]]; got {text[:40]!r}."
        ) from None
    return from_json(values)


def from_json(values: Any) -> NDArray[np.float32]:
    """Return a list of numbers [T], or of frames [T][C], as an array, NaN for null. Raises DataError for others."""
    rows = values if isinstance(values, list) else []
    cells = [cell for row in rows for cell in (row if isinstance(row, list) else [row])]
    if not cells or not all(
        cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool)) for cell in cells
    ):
        raise DataError(
            "A series must be a list of numbers, or of frames with a number for each channel; null is none."
        )
    widths = {len(row) if isinstance(row, list) else 0 for row in rows}
    if len(widths) > 1:
        raise DataError("A series must have the same channels in each frame.")
    if any(cell is not None and abs(cell) > LARGEST for cell in cells):
        raise DataError(TOO_LARGE)
    return np.array(rows if None not in cells else _with_gaps(rows), dtype=np.float32)


def _with_gaps(rows: list[Any]) -> list[Any]:
    """Return rows with NaN in place of None."""
    return [
        [np.nan if cell is None else cell for cell in row] if isinstance(row, list) else np.nan if row is None else row
        for row in rows
    ]
