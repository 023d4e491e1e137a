"""The answers of a bulk scoring so far, in the folder `OUTPUT.partial` beside the output that they are for.

    journal.json              what is scored by what: input, model, options, versions; at the end, that all is scored
    FIRST-LAST.parquet        the answers to these rows, numbered from 0, all parts but the last of `PART_ROWS` rows
    lock                      held by the process at work
    output                    the output as it is being written, before it is put in its place

A part appears by one rename when it is whole and durable, so a kill at any moment costs the rows after the last part.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from recurra.data.tables.duckdb_paths import duckdb_path, sql_literal
from recurra.errors import OutputError
from recurra.storage.durable import sync, told
from recurra.storage.files import atomic_write
from recurra.tasks.classify.scoring import PIECE, Scored

if sys.platform != "win32":
    import fcntl

PART_ROWS = 32 * PIECE
"""Rows of a part: a few seconds of work."""

SCHEMA = 1
_JOURNAL, _LOCK, _STAGED, _WRITING = "journal.json", "lock", "output", "part.writing"
_PART = re.compile(r"(\d{12})-(\d{12})\.parquet")
_MEMORY = "128MB"


class Journal:
    """What has been answered for `output`, from which a later process can go on. Use as a context.

    identity: plain data by name that must be equal for two runs to be one. resume: go on where there is something to
    go on from. overwrite: drop an unfinished run. Raises OutputError where the folder is in use, is not ours, holds an
    unfinished run and neither is said, or one of another identity.
    """

    def __init__(
        self, output: Path, identity: Mapping[str, Any], *, resume: bool = False, overwrite: bool = False
    ) -> None:
        self.output = output
        self.folder = folder_of(output)
        self.parts: list[Path] = []
        self.rows = 0
        self.notes: dict[str, Any] | None = None
        """What `finish` was told; None while rows are left to answer."""
        self._identity = dict(identity)
        self._resume, self._overwrite = resume, overwrite
        self._lock = -1

    def __enter__(self) -> Journal:
        with told(self.output):
            try:
                self.folder.mkdir()
            except FileExistsError:
                if not self.folder.is_dir():
                    raise OutputError(f"Cannot use {self.folder}: a file is in the way. Move it.") from None
            self._take_lock()
            try:
                self._begin()
            except BaseException:
                if not (self.folder / _JOURNAL).exists():
                    self._remove()
                os.close(self._lock)
                raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        """Keep what can be gone on from, and nothing else."""
        with contextlib.suppress(OSError):
            for name in (_STAGED, _WRITING):
                (self.folder / name).unlink(missing_ok=True)
        if not self.rows and self.notes is None:
            self._remove()
        os.close(self._lock)

    def add(self, scored: Scored) -> None:
        """Keep the answers to the next rows, which are then safe from a kill."""
        path = self.folder / f"{self.rows:012}-{self.rows + len(scored) - 1:012}.parquet"
        writing = self.folder / _WRITING
        with told(self.output):
            with duckdb.connect(config={"threads": 1, "memory_limit": _MEMORY}) as connection:
                connection.register(
                    "scored",
                    {
                        "predicted": scored.predicted,
                        "probability": scored.probability,
                        "truncated": scored.truncated,
                    },
                )
                connection.execute(f"COPY (SELECT * FROM scored) TO {sql_literal(writing)} (FORMAT parquet)")
            sync(writing)
            writing.replace(path)
            sync(self.folder)
        self.parts.append(path)
        self.rows += len(scored)

    def finish(self, notes: Mapping[str, Any]) -> None:
        """Note that every row is answered, with what a later process needs to know of the reading."""
        self.notes = dict(notes)
        with told(self.output):
            self._write({"rows": self.rows, "notes": self.notes})

    def answers(self) -> Iterator[tuple[int, float, bool]]:
        """Yield (place of the label, probability, truncated) of each row."""
        if not self.parts:
            return
        with self.source() as (connection, source), told(self.output):
            result = connection.execute(f"SELECT predicted, probability, truncated FROM {source}")
            while batch := result.fetchmany(4096):
                yield from batch

    @contextmanager
    def source(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        """Give a connection and the SQL that names all answers, in order."""
        with duckdb_path(self.folder) as link, duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("SET enable_external_file_cache = false")
            yield connection, self.sql(link)

    def sql(self, link: Path) -> str:
        """Return the SQL that names all answers, the folder being found at `link`."""
        if not self.parts:
            return "(SELECT 0::INTEGER AS predicted, 0::DOUBLE AS probability, false AS truncated LIMIT 0)"
        return f"read_parquet([{', '.join(sql_literal(link / part.name) for part in self.parts)}])"

    @property
    def staged(self) -> Path:
        """Where the output is written before it is put in its place."""
        return self.folder / _STAGED

    def place(self) -> None:
        """Put the staged output in its place by one rename, and take the folder away."""
        with told(self.output):
            sync(self.staged)
            self._write({"rows": self.rows, "notes": self.notes, "placed": _place_of(self.staged)})
            self.staged.replace(self.output)
            sync(self.output.parent)
            self._remove()

    def _take_lock(self) -> None:
        self._lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        if sys.platform == "win32":
            return
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise OutputError(
                f"Another process is writing {self.output}. Wait for it, stop it, or choose another --output."
            ) from None

    def _begin(self) -> None:
        foreign = sorted(name for name in os.listdir(self.folder) if not _ours(name))
        if foreign:
            (self.folder / _LOCK).unlink()
            raise OutputError(
                f"Cannot use {self.folder}: it holds {foreign[0]!r}, which is not part of an unfinished run. Move it."
            )
        journal = self.folder / _JOURNAL
        if journal.exists() and not self._overwrite and not self._resume:
            raise OutputError(
                f"An unfinished run for {self.output} lies in {self.folder}. Go on with it by --resume, or start anew "
                "with --overwrite."
            )
        if journal.exists() and self._resume:
            self._go_on(journal)
            return
        for name in os.listdir(self.folder):
            if name != _LOCK:
                (self.folder / name).unlink()
        self._write({})

    def _go_on(self, journal: Path) -> None:
        try:
            kept = json.loads(journal.read_text(encoding="utf-8"))
            identity, schema, finished = kept["identity"], kept["schema"], kept.get("finished", {})
            if schema != SCHEMA or not isinstance(identity, dict):
                raise ValueError(f"schema {schema}")
        except (ValueError, KeyError, TypeError) as error:
            raise OutputError(
                f"{journal} cannot be gone on from ({error}). Start anew with --overwrite in place of --resume."
            ) from None
        changes = _changes(identity, json.loads(json.dumps(self._identity)))
        if changes:
            raise OutputError(
                f"The unfinished run in {self.folder} is another: {'; '.join(changes)}. Give what was given then, or "
                "start anew with --overwrite in place of --resume."
            )
        self.notes = finished.get("notes")
        for name in sorted(os.listdir(self.folder)):
            found = _PART.fullmatch(name)
            if found is None:
                continue
            first, last = int(found[1]), int(found[2])
            whole = last - first + 1 == PART_ROWS or self.notes is not None
            if first == self.rows and whole:
                self.parts.append(self.folder / name)
                self.rows = last + 1
            else:  # a last part whose end was not noted: these rows are answered again
                (self.folder / name).unlink()
        if self.notes is not None and self.rows != finished.get("rows"):
            raise OutputError(
                f"{self.folder} has lost answers: {self.rows:,} of {finished.get('rows')}. Start anew with "
                "--overwrite in place of --resume."
            )

    def _write(self, finished: Mapping[str, Any]) -> None:
        plain = {"schema": SCHEMA, "identity": self._identity} | ({"finished": finished} if finished else {})
        atomic_write(self.folder / _JOURNAL, json.dumps(plain, indent=1).encode() + b"\n")

    def _remove(self) -> None:
        """Take away what is ours in the folder, and the folder if nothing else is in it."""
        with contextlib.suppress(OSError):
            for name in filter(_ours, os.listdir(self.folder)):
                (self.folder / name).unlink()
            self.folder.rmdir()


def placed_rows(output: Path) -> int | None:
    """Return how many rows `output` has where a run was killed after it put it in its place, and clear up after it."""
    folder = folder_of(output)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        finished = json.loads((folder / _JOURNAL).read_text(encoding="utf-8"))["finished"]
        if finished["placed"] == _place_of(output):
            for name in filter(_ours, os.listdir(folder)):
                (folder / name).unlink()
            folder.rmdir()
            return int(finished["rows"])
    return None


def _place_of(path: Path) -> list[int]:
    state = path.stat()
    return [state.st_ino, state.st_size, state.st_mtime_ns]


def folder_of(output: Path) -> Path:
    """Return the folder of an unfinished run."""
    return output.with_name(output.name + ".partial")


def _ours(name: str) -> bool:
    known = name in (_JOURNAL, _LOCK, _STAGED, _WRITING) or _PART.fullmatch(name) is not None
    return known or name.startswith((f".{_JOURNAL}.", f"{_STAGED}."))


def _changes(then: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Say what differs between two identities, name by name."""
    found = []
    for name in sorted({*then, *now}):
        before, after = then.get(name), now.get(name)
        if isinstance(before, dict) and isinstance(after, dict):
            found += _changes(before, after, f"{prefix}{name} ")
        elif before != after:
            found.append(f"{prefix}{name} was {json.dumps(before)} and is now {json.dumps(after)}")
    return found
