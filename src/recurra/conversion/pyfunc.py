"""What MLflow calls to load and to ask a model that `recurra export --to mlflow` has written.

MLmodel names this module, in models that are out there: neither its place nor its name may change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurra.conversion.frames import frame_of
from recurra.tasks.registry import open_model, read, task_of


class RecurraModel:
    """A model as MLflow's flavour `python_function` has it: a table in, a table out."""

    def __init__(self, directory: str) -> None:
        """directory: a model directory. Raises ArtefactError."""
        source = read(directory)
        self.task = task_of(source)
        self.model = open_model(source)
        self._frame = frame_of(self.task)
        self.inputs = self._frame.inputs(self.model, source.manifest)
        self.outputs = self._frame.outputs(self.model, source.manifest)

    def predict(self, model_input: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Return the answers to a table (pandas) as a table. Raises RecurraError's kinds."""
        import pandas as pd

        table = model_input if isinstance(model_input, pd.DataFrame) else pd.DataFrame(model_input)
        answers = self._frame.answer(self.task, self.model, {name: _cells(table[name]) for name in self.inputs})
        return pd.DataFrame(answers, columns=list(self.outputs))


def _cells(column: Any) -> list[Any]:
    """Return the cells of a column as plain values, None where there is none."""
    cells: list[Any] = column.astype(object).where(column.notna(), None).tolist()
    return cells


def _load_pyfunc(path: str) -> RecurraModel:
    return RecurraModel(path)
