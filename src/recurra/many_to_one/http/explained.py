"""Explaining an answer in a thread, within the time that a server gives it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from recurra.many_to_one.http.served_texts import ServedTexts

Explanation = TypeVar("Explanation")


async def explained(texts: ServedTexts, explain: Callable[[], Explanation]) -> Explanation:
    """Return what `explain` returns, run in a thread. Raises TimeoutError after the server's timeout.

    An explanation that is being computed cannot be ended: it then keeps its place among those that run until it ends.
    """
    begun = False

    async def computed() -> Explanation:
        nonlocal begun
        async with texts.explanations:
            begun = True
            return await texts.service.run_in_thread(explain)

    task = asyncio.ensure_future(computed())
    try:
        async with asyncio.timeout(texts.service.options.timeout):
            return await asyncio.shield(task)
    finally:
        if not begun:
            task.cancel()
        task.add_done_callback(_ignore_outcome)


def _ignore_outcome(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()  # which nobody waits for any more
