"""Round-robin scheduling of long computations: a few threads advance many of them, a time slice each.

A text is written token by token, and many texts are answered one after another: here such a computation is an iterator.
A thread advances it for a slice and puts it back at the end of the queue, so that a long text does not delay short
ones, and a computation that nobody waits for any more ends with its slice. Computations share no state.

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
        self._observe = observe
        self._clock = clock
        self._threads = threads
        self._scheduled = 0

    @property
    def waiting(self) -> int:
        """How many computations wait for their next slice."""
        return max(0, self._scheduled - self._threads)

    async def run(self, items: Iterator[Item]) -> AsyncIterator[list[Item]]:
        """Yield the items as they are computed, those of a slice together. Raises what `items` raises.

        Where the consumer is cancelled, the computation gets no further slice.
        """
        ended = False
        while not ended:
            self._scheduled += 1
            try:
                batch, ended = await asyncio.wrap_future(self._pool.submit(self._slice, items))
            finally:
                self._scheduled -= 1
            yield batch

    def close(self) -> None:
        """End the threads after their slices; what waits gets no further one."""
        self._pool.shutdown(cancel_futures=True)

    def _slice(self, items: Iterator[Item]) -> tuple[list[Item], bool]:
        """Return what is computed within a slice, one item at least, and whether that was the last of it."""
        started = self._clock()
        batch: list[Item] = []
        ended = True
        for item in items:
            batch.append(item)
            if self._clock() - started >= SLICE_SECONDS:
                ended = False
                break
        if self._observe is not None:
            self._observe(len(batch), self._clock() - started)
        return batch, ended
