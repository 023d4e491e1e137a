"""Round-robin scheduling of long computations: a few threads advance many of them, a time slice each.

A text is written token by token, and many texts are answered one after another: here such a computation is an iterator.
A thread advances it for a slice and puts it back at the end of the queue, so that a long text does not delay short
ones, and a computation that nobody waits for any more ends with its slice. Computations share no state. Those whose
single steps are known to be long have a thread of their own, so that they hold up each other alone.

Knows no web framework.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")

SLICE_SECONDS = 0.03
"""How long a computation is advanced before others are; a single step may take longer."""


class RoundRobin:
    """Threads that advance all running computations in turn.

    threads: slices at one time. observe: called after each slice with (items, seconds).
    """

    def __init__(
        self,
        threads: int,
        *,
        observe: Callable[[int, float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="recurra-slice")
        self._long_pool = ThreadPoolExecutor(1, thread_name_prefix="recurra-long")
        self._observe = observe
        self._clock = clock
        self._threads = threads
        self._scheduled = 0
        self._spent: dict[int, float] = {}
        self._mean_seconds = 0.0

    @property
    def waiting(self) -> int:
        """How many computations wait for their next slice."""
        return max(0, self._scheduled - self._threads)

    async def run(self, items: Iterator[Item], *, long_steps: bool = False) -> AsyncIterator[list[Item]]:
        """Yield the items as they are computed, those of a slice together. Raises what `items` raises.

        long_steps: whether a single item may take much longer than a slice.

        Where the consumer is cancelled, the computation gets no further slice.
        """
        ended = False
        pool = self._long_pool if long_steps else self._pool
        self._spent[id(items)] = 0.0
        try:
            while not ended:
                self._scheduled += 1
                try:
                    batch, ended, seconds = await asyncio.wrap_future(pool.submit(self._slice, items))
                finally:
                    self._scheduled -= 1
                self._spent[id(items)] += seconds
                if ended:
                    self._learn(self._spent[id(items)])
                yield batch
        finally:
            del self._spent[id(items)]

    def retry_after(self) -> float:
        """Return the seconds that the threads are likely to need for what was begun; at least 1.

        Each computation is taken to last as long as those that ended lately, or as the longest so far if none has.
        """
        whole = self._mean_seconds or max(self._spent.values(), default=0.0)
        return max(1.0, sum(max(0.0, whole - spent) for spent in self._spent.values()) / self._threads)

    def _learn(self, seconds: float) -> None:
        self._mean_seconds += (seconds - self._mean_seconds) * (0.1 if self._mean_seconds else 1)

    def close(self) -> None:
        """End the threads after their slices; what waits gets no further one."""
        self._pool.shutdown(cancel_futures=True)
        self._long_pool.shutdown(cancel_futures=True)

    def _slice(self, items: Iterator[Item]) -> tuple[list[Item], bool, float]:
        """Return what is computed in a slice, one item at least, whether that was the last of it, and its seconds."""
        started = self._clock()
        batch: list[Item] = []
        ended = True
        for item in items:
            batch.append(item)
            if self._clock() - started >= SLICE_SECONDS:
                ended = False
                break
        seconds = self._clock() - started
        if self._observe is not None:
            self._observe(len(batch), seconds)
        return batch, ended, seconds
