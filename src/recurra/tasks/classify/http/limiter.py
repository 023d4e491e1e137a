"""A limit on how many run at one time and how many wait for that."""

from __future__ import annotations

import asyncio

from recurra.http import errors


class Limiter:
    """`async with limiter`: at most `running` at one time and `waiting` more. Raises HTTPError 429 beyond."""

    def __init__(self, running: int, *, waiting: int) -> None:
        self._running = asyncio.Semaphore(running)
        self._free = running + waiting

    async def __aenter__(self) -> None:
        if self._free == 0:
            raise errors.overloaded(1)
        self._free -= 1
        try:
            await self._running.acquire()
        except BaseException:
            self._free += 1
            raise

    async def __aexit__(self, *_: object) -> None:
        self._free += 1
        self._running.release()
