"""What computes a classifier's answers: id sequences of any lengths in, logits and probabilities in that order out.

Two engines do: a graph on ONNX Runtime (`session.py`), anywhere; the recurrent kernel (`kernel_engine.py`), where it
was built and fits the model.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import starmap
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.inference.batching import batches_by_length
from recurra.inference.threads import processor_count

SHARED_TOKENS = 512
"""The fewest tokens for which a second thread is worth waking."""


Sequences = Sequence[NDArray[np.integer]]
Answer = tuple[NDArray[np.float32], NDArray[np.float32]]


class Engine(ABC):
    """Answers batches on several threads, each batch on one, since the steps of a recurrence leave little to share out.

    name: as in `inspect`; identity: tells answers of the same bits from others. batch_tokens: the tokens of a batch,
    padding included, that the engine answers fastest.
    outputs: logits a row; classes: probabilities a row; threads: how many batches run at once.
    Safe to call from several threads.
    """

    name: ClassVar[str]
    identity: str
    batch_tokens: ClassVar[int]

    def __init__(self, outputs: int, classes: int, threads: int | None) -> None:
        """threads: None for one a processor. Raises OptionError where there is none."""
        if threads is not None and threads < 1:
            raise OptionError(f"threads must be at least 1, or None for all processors; got {threads}.")
        self.outputs, self.classes = outputs, classes
        self.threads = threads or processor_count()
        self._pool: tuple[int, ThreadPoolExecutor] | None = None

    @abstractmethod
    def answer(self, sequences: Sequences, lengths: NDArray[np.int64], *, alone: bool = False) -> Answer:
        """Return logits [B, outputs] and probabilities [B, K] of B sequences. lengths: [B].

        On the calling thread; `alone`: another may help, since there are no other batches for it.
        """

    def run(self, sequences: Sequences, *, shared: bool = True) -> Answer:
        """Return logits [N, outputs] and probabilities [N, K], both float32, of N id sequences [T_n], T_n >= 1.

        A row's answer does not depend on the others: rows of similar length share a batch of about `batch_tokens`
        tokens; the order given is restored. No sequences give empty arrays.
        shared: whether the threads share the batches; else all run on the calling thread, and which rows share a batch
        depends on these sequences alone, so that the same ones give the same bits.
        Raises OptionError for an empty sequence.
        """
        lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
        if len(lengths) and lengths.min() < 1:
            raise OptionError(f"Sequence {int(lengths.argmin())} is empty; every sequence needs at least one id.")
        if len(lengths) == 1:  # the same, without the bookkeeping
            return self.answer(sequences, lengths, alone=shared and self.threads > 1)
        logits = np.empty((len(lengths), self.outputs), dtype=np.float32)
        probabilities = np.empty((len(lengths), self.classes), dtype=np.float32)
        shared = shared and self.threads > 1
        share = max(int(lengths.sum()) // self.threads, SHARED_TOKENS) if shared else self.batch_tokens
        rows = list(batches_by_length(lengths, min(share, self.batch_tokens)))
        batches = [([sequences[row] for row in each], lengths[each]) for each in rows]
        if len(batches) > 1 and shared:
            answers: Iterator[Answer] = self._workers().map(lambda batch: self.answer(*batch), batches)
        else:
            answers = starmap(self.answer, batches)
        for each, (batch_logits, batch_probabilities) in zip(rows, answers, strict=True):
            logits[each] = batch_logits
            probabilities[each] = batch_probabilities
        return logits, probabilities

    def _workers(self) -> ThreadPoolExecutor:
        """The threads for batches; a process that was forked does not inherit them and gets its own."""
        if self._pool is None or self._pool[0] != os.getpid():
            self._pool = os.getpid(), ThreadPoolExecutor(self.threads, thread_name_prefix="recurra")
        return self._pool[1]
