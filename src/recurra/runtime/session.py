"""A network's graph on ONNX Runtime: id sequences of any lengths in, logits and probabilities in the same order out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import starmap

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from recurra.errors import ArtefactError, OptionError

BATCH_TOKENS = 2048
"""Tokens of a batch, padding included. Larger batches fall out of the processor's cache and are slower."""

SHARED_TOKENS = 512
"""The fewest tokens for which a second thread is worth waking."""

_INPUTS, _OUTPUTS = ["ids", "lengths"], ["logits", "probabilities"]
_PAST, _PRESENT = "past.", "present."
_KINDS = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64}
_SHRINK = "memory.enable_memory_arena_shrinkage"

Sequences = Sequence[NDArray[np.integer]]
Answer = tuple[NDArray[np.float32], NDArray[np.float32]]
State = dict[str, NDArray[np.generic]]


class GraphSession:
    """Run the graph that `export.onnx_graph.build` or `export.quantise.quantised` writes.

    graph: the bytes of model.onnx. threads: how many batches run at once (None: one for each processor).
    Each batch runs on one thread, since the steps of a recurrence leave little to share out; no thread spins when idle.
    Safe to call from several threads. Raises ArtefactError for a graph that is not of this kind.
    """

    def __init__(self, graph: bytes, threads: int | None = None) -> None:
        if threads is not None and threads < 1:
            raise OptionError(f"threads must be at least 1, or None for all processors; got {threads}.")
        if b"location" in graph:  # the key under which ONNX names another file; no name in our graphs contains it
            raise ArtefactError("model.onnx refers to data outside itself; such a graph is not loaded.")
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # plans memory per shape and keeps every plan: our shapes never repeat
        options.log_severity_level = 4
        try:
            self._session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises a dozen unrelated types
            raise ArtefactError(f"model.onnx cannot be loaded: {error}") from error
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
                "model.onnx does not have Recurra's inputs (ids, lengths) and outputs (logits, probabilities)."
            )
        self.outputs: int = outputs[0].shape[1]
        self.classes: int = outputs[1].shape[1]
        self.state: State = {
            name: np.zeros([size if isinstance(size, int) else 1 for size in value.shape], _KINDS[value.type])
            for name, value in past.items()
        }
        """Arrays of the names, shapes and types of a stream's state; none where the graph cannot read a stream."""
        self.threads = threads or processor_count()
        self._pool: tuple[int, ThreadPoolExecutor] | None = None
        self._shrink = ort.RunOptions()
        self._shrink.add_run_config_entry(_SHRINK, "cpu:0")

    def run(self, sequences: Sequences, *, shared: bool = True) -> Answer:
        """Return logits [N, outputs] and probabilities [N, K], both float32, of N id sequences [T_n], T_n >= 1.

        A row's answer does not depend on the others: rows of similar length share a batch of about `BATCH_TOKENS`
        tokens and are padded on the right; the order given is restored. No sequences give empty arrays.
        shared: whether the threads share the batches; else all run on the calling thread, and which rows share a batch
        depends on these sequences alone, so that the same ones give the same bits.
        Raises OptionError for an empty sequence.
        """
        lengths = np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences))
        if len(lengths) and lengths.min() < 1:
            raise OptionError(f"Sequence {int(lengths.argmin())} is empty; every sequence needs at least one id.")
        if len(lengths) == 1:  # the same, without the bookkeeping
            return self._run_batch(sequences, np.zeros(1, dtype=np.intp), lengths)
        logits = np.empty((len(lengths), self.outputs), dtype=np.float32)
        probabilities = np.empty((len(lengths), self.classes), dtype=np.float32)
        shared = shared and self.threads > 1
        share = max(int(lengths.sum()) // self.threads, SHARED_TOKENS) if shared else BATCH_TOKENS
        batches = [(sequences, rows, lengths[rows]) for rows in batches_by_length(lengths, min(share, BATCH_TOKENS))]
        if len(batches) > 1 and shared:
            answers: Iterator[Answer] = self._workers().map(lambda batch: self._run_batch(*batch), batches)
        else:
            answers = starmap(self._run_batch, batches)
        for (_, rows, _), (batch_logits, batch_probabilities) in zip(batches, answers, strict=True):
            logits[rows] = batch_logits
            probabilities[rows] = batch_probabilities
        return logits, probabilities

    def advance(self, ids: NDArray[np.int64], state: State) -> tuple[Answer, State]:
        """Read on after `state`, which is empty at the start: the answer to all that was read, and the state after it.

        ids: [T], T >= 1. The answer has one row. Neither array of `state` is changed.
        """
        feeds = {_PAST + name: array for name, array in state.items()}
        feeds["ids"], feeds["lengths"] = ids[None], np.array([len(ids)], dtype=np.int64)
        names = list(self.state)
        found = self._session.run(_OUTPUTS + [_PRESENT + name for name in names], feeds)
        return (found[0], found[1]), dict(zip(names, found[2:], strict=True))

    def _workers(self) -> ThreadPoolExecutor:
        """The threads for batches; a process that was forked does not inherit them and gets its own."""
        if self._pool is None or self._pool[0] != os.getpid():
            self._pool = os.getpid(), ThreadPoolExecutor(self.threads, thread_name_prefix="recurra")
        return self._pool[1]

    def _run_batch(self, sequences: Sequences, rows: NDArray[np.intp], lengths: NDArray[np.int64]) -> Answer:
        """Pad the sequences of `rows` [B] to their longest [B, T] and run them."""
        ids = np.zeros((len(rows), int(lengths.max())), dtype=np.int64)
        for place, row in enumerate(rows):
            ids[place, : lengths[place]] = sequences[row]
        options = self._shrink if ids.size > BATCH_TOKENS else None  # do not keep the memory of one giant
        logits, probabilities = self._session.run(_OUTPUTS, {"ids": ids, "lengths": lengths}, options)
        return logits, probabilities


def batches_by_length(lengths: NDArray[np.int64], budget: int) -> Iterator[NDArray[np.intp]]:
    """Yield row numbers by falling length, each time as many as make `budget` tokens when padded; one at least."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        size = max(1, budget // int(lengths[order[start]]))
        yield order[start : start + size]
        start += size


def processor_count() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
