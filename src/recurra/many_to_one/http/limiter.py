"""A limit on how many run at one time and how many wait for that."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from recurra.http import errors


class Limiter:
    """`async with limiter`: at most `running` at one time and `waiting` more. Raises HTTPError 429 beyond.

    The error tells the seconds after which there is likely room, from how long those before took.
    """

    def __init__(self, running: int, *, waiting: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = running
        self._running = asyncio.Semaphore(running)
        self._free = running + waiting
        self._clock = clock
        self._begun: dict[asyncio.Task[object] | None, float] = {}
        self._mean_seconds = 0.0

    def retry_after(self) -> float:
        """Return the seconds until one of those that run has likely ended; at least 1."""
        now = self._clock()
        return max(1.0, min((self._mean_seconds - (now - begun) for begun in self._begun.values()), default=0.0))

    async def __aenter__(self) -> None:
        if self._free == 0:
            raise errors.overloaded(self.retry_after())
        self._free -= 1
        try:
            await self._running.acquire()
        except BaseException:
            self._free += 1
            raise
        self._begun[asyncio.current_task()] = self._clock()

    async def __aexit__(self, *_: object) -> None:
        seconds = self._clock() - self._begun.pop(asyncio.current_task())
        self._mean_seconds += (seconds - self._mean_seconds) * (0.1 if self._mean_seconds else 1)
        self._free += 1
        self._running.release()
