"""Open an ONNX graph with ONNX Runtime, and check what it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.inference.closed_graph import check_graph
from recurra.inference.runtime import ort

_FLOAT = np.dtype(np.float32)
_SHAPES = 1024
"""Combinations of sizes that are remembered as sound."""
_CODE = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ")
_NO_MEMORY = ("bad_alloc", "failed to allocate", "memory")


class Graph(ort.InferenceSession):  # type: ignore[misc]  # the package has no types
    """A graph that runs on one thread: the steps of a recurrence leave little to share out.

    name: of its file, for errors. No thread spins when idle. Safe to call from several threads.
    """

    def __init__(self, content: bytes, name: str) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # plans memory per shape and keeps every plan: our shapes never repeat
        options.log_severity_level = 4
        super().__init__(content, options, providers=["CPUExecutionProvider"])
        self.name = name
        given = [*self.get_inputs(), *self.get_overridable_initializers()]
        self._given: dict[str, list[int | str | None]] = {value.name: value.shape for value in given}
        self._answered: dict[str, list[int | str | None]] = {value.name: value.shape for value in self.get_outputs()}
        self._names = list(self._answered)
        self._sound: set[tuple[object, ...]] = set()

    def run(self, names: Sequence[str] | None, feeds: Mapping[str, NDArray[Any]], options: Any = None) -> list[Any]:
        """Return the outputs `names`, or all of them, for the inputs `feeds`.

        Raises ArtefactError where the graph cannot answer, or answers with other sizes than it states or with numbers
        that are not finite. States (`present.NAME`) may be anything: what is not finite in them shows in the answers.
        """
        try:
            answers: list[Any] = super().run(names, feeds, options)
        except Exception as error:  # onnxruntime raises a dozen unrelated types
            raise ArtefactError(f"{self.name} cannot answer: {_reason(error)}") from error
        names = self._names if names is None else names
        shapes = (*names, *feeds, *(array.shape for array in feeds.values()), *(array.shape for array in answers))
        if shapes not in self._sound:
            self._check_shapes(names, feeds, answers)
            if len(self._sound) >= _SHAPES:
                self._sound.clear()
            self._sound.add(shapes)
        for name, answer in zip(names, answers, strict=True):
            if answer.dtype == _FLOAT and name[:8] != "present." and not np.isfinite(answer).all():
                raise ArtefactError(
                    f"{self.name} cannot answer: its output {name!r} is not finite. Train the model again."
                )
        return answers

    def _check_shapes(
        self, names: Sequence[str], feeds: Mapping[str, NDArray[Any]], answers: Sequence[NDArray[Any]]
    ) -> None:
        """Raise ArtefactError for an answer that does not have the sizes that the graph states."""
        sizes: dict[int | str | None, int] = {}
        for name, array in feeds.items():
            sizes.update(zip(self._given[name], array.shape, strict=True))
        for name, answer in zip(names, answers, strict=True):
            stated = self._answered[name]
            if len(stated) != answer.ndim or any(
                (one if isinstance(one, int) else sizes.get(one, size)) != size
                for one, size in zip(stated, answer.shape, strict=True)
            ):
                raise ArtefactError(
                    f"{self.name} cannot answer: its output {name!r} has the wrong shape {answer.shape}. "
                    "Train the model again."
                )


def open_graph(content: bytes, name: str = "model.onnx", tables: Mapping[str, int] | None = None) -> Graph:
    """Return a graph that can be run.

    content: the bytes of the file `name`. tables: see `closed_graph.check_graph`.
    Raises ArtefactError for a graph that Recurra does not write, or that ONNX Runtime cannot read.
    """
    check_graph(content, name, tables)
    try:
        return Graph(content, name)
    except Exception as error:  # onnxruntime raises a dozen unrelated types
        raise ArtefactError(f"{name} cannot be loaded: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """Return the reason that ONNX Runtime gives, as a sentence with the next step."""
    reason = " ".join(_CODE.sub("", str(error)).split()) or type(error).__name__
    if isinstance(error, MemoryError) or any(word in reason.lower() for word in _NO_MEMORY):
        return "there is not enough memory for it. Give shorter or fewer texts, or free some memory."
    return f"{reason.removesuffix('.')}. Copy the whole model again, or train it again."
