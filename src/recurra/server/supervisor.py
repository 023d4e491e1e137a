"""Several serving processes behind one socket: started, sent the signals, replaced when they die.

The parent holds the socket, so what connects while a worker is replaced waits for another one. It loads no model. It
also holds one end of a pipe whose other end every worker watches: where the parent is killed, the workers end too.
"""

from __future__ import annotations

import json
import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from recurra.errors import RecurraError
from recurra.http.metrics import SHARED_FOLDER
from recurra.http.options import ServeOptions
from recurra.server.process import set_up_logging

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
SOUND_SECONDS = 60.0
"""A worker that ran this long is replaced after the first pause, not a longer one."""

READY = b"ready\n"
_TICK_SECONDS = 0.1

log = logging.getLogger("recurra.serve")


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    pipe: int
    started: float
    ready: bool = False


class Supervisor:
    """Runs `options.workers` workers until a signal ends it."""

    def __init__(
        self,
        directory: Path,
        options: ServeOptions,
        listener: socket.socket,
        *,
        hosts: Sequence[str] | None,
        on_ready: Callable[[], None],
    ) -> None:
        self._options = options
        self._listener = listener
        self._on_ready = on_ready
        self._setup = json.dumps(
            {
                "directory": str(directory),
                "options": options.model_dump(mode="json"),
                "socket": listener.fileno(),
                "hosts": None if hosts is None else list(hosts),
            }
        )
        self._workers: list[_Worker | None] = [None] * options.workers
        self._due = [0.0] * options.workers
        self._pause = [FIRST_PAUSE_SECONDS] * options.workers
        self._announced = False
        self._signals: list[int] = []
        self._alive, self._held = os.pipe()

    def run(self) -> None:
        """Serve. Raises RecurraError where the workers cannot even start."""
        set_up_logging()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda number, _: self._signals.append(number))
        with tempfile.TemporaryDirectory(prefix="recurra-metrics-") as shared:
            try:
                while not self._stopping():
                    self._replace_missing(shared)
                    self._listen()
                    self._collect(Path(shared))
            finally:
                self._end()

    def _stopping(self) -> bool:
        """Pass SIGHUP on; return whether another signal has come."""
        while signal.SIGHUP in self._signals:
            self._signals.remove(signal.SIGHUP)
            self._send(signal.SIGHUP)
        return bool(self._signals)

    def _replace_missing(self, shared: str) -> None:
        for index, worker in enumerate(self._workers):
            if worker is None and time.monotonic() >= self._due[index]:
                self._workers[index] = self._start(shared)

    def _start(self, shared: str) -> _Worker:
        reading, writing = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-m", "recurra.server.worker", str(writing), str(self._alive)],
            stdin=subprocess.PIPE,
            pass_fds=(self._listener.fileno(), writing, self._alive),
            env={**os.environ, SHARED_FOLDER: shared},
            start_new_session=True,  # a Ctrl-C reaches the parent alone, which passes it on
        )
        os.close(writing)
        os.set_blocking(reading, False)
        assert process.stdin is not None
        with suppress(BrokenPipeError), process.stdin as stdin:  # it has ended already, and is replaced
            stdin.write(self._setup.encode())
        return _Worker(process, reading, time.monotonic())

    def _listen(self) -> None:
        """Wait a moment for a worker to become ready, or to end."""
        with selectors.DefaultSelector() as selector:
            for worker in self._workers:
                if worker is not None and not worker.ready:
                    selector.register(worker.pipe, selectors.EVENT_READ, worker)
            if not selector.get_map():
                time.sleep(_TICK_SECONDS)
                return
            for key, _ in selector.select(_TICK_SECONDS):
                key.data.ready = os.read(key.data.pipe, len(READY)) == READY
        if not self._announced and all(worker is not None and worker.ready for worker in self._workers):
            self._announced = True
            self._on_ready()

    def _collect(self, shared: Path) -> None:
        """Note the workers that have ended, and when to replace them."""
        for index, worker in enumerate(self._workers):
            if worker is None or worker.process.poll() is None:
                continue
            os.close(worker.pipe)
            self._workers[index] = None
            status = worker.process.returncode
            if not self._announced and status > 0:
                raise _CannotStart(status)
            _remove_gauges(shared, worker.process.pid)
            seconds = time.monotonic() - worker.started
            pause = FIRST_PAUSE_SECONDS if seconds >= SOUND_SECONDS else self._pause[index]
            self._pause[index] = min(2 * pause, LONGEST_PAUSE_SECONDS)
            self._due[index] = time.monotonic() + pause
            log.error("Worker %d ended with status %d; another one starts in %.1f s.", index + 1, status, pause)

    def _send(self, number: int) -> None:
        for worker in self._workers:
            if worker is not None and worker.process.poll() is None:
                worker.process.send_signal(number)

    def _end(self) -> None:
        """Have all workers drain, and wait for them; kill those that take too long."""
        self._listener.close()
        self._send(signal.SIGTERM)
        deadline = time.monotonic() + self._options.drain + 2 * LONGEST_PAUSE_SECONDS
        for worker in self._workers:
            if worker is None:
                continue
            try:
                while worker.process.poll() is None and time.monotonic() < deadline and len(self._signals) < 2:
                    try:
                        worker.process.wait(_TICK_SECONDS)
                    except subprocess.TimeoutExpired:
                        continue
            finally:
                if worker.process.poll() is None:
                    worker.process.kill()
                    worker.process.wait()
                os.close(worker.pipe)
        os.close(self._alive)
        os.close(self._held)


class _CannotStart(RecurraError):
    """The workers have written why to standard error."""

    def __init__(self, status: int) -> None:
        super().__init__("The workers cannot start; the reason is above.")
        self.exit_code = status


def _remove_gauges(shared: Path, process: int) -> None:
    """Remove the gauges of a worker that has ended; its counters stay in the sums."""
    for path in shared.glob(f"gauge_live*_{process}.db"):
        path.unlink(missing_ok=True)
