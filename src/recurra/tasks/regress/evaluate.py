"""Evaluate models that answer with numbers on texts whose numbers are known: one, or several on the same rows. Base
installation only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recurra.data.fingerprint import Fingerprint
from recurra.data.normalise import normalise
from recurra.data.number_cells import NumberColumn
from recurra.data.tables.rejects import rejects_here, report_rejected
from recurra.errors import DataError
from recurra.evaluation.comparison import MEAN_ABSOLUTE_ERROR
from recurra.evaluation.metric import Floats
from recurra.evaluation.several_models import Judged, compare_models
from recurra.many_to_one.answered import AnsweredRows, RowsGiven, answer_rows
from recurra.many_to_one.columns import TARGET
from recurra.many_to_one.differences import check_differences, write_differences
from recurra.many_to_one.drift import drift, seen_sentence
from recurra.many_to_one.given import Given
from recurra.many_to_one.reading import Opened, open_data
from recurra.many_to_one.sliced import slice_columns
from recurra.tasks.regress.model import TextRegressor
from recurra.tasks.regress.options import NumberEvaluateOptions
from recurra.tasks.regress.scores import by_columns
from recurra.tasks.regress.scores import evaluate as scores
from recurra.tasks.task import warn_of_training_data
from recurra.terminal.progress import Reporter


def evaluate(model: TextRegressor, data: str, options: NumberEvaluateOptions, reporter: Reporter) -> dict[str, Any]:
    """Return everything measured on `data`; see `scores.evaluate`, plus left_out_rows, infinite_rows, beyond_rows (of
    targets that no training row reached), nothing_known_rows and unknown_rate (the share of unknown tokens).

    Rows without a text or a finite number are left out and counted. Broken rows that are skipped go to `rejects_here`.
    Raises DataError where a cell holds no number or no row is left, ReadError and ColumnError.
    """
    answered = _answered({"": model}, data, options, reporter)
    for sentence in answered.rows.known[0].sentences(model.manifest, "They count as any other."):
        reporter.info(sentence)
    return answered.scores(0)


def evaluate_several(
    models: Mapping[str, TextRegressor],
    data: str,
    options: NumberEvaluateOptions,
    reporter: Reporter,
    differences: Path | None = None,
) -> dict[str, Any]:
    """Return what `compare_models` says of the models by name, on the rows of `data`.

    Each model has "scores", as `evaluate` returns them. differences: a file for the rows that are not answered alike.
    Raises what `evaluate` does.
    """
    check_differences(differences)
    answered = _answered(models, data, options, reporter)
    values = {name: answered.rows.all("values", place) for place, name in enumerate(models)}
    errors = {name: np.abs(found - answered.truths) for name, found in values.items()}
    found = compare_models(
        [Judged(name, errors[name], values[name], -errors[name]) for name in models], MEAN_ABSOLUTE_ERROR
    )
    for place, one in enumerate(found["models"]):
        one["scores"] = answered.scores(place)
        if told := seen_sentence(one["scores"]["drift"]):
            reporter.info(f"{one['name']}: {told}")
    write_differences(
        differences, answered.opened, answered.rows.numbers, list(answered.truths), values, "{:.6g}".format, reporter
    )
    return found


@dataclass(frozen=True)
class _Answered:
    """The rows of a file, answered by `models`. truths: [N]; infinite: cells that hold no finite number; left_out: rows
    without a text or such a number; empty: the share of rows without a text."""

    models: Sequence[TextRegressor]
    opened: Opened
    rows: AnsweredRows[float]
    truths: Floats
    infinite: int
    left_out: int
    empty: float

    def beyond(self, place: int) -> int:
        """Return how many truths no training row of one of the models reached."""
        intervals = self.models[place].intervals
        assert intervals is not None  # for the type checker: it was loaded
        return int(((self.truths < intervals.lowest) | (self.truths > intervals.highest)).sum())

    def scores(self, place: int) -> dict[str, Any]:
        """Return everything measured of one of the models."""
        model, rows, known = self.models[place], self.rows, self.rows.known[place]
        assert model.intervals is not None  # for the type checker: it was loaded
        values, low, high = (rows.all(name, place) for name in ("values", "low", "high"))
        result = scores(
            values,
            low,
            high,
            self.truths,
            rows.all("tokens", place),
            rows.all("truncated", place),
            level=model.intervals.level,
        )
        if rows.beside:
            result["slices"]["columns"] = by_columns(rows.beside, rows.beside, None, values, low, high, self.truths)
        return result | {
            "left_out_rows": self.left_out,
            "infinite_rows": self.infinite,
            "beyond_rows": self.beyond(place),
            "nothing_known_rows": known.nothing_known,
            "unknown_rate": known.unknown_rate,
            "drift": drift(
                model.manifest,
                rows.all("tokens", place),
                np.array(rows.digests, dtype=np.uint64),
                empty=self.empty,
                numbers=self.truths,
                unknown_rate=known.unknown_rate,
            ),
        }


def _answered(
    models: Mapping[str, TextRegressor], data: str, options: NumberEvaluateOptions, reporter: Reporter
) -> _Answered:
    """Read the rows, have them answered by all models, and report which ones cannot be used."""
    first = next(iter(models.values()))
    opened = open_data(data, options, reporter, answer=TARGET, rejects=rejects_here(data), manifest=first.manifest)
    assert opened.label is not None  # for the type checker: it is needed
    columns = slice_columns(options.slice, opened.table.columns, (*opened.texts, opened.label))
    column, fingerprint, left_out = NumberColumn(opened.label), Fingerprint(), 0
    empty = total = 0

    def known_rows() -> Iterator[tuple[int, Given, float, list[str | None]]]:
        nonlocal left_out, empty, total
        for row, (text, cell, *cells) in enumerate(opened.rows([*columns, *given.names]), 1):
            value, total = column.read(cell, row), row
            nothing = not text or not normalise(text)
            empty += nothing
            if value is None or not text or nothing:
                left_out += 1
                continue
            fingerprint.add(text, repr(value))
            yield row, given.row(text, cells[len(columns) :]), value, cells[: len(columns)]

    given = RowsGiven(list(models.values()), opened)
    rows = answer_rows(list(models.values()), known_rows(), reporter, columns)
    for sentence in given.sentences():
        reporter.info(sentence)
    report_rejected(opened.table, reporter)
    if not rows.truths:
        raise DataError(
            f"No row can be used: none of the {left_out:,} rows has both a text and a finite number in the column "
            f"{opened.label!r}. Check --text and --target."
        )
    for name, model in models.items():
        warn_of_training_data(model.manifest, fingerprint.hexdigest(), reporter, name or "the model")
    if left_out:
        reporter.info(f"{left_out:,} rows without a text or without a finite number are not counted.")
    answered = _Answered(
        list(models.values()),
        opened,
        rows,
        np.array(rows.truths),
        infinite=column.infinite,
        left_out=left_out,
        empty=empty / max(1, total),
    )
    for place, (name, model) in enumerate(models.items()):
        if beyond := answered.beyond(place):
            assert model.intervals is not None  # for the type checker: it was loaded
            reporter.info(
                f"{f'{name}: ' if name else ''}{beyond:,} rows have a number beyond those of training "
                f"({model.intervals.lowest:g} to {model.intervals.highest:g}), which no prediction and no interval "
                "reaches."
            )
    return answered
