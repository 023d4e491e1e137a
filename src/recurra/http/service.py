"""What answers requests, whatever the model's task: options, keys, model, scheduler, metrics, admission control."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fastapi import APIRouter

from recurra.errors import OptionError
from recurra.http import errors
from recurra.http.keys import Keys, read_keys
from recurra.http.metrics import Metrics
from recurra.http.model_reloader import ModelReloader, ServedModel
from recurra.http.options import ServeOptions
from recurra.http.scheduler import RoundRobin
from recurra.inference.threads import processor_count
from recurra.storage import model_directory

log = logging.getLogger("recurra.serve")

Result = TypeVar("Result")

RELOAD_SECONDS = 1.0
"""How long a server that ends waits for a model that is being loaded."""


@dataclass(frozen=True)
class Backend:
    """What answers the requests for one task's model.

    routers: its routes. queue: (requests, tokens) that wait in a queue of its own. retry_after: seconds until that
    queue likely has room. close: computes what waits there and ends its threads.
    """

    routers: tuple[APIRouter, ...] = ()
    queue: Callable[[], tuple[int, int]] = lambda: (0, 0)
    retry_after: Callable[[], float] = lambda: 1.0
    close: Callable[[], None] = lambda: None


class Service:
    """The parts of a server that all routes use.

    in_flight: requests being answered, including those whose body is still arriving. working: those that were read and
    are queued, computed or written; `max_queue` limits them. draining: set when the server is to end; it accepts
    nothing new then. aborting: set when the time to drain is over; what is still streamed ends with an error.
    """

    def __init__(self, directory: Path, options: ServeOptions, load: Callable[[Path], ServedModel]) -> None:
        """load: reads a model directory; raises ArtefactError.

        Raises OptionError for a key file that cannot be used, ArtefactError for what is no model directory. Only the
        model's task is read here, which stays as it is; `reloader.load` loads the model.
        """
        self.options = options
        self.name = options.name or directory.absolute().name
        self.keys: Keys | None = read_keys(options.api_key_file) if options.api_key_file else None
        self.task: str = model_directory.read_manifest(directory).task
        self.metrics = Metrics()
        self.reloader = ModelReloader(directory, load, task=self.task, on_reload=self.metrics.count_reload)
        self.threads = options.threads or max(1, processor_count() // options.workers)
        self.scheduler = RoundRobin(self.threads, observe=self.metrics.observe_slice)
        self.backend = Backend()
        self._pool = ThreadPoolExecutor(self.threads + 2, thread_name_prefix="recurra-serve")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="recurra-read")
        self.in_flight = 0
        self.working = 0
        self.draining = False
        self.aborting = False

    def close(self) -> None:
        """End the threads; what waits is computed first."""
        self.reloader.close(RELOAD_SECONDS)
        self.backend.close()
        self.scheduler.close()
        self._pool.shutdown(cancel_futures=True)
        self._reader.shutdown(cancel_futures=True)

    @property
    def ready(self) -> bool:
        """Whether a request for the model would be accepted."""
        return self.reloader.current is not None and not self.draining

    def current_model(self) -> ServedModel:
        """Return the model of this moment. Raises HTTPError 503 before the first one is loaded."""
        if self.reloader.current is None:
            raise errors.model_loading()
        return self.reloader.current

    def reload_keys(self) -> None:
        """Read the key file again; keys that cannot be used change nothing."""
        if self.options.api_key_file:
            try:
                self.keys = read_keys(self.options.api_key_file)
            except OptionError as error:
                log.error("The API keys stay as they are. %s", error)

    def check_capacity(self) -> None:
        """Raise HTTPError 429 where the server is full: at once, before a request is read."""
        if self.working >= self.options.max_queue:
            self.metrics.dropped.labels("overloaded").inc()
            raise errors.overloaded(max(self.backend.retry_after(), self.scheduler.retry_after()))

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Count a request as working. Raises HTTPError 429 where the server is full."""
        self.check_capacity()
        self.working += 1
        try:
            yield
        finally:
            self.working -= 1

    async def run_in_thread(self, function: Callable[[], Result]) -> Result:
        """Return what `function` returns, run in a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, function)

    async def read_in_thread(self, function: Callable[[], Result]) -> Result:
        """Return what `function` makes of long texts, in the one thread for that.

        It holds the interpreter: several such threads would leave little of it to the event loop.
        """
        return await asyncio.get_running_loop().run_in_executor(self._reader, function)
