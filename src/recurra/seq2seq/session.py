"""An encoder-decoder on ONNX Runtime: the encoder reads sources once, the decoder writes piece by piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurra.errors import ArtefactError
from recurra.inference.session import open_graph
from recurra.seq2seq.shape import Seq2SeqShape
from recurra.storage.model_directory import MODEL, STEP, Artefact
from recurra.storage.parts import mismatch

Ids = Sequence[int] | NDArray[np.integer]
"""One sequence."""

State = tuple[NDArray[np.float32], ...]
"""The decoder's state, each array [B, K, F], in the order of `shape.states`."""


@dataclass(frozen=True)
class Memory:
    """The encoder's output for B sources. states: [B, S, F]; start: [B, D]; lengths: [B] int64."""

    states: NDArray[np.float32]
    start: NDArray[np.float32]
    lengths: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lengths)

    def of(self, rows: NDArray[np.intp]) -> Memory:
        """Return the memory of some of the sources."""
        return Memory(self.states[rows], self.start[rows], self.lengths[rows])


@dataclass(frozen=True)
class Choices:
    """The likeliest next pieces for K candidates of B sources. scores: [B, K, n] log-probabilities, the largest first;
    pieces: [B, K, n] int64; attention: [B, K, S]; state: the decoder's, after the piece that was given."""

    scores: NDArray[np.float32]
    pieces: NDArray[np.int64]
    attention: NDArray[np.float32]
    state: State


class Seq2SeqSession:
    """The two graphs that `learn.graphs` writes. Each call runs on the calling thread; safe from several.

    Raises ArtefactError for graphs that are not of this kind, or not of the network `shape`.
    """

    def __init__(self, shape: Seq2SeqShape, encoder: bytes, step: bytes, directory: Path | None = None) -> None:
        """directory: of the two files, for errors."""
        self.shape = shape
        tables = {"embedding.weight": shape.vocabulary}
        self._encoder = open_graph(encoder, _path(directory, MODEL), tables)
        self._step = open_graph(step, _path(directory, STEP), tables)
        f, d, v = shape.decoder_width, shape.embedding, shape.vocabulary
        widths: dict[str, int | None] = {"ids": None, "lengths": None, "memory": f, "start": d}
        widths |= {"match": 2 * shape.match} if shape.match else {}
        _check(MODEL, self._encoder, widths, ("ids", "lengths"))
        widths = {"pieces": None, "lengths": None, "memory": f, "start": d, "most": 1, "logits": v}
        widths |= dict.fromkeys(("scores", "choices", "attention"))
        widths |= {f"{time}.{name}": f for name in shape.states for time in ("past", "present")}
        past = tuple(f"past.{name}" for name in shape.states)
        _check(STEP, self._step, widths, ("pieces", "lengths", "memory", "start", "most", *past))
        self._present = [f"present.{name}" for name in shape.states]

    def read(self, sources: Sequence[Ids]) -> Memory:
        """Return the memory of sources of at least one id each, padded to the longest."""
        ids, lengths = _padded(sources)
        states, start = self._encoder.run(["memory", "start"], {"ids": ids, "lengths": lengths})
        return Memory(states, start, lengths)

    def match_vectors(self, sequences: Sequence[Ids]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the vectors [B, M] by which sequences of at least one id each are matched as sources and as targets.

        A target begins with BEGIN. The network must be one that matches.
        """
        ids, lengths = _padded(sequences)
        (both,) = self._encoder.run(["match"], {"ids": ids, "lengths": lengths})
        return both[:, : self.shape.match], both[:, self.shape.match :]

    def begin(self, sources: int) -> State:
        """Return the state of one candidate for each source before anything is written."""
        zeros = np.zeros((sources, 1, self.shape.decoder_width), dtype=np.float32)
        return tuple(zeros for _ in self.shape.states)

    def choices(self, pieces: NDArray[np.int64], memory: Memory, state: State, most: int) -> Choices:
        """Return the `most` likeliest pieces after `pieces` [B, K], the last ones of K candidates for B sources."""
        names = ["scores", "choices", "attention", *self._present]
        scores, chosen, attention, *after = self._step.run(names, self._fed(pieces, memory, state, most))
        if chosen.shape[2] != most or chosen.min() < 0 or chosen.max() >= self.shape.vocabulary:
            raise ArtefactError(f"{self._step.name} cannot answer: it chooses no pieces. Train the model again.")
        return Choices(scores, chosen, attention, tuple(after))

    def logits(
        self, pieces: NDArray[np.int64], memory: Memory, state: State
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], State]:
        """Return (logits [B, K, V], attention [B, K, S], state) after `pieces` [B, K]."""
        names = ["logits", "attention", *self._present]
        logits, attention, *after = self._step.run(names, self._fed(pieces, memory, state, 1))
        return logits, attention, tuple(after)

    def _fed(self, pieces: NDArray[np.int64], memory: Memory, state: State, most: int) -> dict[str, Any]:
        fed = {f"past.{name}": array for name, array in zip(self.shape.states, state, strict=True)}
        read = {"memory": memory.states, "start": memory.start, "lengths": memory.lengths}
        return {"pieces": pieces, "most": np.array([most], dtype=np.int64), **read, **fed}


def _padded(sequences: Sequence[Ids]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (ids [B, S], padded with zeros to the longest; lengths [B])."""
    lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    ids = np.zeros((len(sequences), int(lengths.max())), dtype=np.int64)
    for row, sequence in zip(ids, sequences, strict=True):
        row[: len(sequence)] = sequence
    return ids, lengths


def session_of(source: Artefact) -> Seq2SeqSession:
    """Return the session of a checked directory. Raises ArtefactError for one that is not sound."""
    if STEP not in source.files:
        raise ArtefactError(f"{source.path} has no {STEP}, which its decoder needs. Train the model again.")
    shape = source.manifest.network_as(Seq2SeqShape)
    return Seq2SeqSession(shape, source.files[MODEL], source.files[STEP], source.path)


def _path(directory: Path | None, name: str) -> str:
    return name if directory is None else str(directory / name)


def _check(name: str, session: Any, widths: dict[str, int | None], inputs: tuple[str, ...]) -> None:
    """Raise ArtefactError where inputs, outputs or their widths are not those of the network.

    widths: the last size of each input and output; None for any.
    """
    actual = {value.name: value.shape[-1] for value in [*session.get_inputs(), *session.get_outputs()]}
    fits = sorted(actual) == sorted(widths) and {value.name for value in session.get_inputs()} == set(inputs)
    if not fits or any(width is not None and actual[key] != width for key, width in widths.items()):
        raise mismatch(f"{name} does not have the inputs and outputs of the network in manifest.json")
