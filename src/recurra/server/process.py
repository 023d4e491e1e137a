"""One serving process: its loop, its signals, and how it ends.

SIGTERM and SIGINT drain: accepted requests are answered, new ones rejected, then the process ends with status 0; a
second one ends it at once, whatever its threads compute. SIGHUP loads the model and the keys again. A worker whose
supervisor is gone frees the port and drains.

The loop is asyncio's own. uvloop answered no more requests in trials (the engine and the routes take the time), and it
accepts one connection an iteration: under load, new clients waited for seconds until they were accepted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any, NoReturn

import uvicorn

from recurra.errors import RecurraError
from recurra.http.body import MESSAGE_BYTES
from recurra.http.errors import location_of
from recurra.http.options import ServeOptions
from recurra.http.service import Service
from recurra.server.app import create_app
from recurra.server.http_limits import LimitedHttpProtocol
from recurra.server.model_loading import load_model
from recurra.server.websocket_handshake import QuietWebSocketProtocol

QUIET_SECONDS = 0.1
"""After the last accepted request: what reached the socket before still gets the error 503."""

LINGER_SECONDS = 2.0
"""How long new requests get that error at most, where they never pause."""

FLUSH_SECONDS = 5
"""For responses to reach slow clients, and for streams to be closed."""

SWITCH_SECONDS = 0.001
"""How long a thread that holds the interpreter may let the event loop wait; Python's own 5 ms add up under load."""

CLOSE_SECONDS = 5.0
"""How long to wait for the threads of a server that has ended; what runs in a graph cannot be ended."""

_BACKLOG = 2048

log = logging.getLogger("recurra.serve")


class _Server(uvicorn.Server):
    """uvicorn's server; signals are handled here, by the loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def serve_socket(
    directory: Path,
    options: ServeOptions,
    listener: socket.socket,
    *,
    hosts: Iterable[str] | None,
    on_ready: Callable[[], None],
    supervisor: int | None = None,
) -> None:
    """Serve until a signal ends it. on_ready: called once, when the model is loaded.

    supervisor: the reading end of a pipe that closes when the supervisor is gone, which ends the server too.
    Raises ArtefactError where the first model cannot be loaded, OptionError for a key file that cannot be used.
    """
    set_up_logging()
    sys.setswitchinterval(SWITCH_SECONDS)
    with asyncio.Runner() as runner:
        runner.run(_serve(directory, options, listener, hosts, on_ready, supervisor))


async def _serve(
    directory: Path,
    options: ServeOptions,
    listener: socket.socket,
    hosts: Iterable[str] | None,
    on_ready: Callable[[], None],
    supervisor: int | None,
) -> None:
    service = Service(directory, options, load_model)
    config = uvicorn.Config(
        create_app(service, hosts),
        http=LimitedHttpProtocol,
        ws=QuietWebSocketProtocol,
        ws_max_size=MESSAGE_BYTES,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=FLUSH_SECONDS,
    )
    server = _Server(config)
    ending, hurried = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_log_fault)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: _stop(service, server, ending, hurried))
    loop.add_signal_handler(signal.SIGHUP, lambda: _reload(service))
    if supervisor is not None:
        loop.add_reader(supervisor, lambda: _end_alone(service, server, ending, hurried, loop, supervisor))
    serving = asyncio.create_task(server.serve([listener]))
    draining = asyncio.create_task(_drain(service, server, ending))
    loading = asyncio.ensure_future(service.run_in_thread(service.reloader.load))
    try:
        await asyncio.wait({loading, serving}, return_when=asyncio.FIRST_COMPLETED)  # a signal may end it meanwhile
        if loading.done():
            loading.result()
            service.reloader.watch()
            on_ready()
    except RecurraError:
        server.should_exit = True
        raise
    finally:
        await serving
        if service.draining:
            log.info("Stopped.")
        draining.cancel()
        await _close(service, hurried)


async def _close(service: Service, hurried: asyncio.Event) -> None:
    """End the threads, but wait no longer than CLOSE_SECONDS, nor beyond a second signal."""
    loop, closed = asyncio.get_running_loop(), asyncio.Event()

    def close() -> None:
        service.close()
        with contextlib.suppress(RuntimeError):  # nobody waits any more
            loop.call_soon_threadsafe(closed.set)

    threading.Thread(target=close, name="recurra-close", daemon=True).start()
    waiting = [asyncio.ensure_future(event.wait()) for event in (closed, hurried)]
    _, unfinished = await asyncio.wait(waiting, timeout=CLOSE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for one in unfinished:
        one.cancel()


def _log_fault(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what no request answers for, without its message. That a client is gone is no fault."""
    error = context.get("exception")
    if not isinstance(error, OSError):
        log.error("The server failed: %s", context["message"] if error is None else location_of(error))


def _reload(service: Service) -> None:
    service.reload_keys()
    service.reloader.request_reload()


def _end_alone(
    service: Service,
    server: _Server,
    ending: asyncio.Event,
    hurried: asyncio.Event,
    loop: asyncio.AbstractEventLoop,
    supervisor: int,
) -> None:
    """End because the supervisor is gone: free the port at once for the next one, and drain."""
    loop.remove_reader(supervisor)
    log.error("The supervisor is gone; this worker ends.")
    for listening in getattr(server, "servers", ()):
        listening.close()
    if not service.draining:
        _stop(service, server, ending, hurried)


def _stop(service: Service, server: _Server, ending: asyncio.Event, hurried: asyncio.Event) -> None:
    if service.draining:
        service.aborting = True
        server.should_exit = server.force_exit = True
        hurried.set()
        return
    service.draining = True
    log.info("Stopping: %d requests are being answered, new ones are refused.", service.in_flight)
    ending.set()


async def _drain(service: Service, server: _Server, ending: asyncio.Event) -> None:
    """End the server when what was accepted is answered, and nothing new arrived for a moment."""
    await ending.wait()
    loop = asyncio.get_running_loop()
    deadline = loop.time() + service.options.drain
    while service.in_flight and loop.time() < deadline:
        await asyncio.sleep(QUIET_SECONDS / 10)
    lingering = min(deadline, loop.time() + LINGER_SECONDS)
    quiet_since, count = loop.time(), server.server_state.total_requests
    while loop.time() < lingering and loop.time() - quiet_since < QUIET_SECONDS:
        await asyncio.sleep(QUIET_SECONDS / 10)
        if service.in_flight or server.server_state.total_requests != count:
            quiet_since, count = loop.time(), server.server_state.total_requests
    service.aborting = True
    server.should_exit = True


def end_process(status: int = 0) -> NoReturn:
    """End a process that has stopped serving, without the interpreter's teardown.

    Everything is closed by then. The teardown would wait for threads inside native libraries, and was seen to hang
    there in one of some twenty ends under load.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # whoever read it may have gone
            stream.flush()
    os._exit(status)


def set_up_logging() -> None:
    """Write this package's log, and uvicorn's warnings, to standard error. No record holds text of a request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    for name, level in (("recurra", logging.INFO), ("uvicorn", logging.ERROR), ("asyncio", logging.ERROR)):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False
