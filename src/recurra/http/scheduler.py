"""Long work in short turns: threads that advance many pieces of work, each a moment at a time.

What a model writes comes step by step, and so does what it says of many texts. Here such work is an iterator. A thread
takes it for a moment and puts it back at the end of the line, so that a long text holds up no short one, and work that
nobody waits for any more ends with its moment. Each work has a state of its own; the threads share nothing else.

Knows no web framework, as the batcher does not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")

TURN_SECONDS = 0.03
"""How long work is advanced before others have their turn; a single step may take longer."""


class Steps:
    """Threads that take turns at all work that is under way.

    threads: turns at one time. observe: called after each turn with (items, seconds).
    """

    def __init__(
        self,
        threads: int,
        *,
        observe: Callable[[int, float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="recurra-step")
        self._observe = observe
        self._clock = clock
        self._threads = threads
        self._under_way = 0

    @property
    def waiting(self) -> int:
        """How much work waits for its turn at this moment."""
        return max(0, self._under_way - self._threads)

    async def of(self, work: Iterator[Item]) -> AsyncIterator[list[Item]]:
        """Yield the items of `work` as they come, those of a turn together. Raises what `work` raises.

        Where the one who waits is cancelled, `work` has no further turn.
        """
        ended = False
        while not ended:
            self._under_way += 1
            try:
                items, ended = await asyncio.wrap_future(self._pool.submit(self._turn, work))
            finally:
                self._under_way -= 1
            yield items

    def close(self) -> None:
        """End the threads after their turns; work that waits has no further one."""
        self._pool.shutdown(cancel_futures=True)

    def _turn(self, work: Iterator[Item]) -> tuple[list[Item], bool]:
        """Return what `work` gives within a turn, one item at least, and whether it has ended."""
        started = self._clock()
        items: list[Item] = []
        ended = True
        for item in work:
            items.append(item)
            if self._clock() - started >= TURN_SECONDS:
                ended = False
                break
        if self._observe is not None:
            self._observe(len(items), self._clock() - started)
        return items, ended
