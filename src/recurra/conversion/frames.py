"""How a model answers a table in memory: which columns it takes, which it gives, and the rows in between.

The answers are those of `recurra predict`. A table never names a file: whoever may send one could read others then.
"""

from __future__ import annotations

import json
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

from recurra.errors import DataError, OptionError
from recurra.storage.model_directory import Label, Manifest
from recurra.tasks.task import Task
from recurra.terminal.progress import Reporter

Kind = Literal["text", "whole", "number", "flag", "bytes", "texts", "numbers by name", "words"]
"""What the cells of a column hold; "words" are texts with their times and confidences."""
Columns: TypeAlias = dict[str, Kind]
Cells: TypeAlias = Mapping[str, Sequence[Any]]
Rows: TypeAlias = list[dict[str, Any]]


class Frame(ABC):
    """How the models of one task answer a table. `extra` is that of Recurra which answering needs."""

    extra = ""

    @abstractmethod
    def inputs(self, model: Any, manifest: Manifest) -> Columns:
        """Return the columns that are read."""

    @abstractmethod
    def outputs(self, model: Any, manifest: Manifest) -> Columns:
        """Return the columns of the answers."""

    @abstractmethod
    def answer(self, task: Task[Any], model: Any, cells: Cells) -> Rows:
        """Return the answers to the cells of the columns that are read, in order. Raises RecurraError's kinds."""


class TextFrame(Frame):
    """A text in each row, in the column of the training, or in several. learnt: what the manifest calls that."""

    def __init__(self, learnt: str, outputs: Columns) -> None:
        self._learnt, self._outputs = learnt, outputs

    def inputs(self, model: Any, manifest: Manifest) -> Columns:
        several, column = manifest.data.get("texts"), manifest.data.get(self._learnt)
        if self._learnt == "text" and isinstance(several, list):
            features = manifest.data.get("features")
            names = [*several, *(features if isinstance(features, list) else [])]
            return dict.fromkeys(map(str, names), "text")
        return {column if isinstance(column, str) and column else "text": "text"}

    def outputs(self, model: Any, manifest: Manifest) -> Columns:
        return dict(self._outputs)

    def answer(self, task: Task[Any], model: Any, cells: Cells) -> Rows:
        if len(cells) > 1:  # of a model of columns: a JSON object each
            rows = (
                json.dumps(dict(zip(cells, row, strict=True)), default=str) for row in zip(*cells.values(), strict=True)
            )
            return list(task.predict(model, rows, task.predict_options()))
        (texts,) = cells.values()
        return list(task.predict(model, ("" if text is None else str(text) for text in texts), task.predict_options()))


class LabelledFrame(TextFrame):
    """A text in each row, and for each a label."""

    def outputs(self, model: Any, manifest: Manifest) -> Columns:
        return {**_of_labels(manifest.labels), "truncated": "flag", "nothing_known": "flag"}


class SeriesFrame(Frame):
    """A series in each row, as JSON, in the column `series`."""

    def inputs(self, model: Any, manifest: Manifest) -> Columns:
        return {"series": "text"}

    def outputs(self, model: Any, manifest: Manifest) -> Columns:
        return _of_labels([str(label) for label in manifest.labels]) if manifest.labels else {"number": "number"}

    def answer(self, task: Task[Any], model: Any, cells: Cells) -> Rows:
        for row, series in enumerate(cells["series"], 1):
            if not isinstance(series, str) or not series.lstrip().startswith("["):
                raise DataError(
                    f"Row {row:,}: the column series must hold a JSON list, such as [1.5, null, 2] or [[1, 2], [3, 4]]."
                )
        return list(task.predict(model, cells["series"], task.predict_options()))


class SoundFrame(Frame):
    """A recording in each row, as the bytes of its file, in the column `audio`."""

    extra = "audio"

    def inputs(self, model: Any, manifest: Manifest) -> Columns:
        return {"audio": "bytes"}

    def outputs(self, model: Any, manifest: Manifest) -> Columns:
        return {"text": "text", "confidence": "number", "seconds": "number", "words": "words"}

    def answer(self, task: Task[Any], model: Any, cells: Cells) -> Rows:
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for row, content in enumerate(cells["audio"], 1):
                if not isinstance(content, bytes):
                    raise DataError(f"Row {row:,}: the column audio must hold the bytes of a recording, such as a WAV.")
                paths.append(Path(folder) / f"row {row}")
                paths[-1].write_bytes(content)
            answers = task.predict(model, map(str, paths), task.predict_options())
            return [{name: value for name, value in answer.items() if name != "path"} for answer in answers]


class ForecastFrame(Frame):
    """A long table: a row for each series and time; the answers have one for each step to come."""

    def inputs(self, model: Any, manifest: Manifest) -> Columns:
        names = {what: manifest.data.get(what) for what in ("id", "time", "target")}
        covariates = manifest.data.get("covariates") or {}
        columns: Columns = {} if names["id"] is None else {str(names["id"]): "text"}
        columns |= {str(names["time"]): "text", str(names["target"]): "number"}
        return columns | {str(name): "number" for part in covariates.values() for name in part}

    def outputs(self, model: Any, manifest: Manifest) -> Columns:
        names = (str(manifest.data.get("id") or "unique_id"), str(manifest.data.get("time")))
        return {names[0]: "text", names[1]: "text", "y": "number", "lo": "number", "hi": "number"}

    def answer(self, task: Task[Any], model: Any, cells: Cells) -> Rows:
        rows = (dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True))
        with tempfile.TemporaryDirectory() as folder:
            data, output = Path(folder) / "table.jsonl", Path(folder) / "answers.jsonl"
            data.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
            task.file_predictor()(model, str(data), output, task.predict_options(), reporter=Reporter(quiet=True))
            return [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]


FRAMES: dict[str, Frame] = {
    "classify": LabelledFrame("text", {}),
    "multilabel": TextFrame(
        "text",
        {"labels": "texts", "probabilities": "numbers by name", "truncated": "flag", "nothing_known": "flag"},
    ),
    "regress": TextFrame(
        "text", {"value": "number", "lo": "number", "hi": "number", "truncated": "flag", "nothing_known": "flag"}
    ),
    "tag": TextFrame("", {"tokens": "texts", "tags": "texts"}),
    "translate": TextFrame("source", {"translation": "text", "score": "number", "truncated": "flag"}),
    "transcribe": SoundFrame(),
    "series": SeriesFrame(),
    "forecast": ForecastFrame(),
}
"""The tasks whose models answer a table, by name."""


def frame_of(task: Task[Any]) -> Frame:
    """Return how the models of a task answer a table. Raises OptionError where they do not."""
    if task.name not in FRAMES:
        raise OptionError(
            f"A model of the task {task.name} does not answer the rows of a table; those of {', '.join(FRAMES)} do. "
            f"Try: {task.command.format(directory='DIR')}"
        )
    return FRAMES[task.name]


def _of_labels(labels: Sequence[Label]) -> Columns:
    """Return the columns of a label with its probability, and those of all labels."""
    kinds = {type(label) for label in labels}
    kind: Kind = "text"
    if kinds <= {int, float, bool}:
        kind = "flag" if kinds == {bool} else "whole" if kinds == {int} else "number"
    return {"label": kind, "probability": "number", "probabilities": "numbers by name"}
