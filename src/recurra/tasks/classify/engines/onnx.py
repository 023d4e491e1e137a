"""ONNX Runtime as an engine: the graph answers, and reads a stream piece by piece."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.inference.closed_graph import check_graph
from recurra.inference.runtime import ort
from recurra.inference.session import open_graph
from recurra.tasks.classify.engines.engine import Answer, Engine, Sequences
from recurra.tasks.classify.shape import sound_temperature

_INPUTS, _OUTPUTS = ["ids", "lengths"], ["logits", "probabilities"]
_PAST, _PRESENT = "past.", "present."
_KINDS = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64}
_TABLES = ("embedding.weight", "embedding.rounded", "embedding.scales")
_SHRINK = "memory.enable_memory_arena_shrinkage"

State = dict[str, NDArray[np.generic]]


class GraphSession(Engine):
    """Runs the graph that `learn.graph.build` or `learn.quantise.quantised` wrote.

    Batches of more than `batch_tokens` fall out of the processor's cache and are slower.
    """

    name = "onnxruntime"
    identity = f"onnxruntime {ort.__version__}"
    batch_tokens = 2048

    def __init__(
        self, graph: bytes, threads: int | None = None, *, ids: int | None = None, name: str = "model.onnx"
    ) -> None:
        """graph: the bytes of the file `name`. ids: how many there are; None where nobody says.

        Raises ArtefactError for a graph that is not of this kind.
        """
        self._session = open_graph(graph, name, tables(ids))
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        outputs, present = outputs[: len(_OUTPUTS)], outputs[len(_OUTPUTS) :]
        past = {value.name.removeprefix(_PAST): value for value in self._session.get_overridable_initializers()}
        sound = (
            [(value.name, value.type) for value in inputs] == [(name, "tensor(int64)") for name in _INPUTS]
            and [(value.name, value.type) for value in outputs] == [(name, "tensor(float)") for name in _OUTPUTS]
            and all(len(value.shape) == 2 and isinstance(value.shape[1], int) for value in outputs)
            and [value.name for value in present] == [_PRESENT + name for name in past]
            and all(value.name.startswith(_PAST) and value.type in _KINDS for value in past.values())
        )
        if not sound:
            raise ArtefactError(
                f"{name} does not have Recurra's inputs (ids, lengths) and outputs (logits, probabilities)."
            )
        super().__init__(outputs[0].shape[1], outputs[1].shape[1], threads)
        self.where = name
        self.state: State = {
            name: np.zeros([size if isinstance(size, int) else 1 for size in value.shape], _KINDS[value.type])
            for name, value in past.items()
        }
        """Arrays of the names, shapes and types of a stream's state; none where the graph cannot read a stream."""
        self._shrink = ort.RunOptions()
        self._shrink.add_run_config_entry(_SHRINK, "cpu:0")

    def advance(self, ids: NDArray[np.int64], state: State) -> tuple[Answer, State]:
        """Read the next `ids` [T], T >= 1, of a stream; return the answer to all of it so far, and the new state.

        state: what the call before returned; empty at the start. Its arrays are not changed. The answer has one row.
        """
        feeds = {_PAST + name: array for name, array in state.items()}
        feeds["ids"], feeds["lengths"] = ids[None], np.array([len(ids)], dtype=np.int64)
        names = list(self.state)
        logits, probabilities, *arrays = self._session.run(_OUTPUTS + [_PRESENT + name for name in names], feeds)
        return self.checked(logits, probabilities), dict(zip(names, arrays, strict=True))

    def answer(self, sequences: Sequences, lengths: NDArray[np.int64], *, alone: bool = False) -> Answer:
        ids = np.zeros((len(lengths), int(lengths.max())), dtype=np.int64)
        for row, sequence in enumerate(sequences):
            ids[row, : lengths[row]] = sequence
        options = self._shrink if ids.size > self.batch_tokens else None  # do not keep the memory of a giant batch
        logits, probabilities = self._session.run(_OUTPUTS, {"ids": ids, "lengths": lengths}, options)
        return self.checked(logits, probabilities)


def tables(ids: int | None) -> dict[str, int] | None:
    """Return how many rows the tables of a classifier's graph need, in single precision or with int8 weights."""
    return None if ids is None else dict.fromkeys(_TABLES, ids)


def check_classifier(graph: bytes, ids: int | None, name: str) -> float:
    """Return the temperature in a graph. Raises ArtefactError, beginning with `name`, where no classifier of `ids` ids
    has such a graph."""
    file = check_graph(graph, name, tables(ids))
    constant = file.graph.constants.get("temperature")
    temperature = float("nan") if constant is None or constant.size != 1 else float(constant.reshape(-1)[0])
    if not sound_temperature(temperature):
        raise ArtefactError(f"{name} divides its logits by no temperature that a model has. Train the model again.")
    return temperature
