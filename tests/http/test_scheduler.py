"""Long computations take turns, and end when nobody waits for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from recurra.http.scheduler import SLICE_SECONDS, RoundRobin


class Clock:
    """A clock that each reading moves forward by half a slice."""

    now = 0.0

    def __call__(self) -> float:
        self.now += SLICE_SECONDS / 2
        return self.now


def test_computations_take_turns() -> None:
    done: list[str] = []
    counted: list[int] = []

    def work(name: str, count: int) -> Iterator[str]:
        for number in range(count):
            done.append(name)
            yield f"{name}{number}"

    async def run() -> list[str]:
        scheduler = RoundRobin(1, observe=lambda items, _: counted.append(items), clock=Clock())

        async def all_of(name: str, count: int) -> str:
            return "".join([item async for items in scheduler.run(work(name, count)) for item in items])

        results = await asyncio.gather(all_of("a", 5), all_of("b", 3), all_of("c", 0))
        assert scheduler.waiting == 0
        scheduler.close()
        return results

    assert asyncio.run(run()) == ["a0a1a2a3a4", "b0b1b2", ""]
    assert done[:8] == list("aabbaaba") and sum(counted) == 8


def test_a_computation_that_nobody_waits_for_gets_no_further_slice() -> None:
    done: list[int] = []

    def work() -> Iterator[int]:
        for number in range(10**9):
            done.append(number)
            yield number

    async def run() -> None:
        scheduler = RoundRobin(1)
        begun = asyncio.Event()

        async def reading() -> None:
            async for _ in scheduler.run(work()):
                begun.set()

        task = asyncio.create_task(reading())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [items async for items in scheduler.run(iter([1]))] == [[1]]  # the thread is free
        scheduler.close()

    asyncio.run(run())
    assert 0 < len(done) < 10**9


def test_room_is_expected_when_what_was_begun_has_taken_as_long_as_others() -> None:
    now = [0.0]

    def work(seconds: float, slices: int) -> Iterator[int]:
        for number in range(slices):
            now[0] += seconds / slices
            yield number

    async def run() -> None:
        scheduler = RoundRobin(1, clock=lambda: now[0])
        assert scheduler.retry_after() == 1
        assert len([batch async for batch in scheduler.run(work(30, 10))]) == 11
        assert scheduler.retry_after() == 1  # nothing waits
        begun = [scheduler.run(work(30, 10)) for _ in range(3)]
        for batches in begun:
            await anext(batches)
        assert scheduler.retry_after() == pytest.approx(3 * 27)  # of 30 s, each has had 3
        for batches in begun:
            await batches.aclose()
        assert scheduler.retry_after() == 1
        scheduler.close()

    asyncio.run(run())


def test_long_steps_hold_up_each_other_alone() -> None:
    let, begun = threading.Event(), threading.Event()

    def long() -> Iterator[int]:
        begun.set()
        assert let.wait(20)
        yield 1

    async def run() -> None:
        scheduler = RoundRobin(1)

        async def all_of(items: Iterator[int], *, long_steps: bool) -> list[int]:
            return [item async for batch in scheduler.run(items, long_steps=long_steps) for item in batch]

        held = [asyncio.create_task(all_of(long(), long_steps=True)) for _ in range(2)]
        await asyncio.to_thread(begun.wait, 20)
        assert await all_of(iter([1, 2, 3]), long_steps=False) == [1, 2, 3]
        let.set()
        assert await asyncio.gather(*held) == [[1], [1]]
        scheduler.close()

    asyncio.run(run())
