"""Explanations that take too long: their client is told, and they keep their place until they end."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from recurra.many_to_one.http.limiter import Limiter
from recurra.tasks.classify.http.explain import explained


def test_an_explanation_that_takes_too_long_keeps_its_place() -> None:
    let, begun = threading.Event(), []

    def explain() -> Any:
        begun.append(1)
        assert let.wait(20)
        return "explanation"

    async def run() -> None:
        service = SimpleNamespace(options=SimpleNamespace(timeout=0.01), run_in_thread=asyncio.to_thread)
        classifier: Any = SimpleNamespace(service=service, explanations=Limiter(1, waiting=1))
        for _ in range(5):
            with pytest.raises(TimeoutError):
                await explained(classifier, explain)
        assert len(begun) == 1  # the others did not begin beside it
        let.set()
        service.options.timeout = 20
        assert await explained(classifier, explain) == "explanation"
        assert len(begun) == 2

    asyncio.run(run())
