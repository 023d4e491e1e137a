"""How many run, how many wait, and when there is likely room."""

from __future__ import annotations

import asyncio

import pytest

from recurra.http.errors import HTTPError
from recurra.many_to_one.http.limiter import Limiter


def test_beyond_those_that_run_and_wait_it_is_a_429_with_the_seconds_that_one_takes() -> None:
    now = [0.0]

    async def run() -> None:
        limiter = Limiter(1, waiting=1, clock=lambda: now[0])
        async with limiter:
            now[0] += 20
        running, let = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            async with limiter:
                running.set()
                await let.wait()

        tasks = [asyncio.create_task(hold()) for _ in range(2)]
        await running.wait()
        now[0] += 5
        with pytest.raises(HTTPError) as raised:
            async with limiter:
                pass
        assert raised.value.status == 429 and raised.value.headers["Retry-After"] == "15"
        let.set()
        await asyncio.gather(*tasks)
        async with limiter:
            pass

    asyncio.run(run())


def test_there_is_room_when_the_first_of_several_ends() -> None:
    now = [0.0]

    async def run() -> None:
        limiter = Limiter(2, waiting=0, clock=lambda: now[0])
        async with limiter:
            now[0] += 20
        let = asyncio.Event()

        async def hold() -> None:
            async with limiter:
                await let.wait()

        tasks = []
        for _ in range(2):
            tasks.append(asyncio.create_task(hold()))
            await asyncio.sleep(0)
            now[0] += 6
        assert limiter.retry_after() == 8  # 20 less the 12 of the first, not less the 6 of the second
        let.set()
        await asyncio.gather(*tasks)
        assert limiter.retry_after() == 1

    asyncio.run(run())


def test_one_that_gives_up_waiting_frees_its_place() -> None:
    async def run() -> None:
        limiter = Limiter(1, waiting=1)
        async with limiter:
            waiting = asyncio.create_task(limiter.__aenter__())
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            again = asyncio.create_task(limiter.__aenter__())
            await asyncio.sleep(0)
        await again

    asyncio.run(run())
