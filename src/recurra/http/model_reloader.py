"""The model that answers, and its exchange for a newer one while requests run.

A request takes the current model once and uses it to the end, so an answer comes wholly from one model. A directory
that cannot be loaded changes nothing: the model in use stays, and the reason is kept for those who ask.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recurra.errors import ArtefactError, RecurraError
from recurra.storage import model_directory
from recurra.tasks.registry import SHAPES, load

REPORT = "report.html"
POLL_SECONDS = 1.0
_ATTEMPTS = 5

Signature = tuple[tuple[object, ...], ...]

log = logging.getLogger("recurra.serve")


@dataclass(frozen=True)
class Served:
    """A loaded model with what belongs to it.

    model: of the class that its task has; digest: of its manifest; names: its labels as JSON object keys.
    """

    model: Any
    task: str
    digest: str
    report: bytes | None
    summary: dict[str, Any]
    names: tuple[str, ...]
    labels: tuple[model_directory.Label, ...]


def load_served(directory: Path) -> Served:
    """Return the model in `directory` and its report, all of one artefact. Raises ArtefactError."""
    for _ in range(_ATTEMPTS):
        source = model_directory.read(directory, load=(REPORT,))
        model = load(directory, threads=1)  # the batcher has threads of its own
        manifest = model.manifest
        if manifest is not None and manifest.digest == source.manifest.digest:
            labels = tuple(manifest.labels)
            return Served(
                model=model,
                task=manifest.task,
                digest=manifest.digest,
                report=source.files.get(REPORT),
                summary=_summary(manifest),
                names=tuple(map(str, labels)),
                labels=labels,
            )
    raise ArtefactError(f"{directory} was replaced again and again while it was being read. Try again later.")


def _summary(manifest: model_directory.Manifest) -> dict[str, Any]:
    return {
        "digest": manifest.digest,
        "created": manifest.created,
        "recurra": manifest.recurra,
        "task": manifest.task,
        "labels": list(manifest.labels),
        "network": manifest.network,
        "parameters": manifest.network_as(SHAPES[manifest.task]).parameters,
        "report": REPORT in manifest.files,
        "metrics": manifest.metrics,
    }


class ModelHolder:
    """Holds the current model and looks after its directory.

    task: the one of which every model must be (None: of any). on_reload: called with True or False after each attempt
    to load, from the thread that loads.
    """

    def __init__(
        self,
        directory: Path,
        *,
        task: str | None = None,
        on_reload: Callable[[bool], None] = lambda sound: None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        self.directory = directory
        self.task = task
        self.current: Served | None = None
        self.reloads = 0
        self.failed_reloads = 0
        self.last_error: str | None = None
        self.loaded_at: str | None = None
        self._on_reload = on_reload
        self._poll_seconds = poll_seconds
        self._seen: Signature = ()
        self._asked = threading.Event()
        self._ended = False
        self._loading = threading.Lock()
        self._thread: threading.Thread | None = None

    def load(self) -> None:
        """Load the first model. Raises ArtefactError."""
        self._seen = signature(self.directory)
        self.exchange(self._loaded())

    def _loaded(self) -> Served:
        served = load_served(self.directory)
        if self.task is not None and served.task != self.task:
            raise ArtefactError(
                f"{self.directory} now holds a model of the task {served.task!r}; this server was started with one of "
                f"the task {self.task!r}, whose routes and page it has. Put such a model there, or start the server "
                "again."
            )
        return served

    def exchange(self, served: Served) -> None:
        """Let `served` answer from the next request on."""
        self.current = served
        self.loaded_at = datetime.now(UTC).isoformat(timespec="seconds")

    def reload(self) -> bool:
        """Load the directory again; return whether it was sound. The current model stays where it was not."""
        with self._loading:
            self._seen = signature(self.directory)
            try:
                served = self._loaded()
            except (RecurraError, OSError, MemoryError) as error:
                self.last_error = str(error)
                self.failed_reloads += 1
                log.error("The model could not be loaded again; the one in use stays. %s", error)
                self._on_reload(False)
                return False
            self.exchange(served)
            self.last_error = None
            self.reloads += 1
            log.info("The model was loaded again: manifest digest %s.", served.digest[:12])
            self._on_reload(True)
            return True

    def watch(self) -> None:
        """Begin to look after the directory, in a thread: a change or `ask` loads it again."""
        self._thread = threading.Thread(target=self._watch, name="recurra-model", daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Have the watching thread load the directory again, changed or not."""
        self._asked.set()

    def close(self) -> None:
        """End the watching thread."""
        self._ended = True
        self._asked.set()
        if self._thread is not None:
            self._thread.join()

    def state(self) -> dict[str, Any]:
        """Return how loading went: counts, times and the last error."""
        return {
            "loaded_at": self.loaded_at,
            "reloads": self.reloads,
            "failed_reloads": self.failed_reloads,
            "last_error": self.last_error,
        }

    def _watch(self) -> None:
        while True:
            asked = self._asked.wait(self._poll_seconds)
            self._asked.clear()
            if self._ended:
                return
            if asked or self._changed():
                self.reload()

    def _changed(self) -> bool:
        """Return whether the directory is another one since it was last looked at, or a file in it."""
        found = signature(self.directory)
        return bool(found) and found != self._seen


def signature(directory: Path) -> Signature:
    """Return what changes with the files of a model directory, without reading them; () where there is no manifest.

    A directory that is being replaced has none for a moment, which is no reason to complain.
    """
    found: list[tuple[object, ...]] = []
    try:
        folder = directory.stat()
        for name in (model_directory.MANIFEST, *model_directory.LIMITS):
            try:
                state = (directory / name).stat()
            except FileNotFoundError:
                continue
            found.append((name, state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns))
    except OSError:
        return ()
    if not found or found[0][0] != model_directory.MANIFEST:
        return ()
    return ((folder.st_dev, folder.st_ino), *found)
