"""The server's parts together: options, keys, model, batcher, figures. What the routes call."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from starlette.requests import ClientDisconnect

from recurra.errors import OptionError
from recurra.http import errors
from recurra.http.batching import Batcher, Closed, Expired, QueueFull
from recurra.http.keys import Keys, read_keys
from recurra.http.metrics import Metrics
from recurra.http.model_reloader import ModelHolder, Served
from recurra.http.options import ServeOptions
from recurra.http.scheduler import Steps
from recurra.inference.threads import processor_count
from recurra.storage import model_directory
from recurra.text.words import Encoding

INLINE_CHARACTERS = 20_000
"""Texts up to here, 2 ms of tokenising, are tokenised where they arrive; more of them in a thread."""

log = logging.getLogger("recurra.serve")

Receive = Callable[[], Awaitable[Any]]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Answers:
    """Answers for N texts by one model. probabilities [N, K] float64, each row sums to 1."""

    served: Served
    encodings: list[Encoding]
    probabilities: NDArray[np.float64]


class Turns:
    """A few at a time, and a few more that wait their turn: `async with turns`. Raises HTTPError 429 for the rest."""

    def __init__(self, at_once: int, *, waiting: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._room = at_once + waiting

    async def __aenter__(self) -> None:
        if self._room == 0:
            raise errors.overloaded(1)
        self._room -= 1
        try:
            await self._free.acquire()
        except BaseException:
            self._room += 1
            raise

    async def __aexit__(self, *_: object) -> None:
        self._room += 1
        self._free.release()


class Service:
    """All that answers a request, without a word about HTTP's routes.

    in_flight: requests being answered, those whose body is still coming among them. working: those that were read and
    wait for the engine, are computed, or wait to be written; they are what `max_queue` bounds. draining: set when the
    server is to end; nothing new is let in then.
    """

    def __init__(self, directory: Path, options: ServeOptions) -> None:
        """Raises OptionError for a key file that cannot be used, ArtefactError for what is no model directory.

        Loads no model yet, `holder.load` does; only its task is read, which stays as it is.
        """
        self.options = options
        self.name = options.name or directory.absolute().name
        self.keys: Keys | None = read_keys(options.api_key_file) if options.api_key_file else None
        self.task: str = model_directory.read_manifest(directory).task
        self.metrics = Metrics()
        self.holder = ModelHolder(directory, task=self.task, on_reload=self.metrics.reloaded)
        self.threads = options.threads or max(1, processor_count() // options.workers)
        self.batcher = Batcher(
            threads=self.threads,
            max_requests=options.max_queue,
            max_tokens=options.max_queue_tokens,
            observe=self._ran,
        )
        self.steps = Steps(self.threads, observe=self.metrics.turn)
        self.pool = ThreadPoolExecutor(self.threads + 2, thread_name_prefix="recurra-serve")
        self.explaining = Turns(self.threads, waiting=4 * self.threads)
        self.scoring = Turns(1, waiting=0)
        self.in_flight = 0
        self.working = 0
        self.streams = 0
        self.draining = False
        self.over = False

    def close(self) -> None:
        """End the threads; what waits is computed first."""
        self.holder.close()
        self.batcher.close()
        self.steps.close()
        self.pool.shutdown(cancel_futures=True)

    @property
    def ready(self) -> bool:
        """Whether a request for the model would be taken."""
        return self.holder.current is not None and not self.draining

    def served(self) -> Served:
        """Return the model of this moment. Raises HTTPError 503 before the first one is loaded."""
        if self.holder.current is None:
            raise errors.model_loading()
        return self.holder.current

    def reload_keys(self) -> None:
        """Read the key file again; keys that cannot be used change nothing."""
        if self.options.api_key_file:
            try:
                self.keys = read_keys(self.options.api_key_file)
            except OptionError as error:
                log.error("The API keys stay as they are. %s", error)

    @property
    def full(self) -> bool:
        """Whether as many requests are at work as may be."""
        return self.working >= self.options.max_queue

    def admit(self) -> None:
        """Raise HTTPError 429 where the server is full: at once, before a request is read."""
        if self.full:
            self.metrics.dropped.labels("overloaded").inc()
            raise errors.overloaded(self.batcher.retry_after())

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold the place of a request at work. Raises HTTPError 429 where there is none."""
        self.admit()
        self.working += 1
        try:
            yield
        finally:
            self.working -= 1

    async def answer(self, texts: Sequence[str], receive: Receive | None = None) -> Answers:
        """Return the answers of one model for `texts`, together with whoever else asks now.

        receive: the request's, after its body was read; it tells when the client has gone.
        Raises HTTPError 429, 503 or 504, or ClientDisconnect, after which nothing of the request is computed.
        """
        deadline = time.monotonic() + self.options.timeout
        served = self.served()
        with self.place():
            encodings = await self._encoded(served, texts)
            ids = [encoding.ids for encoding in encodings]
            rows = await self._awaited(self._submitted(served, ids, deadline), deadline, receive)
        precise = rows.astype(np.float64)
        precise /= precise.sum(axis=1, keepdims=True)
        return Answers(served, encodings, precise)

    async def _encoded(self, served: Served, texts: Sequence[str]) -> list[Encoding]:
        encode = served.model.tokenizer.encode
        if sum(map(len, texts)) <= INLINE_CHARACTERS:
            return [encode(text) for text in texts]
        return await self.in_thread(lambda: [encode(text) for text in texts])

    def _submitted(self, served: Served, ids: list[NDArray[np.int32]], deadline: float) -> Future[Any]:
        try:
            future = self.batcher.submit(served.model.engine, ids, deadline)
        except QueueFull as full:
            self.metrics.dropped.labels("overloaded").inc()
            raise errors.overloaded(full.retry_after) from None
        except Closed:
            raise errors.shutting_down() from None
        self.metrics.queue(*self.batcher.waiting)
        return future

    async def in_thread(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, run in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, work)

    def _ran(self, requests: int, rows: int, tokens: int, seconds: float) -> None:
        self.metrics.batch(requests, rows, tokens, seconds)
        self.metrics.queue(*self.batcher.waiting)

    async def _awaited(self, future: Future[Any], deadline: float, receive: Receive | None) -> NDArray[np.float32]:
        """Wait for the first of: the answer, the deadline, the client's leaving."""
        loop = asyncio.get_running_loop()
        first: asyncio.Future[None] = loop.create_future()

        def settle(_: object = None) -> None:
            if not first.done():
                first.set_result(None)

        future.add_done_callback(lambda _: loop.call_soon_threadsafe(settle))
        timer = loop.call_later(deadline - time.monotonic(), settle)
        gone = asyncio.ensure_future(departure(receive)) if receive is not None else None
        if gone is not None:
            gone.add_done_callback(settle)
        try:
            await first
            if future.done():
                rows: NDArray[np.float32] = future.result()
                return rows
            if gone is not None and gone.done():
                self.metrics.dropped.labels("abandoned").inc()
                raise ClientDisconnect
            raise Expired
        except Expired:
            self.metrics.dropped.labels("expired").inc()
            raise errors.timed_out(self.options.timeout) from None
        finally:
            future.cancel()
            timer.cancel()
            if gone is not None:
                gone.cancel()


async def departure(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
