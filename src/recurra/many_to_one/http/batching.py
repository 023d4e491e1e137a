"""The micro-batcher: requests that arrive while the engine is busy share its next runs.

An idle engine starts at once; nothing waits for a batch to fill. The queue is bounded in requests and in tokens, so
that an overload is rejected at once. A run takes a slice of a request's rows and puts the request back at the end, so
that a large request does not delay the small ones behind it. A request whose deadline has passed, or that was
cancelled, is dropped without being computed.

Knows no web framework: it takes sequences and returns `concurrent.futures.Future`s.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recurra.text.tokenizer import Encoding

Ids = NDArray[np.integer] | Encoding
Rows = NDArray[np.float32]

BATCH_TOKENS = 4096
"""Most tokens in one run; a single longer sequence runs alone."""

SLICE_TOKENS = BATCH_TOKENS // 4
"""Most tokens of one request in a run while others wait."""


class Engine(Protocol):
    """What computes (see `engines.engine.Engine`). Must be safe to call from several threads."""

    def run(self, sequences: Sequence[Ids], /) -> tuple[Rows, Rows]:
        """Return logits [N, outputs] and probabilities [N, K] of N sequences; a row does not depend on the others."""
        ...


class QueueFull(Exception):
    """The queue is full, in requests or in tokens. retry_after: seconds until there is likely room."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class Expired(Exception):
    """The request's deadline passed while it waited."""


class Closed(Exception):
    """The batcher takes no more requests."""


class _Job:
    """One request. taken, done: number of rows handed to an engine, and computed."""

    __slots__ = (
        "__weakref__",
        "deadline",
        "done",
        "engine",
        "future",
        "probabilities",
        "sequences",
        "taken",
        "tokens",
        "waiting",
    )

    def __init__(self, engine: Engine, sequences: Sequence[Ids], deadline: float) -> None:
        self.engine = engine
        self.sequences = sequences
        self.deadline = deadline
        self.future: Future[Rows] = Future()
        self.probabilities: Rows | None = None
        self.tokens = sum(map(len, sequences))
        self.taken = 0
        self.done = 0
        self.waiting = True


Batch = list[tuple[_Job, int, int]]
"""(request, first row, row after the last) of each part of a run."""


class Batcher:
    """Threads that run engines over what is queued.

    threads: runs at one time. max_requests, max_tokens: limits of the queue; an empty one accepts any request, however
    large. observe: called after each run with (requests, rows, tokens, seconds).
    """

    def __init__(
        self,
        *,
        threads: int,
        max_requests: int,
        max_tokens: int,
        observe: Callable[[int, int, int, float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.max_requests = max_requests
        self.max_tokens = max_tokens
        self._observe = observe
        self._clock = clock
        self._jobs: deque[_Job] = deque()
        self._change = threading.Condition()
        self._requests = 0
        self._tokens = 0
        self._tokens_per_second = 0.0
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"recurra-batch-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> tuple[int, int]:
        """How many requests and tokens wait, without those being computed."""
        return self._requests, self._tokens

    def retry_after(self) -> float:
        """Return the seconds that the engine is likely to need for what waits; at least 1."""
        rate = self._tokens_per_second
        return max(1.0, self._tokens / rate) if rate else 1.0

    def submit(self, engine: Engine, sequences: Sequence[Ids], deadline: float) -> Future[Rows]:
        """Queue a request and return the future of its probabilities [N, K].

        sequences: N >= 1 arrays of ids, none empty. deadline: by the batcher's clock. `cancel()` on the future frees
        the request's room in the queue. The future fails with Expired or with what the engine raised.
        Raises QueueFull or Closed.
        """
        job = _Job(engine, sequences, deadline)
        with self._change:
            if self._closed:
                raise Closed
            if self._requests and (self._requests >= self.max_requests or self._tokens + job.tokens > self.max_tokens):
                raise QueueFull(self.retry_after())
            self._jobs.append(job)
            self._requests += 1
            self._tokens += job.tokens
            self._change.notify()
        waiting = weakref.ref(job)  # a future that held its request would keep the engine, and so the model, alive
        job.future.add_done_callback(lambda _: self._leave(waiting()))
        return job.future

    def close(self, timeout: float | None = None) -> None:
        """Take no more requests, compute those that wait, and end the threads."""
        with self._change:
            self._closed = True
            self._change.notify_all()
        for thread in self._threads:
            thread.join(timeout)

    def _leave(self, job: _Job | None) -> None:
        """Free the room of a request that ended before all its rows were taken. Its entry is skipped later."""
        with self._change:
            if job is not None and job.waiting:
                self._stop_waiting(job)
                self._tokens -= sum(map(len, job.sequences[job.taken :]))

    def _stop_waiting(self, job: _Job) -> None:
        job.waiting = False
        self._requests -= 1

    def _work(self) -> None:
        while self._work_once():
            pass

    def _work_once(self) -> bool:
        """Wait for a batch and run it; return whether there may be more. A thread that waits holds on to no engine."""
        taken = self._take()
        if taken is None:
            return False
        batch, expired = taken
        for job in expired:
            _fail(job, Expired())
        if batch:
            self._run(batch)
        return True

    def _take(self) -> tuple[Batch, list[_Job]] | None:
        """Wait for work; return the parts of the next run and the requests that expired, or None at the end."""
        with self._change:
            while not self._jobs:
                if self._closed:
                    return None
                self._change.wait()
            batch: Batch = []
            expired: list[_Job] = []
            room, now = BATCH_TOKENS, self._clock()
            while self._jobs and room > 0:
                job = self._jobs.popleft()
                if not job.waiting:
                    continue
                if job.deadline <= now:
                    expired.append(job)
                    continue
                if batch and job.engine is not batch[0][0].engine:
                    self._jobs.appendleft(job)
                    break
                first, share = job.taken, min(room, SLICE_TOKENS) if self._jobs else room
                while job.taken < len(job.sequences):
                    length = len(job.sequences[job.taken])
                    if length > share and (batch or job.taken > first):
                        break
                    job.taken += 1
                    share -= length
                    room -= length
                    self._tokens -= length
                if job.taken > first:
                    batch.append((job, first, job.taken))
                if job.taken == len(job.sequences):
                    self._stop_waiting(job)
                elif job.taken == first:  # its next row does not fit: it comes first in the next run
                    self._jobs.appendleft(job)
                    break
                else:
                    self._jobs.append(job)
            if self._jobs:
                self._change.notify()
            return batch, expired

    def _run(self, batch: Batch) -> None:
        sequences = [sequence for job, first, end in batch for sequence in job.sequences[first:end]]
        started = self._clock()
        try:
            probabilities = batch[0][0].engine.run(sequences)[1]
        except Exception as error:
            if len(batch) > 1:  # one request must not fail the others
                for part in batch:
                    self._run([part])
            else:
                _fail(batch[0][0], error)
            return
        seconds = self._clock() - started
        tokens = sum(map(len, sequences))
        if seconds > 0:
            rate = tokens / seconds * len(self._threads)
            self._tokens_per_second += (rate - self._tokens_per_second) * (0.1 if self._tokens_per_second else 1)
        row = 0
        for job, first, end in batch:
            self._deliver(job, first, probabilities[row : row + end - first])
            row += end - first
        if self._observe is not None:
            self._observe(len({id(job) for job, _, _ in batch}), len(sequences), tokens, seconds)

    def _deliver(self, job: _Job, first: int, rows: Rows) -> None:
        with self._change:  # parts of one request may end at the same time on several threads
            if job.probabilities is None:
                job.probabilities = np.empty((len(job.sequences), rows.shape[1]), dtype=np.float32)
            job.probabilities[first : first + len(rows)] = rows
            job.done += len(rows)
            whole = job.done == len(job.sequences)
        if whole:
            with suppress(InvalidStateError):  # cancelled meanwhile
                job.future.set_result(job.probabilities)


def _fail(job: _Job, error: Exception) -> None:
    with suppress(InvalidStateError):
        job.future.set_exception(error)
