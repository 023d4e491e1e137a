"""Answer a stream of texts on all processors: encode on the calling thread, run on the others, in bounded memory."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.classify.model import Model, exact
from recurra.text.words import Encoding

PIECE = 512
"""Texts that one thread answers at a time. Which rows share a batch depends on nothing else."""

AHEAD = 2
"""Pieces that wait encoded for a thread."""

SWITCH_SECONDS = 0.0005
"""How long the thread that encodes may keep the interpreter from those that run; by default it is ten times as long."""


@dataclass(frozen=True)
class Scored:
    """Answers to n texts: predicted [n] int32, the place of the label; probability [n] float64, of that label;
    truncated [n] bool."""

    predicted: NDArray[np.int32]
    probability: NDArray[np.float64]
    truncated: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.predicted)


def scored(model: Model, texts: Iterable[str]) -> Iterator[Scored]:
    """Yield the answers to `PIECE` texts at a time, in their order, while later texts are read, encoded and run.

    The answers are the same bits whatever the number of threads. A few pieces are in memory, whatever the number of
    texts.
    """
    remaining = iter(texts)
    waiting: deque[Future[Scored]] = deque()
    pool = ThreadPoolExecutor(model.engine.threads, thread_name_prefix="recurra-score")
    try:
        with _quick_switches():
            while piece := [model.tokenizer.encode(text) for text in islice(remaining, PIECE)]:
                waiting.append(pool.submit(_answered, model, piece))
                if len(waiting) > model.engine.threads + AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _answered(model: Model, piece: list[Encoding]) -> Scored:
    probabilities = exact(model.engine.run([encoding.ids for encoding in piece], shared=False)[1])
    predicted = probabilities.argmax(axis=1)
    return Scored(
        predicted.astype(np.int32),
        probabilities[np.arange(len(piece)), predicted],
        np.array([encoding.truncated for encoding in piece], dtype=np.bool_),
    )


@contextmanager
def _quick_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, SWITCH_SECONDS))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
