"""The model that answers, and its hot reload: it is swapped for a newer one while requests run.

A request takes the current model once and uses it to the end, so an answer comes wholly from one model. A directory
that cannot be loaded changes nothing: the current model stays, and the reason is kept.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from recurra.errors import ArtefactError, RecurraError
from recurra.http.errors import location_of
from recurra.storage.model_directory import LIMITS, MANIFEST, Label, Manifest

REPORT = "report.html"
POLL_SECONDS = 1.0

Signature = tuple[tuple[object, ...], ...]

log = logging.getLogger("recurra.serve")


@dataclass(frozen=True)
class ServedModel:
    """A loaded model with what else its directory has. model: of its task's class; parameters: of its network."""

    model: Any
    manifest: Manifest
    parameters: int
    report: bytes | None

    @property
    def task(self) -> str:
        """The model's task."""
        return self.manifest.task

    @property
    def digest(self) -> str:
        """The manifest's digest, which identifies the model."""
        return self.manifest.digest

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """The labels of a model that has some."""
        return tuple(self.manifest.labels)

    @cached_property
    def label_names(self) -> tuple[str, ...]:
        """The labels as keys of a JSON object."""
        return tuple(map(str, self.labels))

    @property
    def summary(self) -> dict[str, Any]:
        """What `/model` returns of a model of any task."""
        return {
            "digest": self.digest,
            "created": self.manifest.created,
            "recurra": self.manifest.recurra,
            "task": self.task,
            "labels": list(self.labels),
            "network": self.manifest.network,
            "parameters": self.parameters,
            "report": self.report is not None,
            "metrics": self.manifest.metrics,
        }


class ModelReloader:
    """Holds the current model, and loads it again when its directory changes.

    load: reads a model directory; raises ArtefactError. task: that of every model (None: any). on_reload: called with
    True or False after each attempt to reload, from the thread that loads.
    """

    def __init__(
        self,
        directory: Path,
        load: Callable[[Path], ServedModel],
        *,
        task: str | None = None,
        on_reload: Callable[[bool], None] = lambda sound: None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self.directory = directory
        self.task = task
        self.current: ServedModel | None = None
        self.reloads = 0
        self.failed_reloads = 0
        self.last_error: str | None = None
        self.loaded_at: str | None = None
        self._load = load
        self._on_reload = on_reload
        self._poll_seconds = poll_seconds
        self._signature: Signature = ()
        self._wake = threading.Event()
        self._closed = False
        self._reloading = threading.Lock()
        self._thread: threading.Thread | None = None

    def load(self) -> None:
        """Load the first model. Raises ArtefactError."""
        self.swap(self._read())

    def swap(self, model: ServedModel) -> None:
        """Let `model` answer from the next request on."""
        self.current = model
        self.loaded_at = datetime.now(UTC).isoformat(timespec="seconds")

    def reload(self) -> bool:
        """Load the directory again; return whether it was sound. If not, the current model stays."""
        with self._reloading:
            try:
                model = self._read()
            except Exception as error:  # whatever it is, the watching goes on, and so does the model in use
                self.last_error = str(error) if isinstance(error, RecurraError) else location_of(error)
                self.failed_reloads += 1
                log.error("The model could not be loaded again; the one in use stays. %s", self.last_error)
                self._on_reload(False)
                return_memory()
                return False
            self.swap(model)
            return_memory()
            self.last_error = None
            self.reloads += 1
            log.info("The model was loaded again: manifest digest %s.", model.digest[:12])
            self._on_reload(True)
            return True

    def watch(self) -> None:
        """Watch the directory in a thread: a change, or `request_reload`, loads it again."""
        self._thread = threading.Thread(target=self._watch, name="recurra-model", daemon=True)
        self._thread.start()

    def request_reload(self) -> None:
        """Have the watching thread load the directory again, changed or not."""
        self._wake.set()

    def close(self, seconds: float | None = None) -> None:
        """End the watching thread. seconds: how long to wait for it, since a load under way is finished first."""
        self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def state(self) -> dict[str, Any]:
        """Return how loading went: counts, times and the last error."""
        return {
            "loaded_at": self.loaded_at,
            "reloads": self.reloads,
            "failed_reloads": self.failed_reloads,
            "last_error": self.last_error,
        }

    def _read(self) -> ServedModel:
        self._signature = signature(self.directory)
        model = self._load(self.directory)
        if self.task is not None and model.task != self.task:
            raise ArtefactError(
                f"{self.directory} now holds a model of the task {model.task!r}; this server was started with one of "
                f"the task {self.task!r}, whose routes and page it has. Put such a model there, or start the server "
                "again."
            )
        return model

    def _watch(self) -> None:
        while True:
            requested = self._wake.wait(self._poll_seconds)
            self._wake.clear()
            if self._closed:
                return
            if requested or self._changed():
                self.reload()

    def _changed(self) -> bool:
        """Return whether the directory was replaced, or a file in it, since it was last read."""
        current = signature(self.directory)
        return bool(current) and current != self._signature


def return_memory() -> None:
    """Free what is only held in cycles, and give free memory back to the system where its C library can (glibc).

    Otherwise a process keeps what two models and the reading of one took.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def signature(directory: Path) -> Signature:
    """Return what changes with the files of a model directory, without reading them; () where there is no manifest.

    A directory that is being replaced has none for a moment, which is no error.
    """
    files: list[tuple[object, ...]] = []
    try:
        folder = directory.stat()
        for name in (MANIFEST, *LIMITS):
            try:
                state = (directory / name).stat()
            except FileNotFoundError:
                continue
            files.append((name, state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns))
    except OSError:
        return ()
    if not files or files[0][0] != MANIFEST:
        return ()
    return ((folder.st_dev, folder.st_ino), *files)
