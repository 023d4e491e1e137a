"""Recurra's training, as the command line runs it: the whole of its loop, stopped between the rounds."""

from __future__ import annotations

import queue
import threading
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from peers.engines import feed
from peers.task import Task, rounds_of
from peers.worker import Round

if TYPE_CHECKING:
    from recurra.many_to_one.corpus import Corpus
    from recurra.terminal.progress import TrainingProgress

PACKAGES: tuple[str, ...] = ("recurra", "torch", "numpy")

VALIDATION = 16
"""Rows that are judged at an epoch's end, which is not timed."""


class Paced:
    """Runs so many steps when asked to, by holding up the loop that calls `watch` after each of them."""

    def __init__(self, first: int) -> None:
        self.asked: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.done: queue.SimpleQueue[tuple[int, float] | BaseException] = queue.SimpleQueue()
        self._wanted, self._steps, self._seconds = first, 0, 0.0
        self._last: float | None = None

    def watch(self, progress: TrainingProgress) -> None:
        """Time from the end of one step to the end of the next; what lies between two epochs is left out."""
        now = time.perf_counter()
        if progress.finished_epoch is not None:
            self._last = None
            return
        if self._last is not None:
            self._steps += 1
            self._seconds += now - self._last
        if self._steps >= self._wanted:
            self.done.put((self._steps, self._seconds))
            self._wanted, self._steps, self._seconds = self.asked.get(), 0, 0.0
        self._last = time.perf_counter()

    def result(self) -> tuple[int, float]:
        """Return (steps, seconds) of what was asked for last."""
        found = self.done.get()
        if isinstance(found, BaseException):
            raise found
        return found


def set_up(threads: int) -> None:
    """Do what the command line does before it trains."""
    import recurra.cli  # noqa: F401 (it settles how threads wait before torch is loaded)
    from recurra.training.memory import prepare_memory

    prepare_memory()


def prepare(task: Task, inputs: Path, threads: int) -> Round:
    """Start the loop on a thread of its own and let it run two steps, then as many as tell how long one takes."""
    from recurra.many_to_one.options import ModelOptions
    from recurra.options.base import validated
    from recurra.tasks.classify.learn.fit import fit_classifier
    from recurra.tasks.classify.options import RECIPES
    from recurra.training.control import RunControl

    corpus = _corpus(inputs, task.tokens)
    options = validated(
        ModelOptions,
        RECIPES["tutorial"]
        | {
            "cell": task.cell,
            "precision": task.variant,
            "batch": task.batch,
            "max_tokens": task.tokens,
            "vocabulary": feed.VOCABULARY - 2,
            "epochs": 10_000,
            "threads": threads,
        },
    )
    validation = np.arange(len(corpus)) >= len(corpus) - VALIDATION
    targets = corpus.labels.astype(np.int64)
    paced = Paced(2)

    def run() -> None:
        try:
            control = RunControl(on_progress=paced.watch)
            fit_classifier(corpus, targets, 2, ~validation, validation, options, control=control)
        except BaseException as error:
            paced.done.put(error)

    threading.Thread(target=run, daemon=True).start()
    paced.result()
    paced.asked.put(2)
    steps, seconds = paced.result()
    wanted = rounds_of(task.seconds, seconds / steps)

    def round_() -> dict[str, Any]:
        paced.asked.put(wanted)
        steps, seconds = paced.result()
        return {"items": steps * task.batch, "seconds": seconds}

    return round_


@cache
def _corpus(inputs: Path, tokens: int) -> Corpus:
    """Return the long reviews; where `tokens` exceed theirs, several in one."""
    from recurra.many_to_one.corpus import Corpus

    corpus = Corpus()
    content = feed.texts(inputs)
    several = -(-tokens // 200)
    for start in range(0, len(content["long"]) - several + 1, several):
        label = "positive" if content["labels"][start] else "negative"
        corpus.add(" ".join(content["long"][start : start + several]), label)
    corpus.seal()
    return corpus
