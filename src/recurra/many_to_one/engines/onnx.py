"""ONNX Runtime as an engine: the graph answers, and reads a stream piece by piece."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.inference.closed_graph import check_graph
from recurra.inference.runtime import ort
from recurra.inference.session import open_graph
from recurra.many_to_one.engines.engine import Answer, Engine, Sequences
from recurra.many_to_one.feature_side import features_of
from recurra.many_to_one.link import LINKS, Link
from recurra.many_to_one.shape import CODES, ManyToOneShape, prefixes, sound_temperature

_INPUTS = ["ids", "lengths"]
_FEATURES = "features"
_SPELLINGS, _READ_NGRAMS, _BESIDE = "spellings", "read_ngrams", "beside"
_PAST, _PRESENT = "past.", "present."
_KINDS = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64}
_TABLES = ("embedding.weight", "embedding.rounded", "embedding.scales", "ngrams.codes")
_OTHER_TABLES = ("subwords.embedding", "subwords.codes")
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
        self,
        graph: bytes,
        threads: int | None = None,
        *,
        ids: int | None = None,
        subwords: int = 0,
        members: int = 1,
        link: Link = LINKS["softmax"],
        features: int = 0,
        name: str = "model.onnx",
    ) -> None:
        """graph: the bytes of the file `name`. ids: how many there are; None where nobody says. subwords: the buckets
        of the character n-grams of unknown words; 0 where unknown words are one. members: of an ensemble. link: what
        makes its answers of its logits. features: how many numbers stand beside a text.

        Raises ArtefactError for a graph that is not of this kind.
        """
        self._session = open_graph(graph, name, tables(ids, members))
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        self._outputs = ["logits", link.output]
        outputs, present = outputs[: len(self._outputs)], outputs[len(self._outputs) :]
        optional = {value.name: value for value in self._session.get_overridable_initializers()}
        extra = {name for name in optional if not name.startswith(_PAST)}
        past = {name.removeprefix(_PAST): value for name, value in optional.items() if name not in extra}
        sound = (
            [(value.name, value.type) for value in inputs]
            == [*((name, "tensor(int64)") for name in _INPUTS), *([(_FEATURES, "tensor(float)")] if features else [])]
            and [(value.name, value.type) for value in outputs] == [(name, "tensor(float)") for name in self._outputs]
            and all(len(value.shape) == 2 and isinstance(value.shape[1], int) for value in outputs)
            and [value.name for value in present] == [_PRESENT + name for name in past]
            and all(value.type in _KINDS for value in past.values())
            and extra <= {_SPELLINGS, _READ_NGRAMS, _BESIDE}
            and (not subwords or _SPELLINGS in extra)
        )
        if not sound:
            raise ArtefactError(
                f"{name} does not have Recurra's inputs ({', '.join(_INPUTS)}) and outputs "
                f"({', '.join(self._outputs)})."
            )
        super().__init__(outputs[0].shape[1], outputs[1].shape[1], threads, link)
        self.where, self._ids, self._buckets, self._features = name, ids, subwords, features
        self.state: State = {
            name: np.zeros([size if isinstance(size, int) else 1 for size in value.shape], _KINDS[value.type])
            for name, value in past.items()
        }
        """Arrays of the names, shapes and types of a stream's state; none where the graph cannot read a stream."""
        self._shrink = ort.RunOptions()
        self._shrink.add_run_config_entry(_SHRINK, "cpu:0")

    def advance(
        self,
        ids: NDArray[np.int64],
        state: State,
        beside: NDArray[np.floating] | None = None,
        novel: Sequence[NDArray[np.int32]] = (),
    ) -> tuple[Answer, State]:
        """Read the next `ids` [T], T >= 1, of a stream; return the answer to all of it so far, and the new state.

        state: what the call before returned; empty at the start. Its arrays are not changed. The answer has one row.
        beside: [outputs], what the n-grams of all of it add to the logits; None where the model has none. novel: the
        character n-grams of the words that the ids V, V + 1, ... stand for.
        """
        feeds: dict[str, NDArray[Any]] = {_PAST + name: array for name, array in state.items()}
        if beside is not None:
            feeds |= {_READ_NGRAMS: np.zeros(1, np.float32), _BESIDE: beside[None].astype(np.float32)}
        if novel:
            feeds[_SPELLINGS] = self._spellings(novel)
        feeds["ids"], feeds["lengths"] = ids[None], np.array([len(ids)], dtype=np.int64)
        names = list(self.state)
        logits, answers, *arrays = self._session.run(self._outputs + [_PRESENT + name for name in names], feeds)
        return self.checked(logits, answers), dict(zip(names, arrays, strict=True))

    def answer(self, sequences: Sequences, lengths: NDArray[np.int64], *, alone: bool = False) -> Answer:
        ids, novel = self.padded(sequences, lengths, self._ids)
        feeds: dict[str, NDArray[Any]] = {"ids": ids, "lengths": lengths}
        if self._features:
            feeds[_FEATURES] = features_of(sequences, self._features)
        if novel:
            feeds[_SPELLINGS] = self._spellings(novel)
        options = self._shrink if ids.size > self.batch_tokens else None  # do not keep the memory of a giant batch
        logits, answers = self._session.run(self._outputs, feeds, options)
        return self.checked(logits, answers)

    def _spellings(self, novel: Sequence[NDArray[np.int32]]) -> NDArray[np.int64]:
        """Return the input `spellings` [N, G]."""
        if not self._buckets:
            raise ArtefactError(f"{self.where} has unknown words as one: tokenizer.json is of another model.")
        spellings = np.full((len(novel), max(map(len, novel))), self._buckets, dtype=np.int64)
        for row, grams in zip(spellings, novel, strict=True):
            row[: len(grams)] = grams
        return spellings


def tables(ids: int | None, members: int = 1) -> dict[str, int] | None:
    """Return how many rows the tables of a graph need, in single precision or with int8 weights."""
    if ids is None:
        return None
    return {
        prefix + name: rows
        for prefix in prefixes(members)
        for names, rows in ((_TABLES, ids), (_OTHER_TABLES, 1))
        for name in names
    }


def check_network_graph(graph: bytes, network: ManyToOneShape, name: str) -> float:
    """Return the temperature in a graph. Raises ArtefactError, beginning with `name`, where no network of this shape
    has such a graph."""
    file = check_graph(graph, name, tables(network.vocabulary, network.members))
    if not _has_ngrams_of(file.graph.constants, network):
        raise ArtefactError(f"{name} does not hold the n-grams that manifest.json states. Train the model again.")
    constant = file.graph.constants.get("temperature")
    thresholds = file.graph.constants.get("thresholds")
    if network.levels and (thresholds is None or thresholds.shape != (network.levels - 1,)):
        raise ArtefactError(f"{name} does not hold the thresholds of its classes. Train the model again.")
    temperature = float("nan") if constant is None or constant.size != 1 else float(constant.reshape(-1)[0])
    if not sound_temperature(temperature):
        raise ArtefactError(f"{name} divides its logits by no temperature that a model has. Train the model again.")
    return temperature


def _has_ngrams_of(constants: Mapping[str, NDArray[Any]], network: ManyToOneShape) -> bool:
    """Return whether the tables of n-grams and spellings have the shapes that explanations and streams count on."""
    shapes = network.weight_shapes()
    for codes in CODES:
        if codes not in shapes:
            if codes in constants:
                return False
            continue
        rows, width = shapes[codes]
        rows += codes == "subwords.codes"  # a row of zeros for what is no n-gram
        parts = ((codes, (rows, width), np.int8), (codes.replace("codes", "scale"), (1,), np.float32))
        for name, shape, kind in parts:
            held = constants.get(name)
            if held is None or held.shape != shape or held.dtype != np.dtype(kind):
                return False
    return True
