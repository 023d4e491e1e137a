"""A model that answers whole texts behind its routes: its micro-batcher and its limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from recurra.http import errors
from recurra.http.body import wait_for_disconnect
from recurra.http.model_reloader import ServedModel
from recurra.http.service import Service
from recurra.many_to_one.engines.engine import Sequences
from recurra.many_to_one.given import Item
from recurra.many_to_one.http.batching import Batcher, Closed, Expired, QueueFull
from recurra.many_to_one.http.limiter import Limiter
from recurra.text.tokenizer import Encoding

INLINE_CHARACTERS = 20_000
"""Texts up to this total length, 2 ms of tokenising, are tokenised in the event loop; more of them in a thread."""


@dataclass(frozen=True)
class TextAnswers:
    """Answers to N texts by one model. answers [N, K] float64, as the link of the model makes them."""

    model: ServedModel
    encodings: list[Encoding]
    answers: NDArray[np.float64]


class ServedTexts:
    """A service's model that answers whole texts."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.batcher = Batcher(
            threads=service.threads,
            max_requests=service.options.max_queue,
            max_tokens=service.options.max_queue_tokens,
            observe=self._observe,
        )
        self.explanations = Limiter(service.threads, waiting=4 * service.threads)
        self.uploads = Limiter(1, waiting=0)

    async def answer(
        self, texts: Sequence[Item], receive: Receive | None = None, model: ServedModel | None = None
    ) -> TextAnswers:
        """Return the answers of one model to `texts`, batched with those of concurrent requests.

        receive: the request's, after its body was read; it reports when the client has disconnected. model: the one
        that the request began with (None: the current one).
        Raises HTTPError 429, 503 or 504, or ClientDisconnect, after which nothing of the request is computed.
        """
        deadline = time.monotonic() + self.service.options.timeout
        model = model or self.service.current_model()
        with self.service.slot():
            encodings = await self._encode(model, texts)
            future = self._submit(model, encodings, deadline)
            answers = await self._wait(future, deadline, receive)
        return TextAnswers(model, encodings, model.model.link.settled(answers))

    async def _encode(self, model: ServedModel, texts: Sequence[Item]) -> list[Encoding]:
        encode = model.model.encoding
        if sum(map(len, texts)) <= INLINE_CHARACTERS:
            return [encode(text) for text in texts]
        return await self.service.read_in_thread(lambda: [encode(text) for text in texts])

    def _submit(self, model: ServedModel, texts: Sequences, deadline: float) -> Future[Any]:
        metrics = self.service.metrics
        try:
            future = self.batcher.submit(model.model.engine, texts, deadline)
        except QueueFull as full:
            metrics.dropped.labels("overloaded").inc()
            raise errors.overloaded(full.retry_after) from None
        except Closed:
            raise errors.shutting_down() from None
        metrics.set_queue(*self.batcher.waiting)
        return future

    async def _wait(self, future: Future[Any], deadline: float, receive: Receive | None) -> NDArray[np.float32]:
        """Return the answers [N, K], unless the deadline passes or the client disconnects before."""
        loop = asyncio.get_running_loop()
        first: asyncio.Future[None] = loop.create_future()

        def settle(_: object = None) -> None:
            if not first.done():
                first.set_result(None)

        future.add_done_callback(lambda _: loop.call_soon_threadsafe(settle))
        timer = loop.call_later(deadline - time.monotonic(), settle)
        disconnect = asyncio.ensure_future(wait_for_disconnect(receive)) if receive is not None else None
        if disconnect is not None:
            disconnect.add_done_callback(settle)
        dropped = self.service.metrics.dropped
        try:
            await first
            if future.done():
                answers: NDArray[np.float32] = future.result()
                return answers
            if disconnect is not None and disconnect.done():
                dropped.labels("abandoned").inc()
                raise ClientDisconnect
            raise Expired
        except Expired:
            dropped.labels("expired").inc()
            raise errors.timed_out(self.service.options.timeout) from None
        finally:
            future.cancel()
            timer.cancel()
            if disconnect is not None:
                disconnect.cancel()

    def _observe(self, requests: int, rows: int, tokens: int, seconds: float) -> None:
        self.service.metrics.observe_batch(requests, rows, tokens, seconds)
        self.service.metrics.set_queue(*self.batcher.waiting)
