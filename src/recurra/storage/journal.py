"""The answers to the rows of a file so far, in the folder `OUTPUT.partial` beside the output that they are for.

    journal.json                what is answered by what: input, model, options, versions; at the end, that all is
    FIRST-LAST.DIGEST.parquet   the answers to these rows, numbered from 0; all parts but the last have `part_rows` rows
    lock                        held by the process at work
    output                      the output as it is being written, before it is put in its place

A part appears by one rename when it is whole and durable, so a kill at any moment costs the rows after the last part.
The name of a part and the journal state digests of themselves: answers that were damaged are answered again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from recurra.data.tables.duckdb_paths import duckdb_path, sql_literal, sql_name
from recurra.errors import OutputError
from recurra.storage.files import atomic_write, os_errors_as_output_error, sync_directory, sync_file

if sys.platform != "win32":
    import fcntl

SCHEMA = 1
_JOURNAL, _LOCK, _STAGED, _WRITING = "journal.json", "lock", "output", "part.writing"
_PART = re.compile(r"(\d{12})-(\d{12})(?:\.([0-9a-f]{32}))?\.parquet")
_MEMORY = "128MB"
_PART_ROWS = "rows a part"
_VALUES_AT_ONCE = 2**16

Columns = Mapping[str, Any]
"""Answers by column, each a sequence or an array with a value a row."""


@contextmanager
def write_errors_as_output_error(output: Path) -> Iterator[None]:
    """Turn what the system or DuckDB raises while `output` is written into an OutputError."""
    try:
        with os_errors_as_output_error(output):
            yield
    except duckdb.Error as error:
        with os_errors_as_output_error(output):
            raise _as_system_error(error) from None


def _as_system_error(error: duckdb.Error) -> OSError:
    """Return what the system told DuckDB: its number and its words where the message has them, else the first line.

    DuckDB writes `IO Error: Async write failed ...: {"exception_message": ..., "errno": "28"}`, or ends in the words.
    """
    message = str(error)
    if number := re.search(r'"errno"\s*:\s*"?(\d+)', message):
        return OSError(int(number[1]), os.strerror(int(number[1])))
    for number_of_words in errno.errorcode:
        if message.rstrip().endswith(f": {os.strerror(number_of_words)}"):
            return OSError(number_of_words, os.strerror(number_of_words))
    first = message.partition("\n")[0].partition("{")[0]
    return OSError(first[:200].rstrip(" .:") or type(error).__name__)


class Journal:
    """The answers for `output` so far, which a later process can continue. Use as a context.

    identity: plain data by name that must be equal for two runs to be one. columns: the SQL type of each column of
    answers. part_rows: how many rows a part has. resume: continue an unfinished run, if there is one. overwrite: drop
    an unfinished run. Raises OutputError where the folder is in use, is not ours, or holds an unfinished run that is
    neither to be continued nor dropped, or that has another identity.
    """

    def __init__(
        self,
        output: Path,
        identity: Mapping[str, Any],
        columns: Mapping[str, str],
        *,
        part_rows: int,
        resume: bool = False,
        overwrite: bool = False,
    ) -> None:
        self.output = output
        self.columns = dict(columns)
        self.part_rows = part_rows
        self.folder = folder_of(output)
        self.parts: list[Path] = []
        self.rows = 0
        self.notes: dict[str, Any] | None = None
        """The notes that `finish` took; None while rows are left to answer."""
        self._identity = dict(identity) | {_PART_ROWS: part_rows}
        self._resume, self._overwrite = resume, overwrite
        self._lock = -1

    def __enter__(self) -> Journal:
        with write_errors_as_output_error(self.output):
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
        """Keep what a later process can continue, and nothing else."""
        with contextlib.suppress(OSError):
            for name in (_STAGED, _WRITING):
                (self.folder / name).unlink(missing_ok=True)
        if not self.rows and self.notes is None:
            self._remove()
        os.close(self._lock)

    def add(self, columns: Columns) -> None:
        """Keep the answers to the next rows, which are then safe from a kill."""
        count = len(next(iter(columns.values())))
        writing = self.folder / _WRITING
        chosen = ", ".join(
            f"CAST({sql_name(name)} AS {kind}) AS {sql_name(name)}" for name, kind in self.columns.items()
        )
        with write_errors_as_output_error(self.output):
            with (
                duckdb_path(self.folder) as link,
                duckdb.connect(config={"threads": 1, "memory_limit": _MEMORY}) as connection,
            ):
                connection.register("answers", {name: _array(columns[name]) for name in self.columns})
                connection.execute(
                    f"COPY (SELECT {chosen} FROM answers) TO {sql_literal(link / _WRITING)} (FORMAT parquet)"
                )
            path = self.folder / f"{self.rows:012}-{self.rows + count - 1:012}.{_file_digest(writing)}.parquet"
            sync_file(writing)
            writing.replace(path)
            sync_directory(self.folder)
        self.parts.append(path)
        self.rows += count

    def finish(self, notes: Mapping[str, Any]) -> None:
        """Note that every row is answered, with what a later process needs to know of the answers."""
        self.notes = dict(notes)
        with write_errors_as_output_error(self.output):
            self._write({"rows": self.rows, "notes": self.notes})

    def answers(self) -> Iterator[tuple[Any, ...]]:
        """Yield the answers to each row, one value a column."""
        if not self.parts:
            return
        chosen = ", ".join(map(sql_name, self.columns))
        with self.source() as (connection, source), write_errors_as_output_error(self.output):
            result = connection.execute(f"SELECT {chosen} FROM {source}")
            while batch := result.fetchmany(max(16, min(4096, _VALUES_AT_ONCE // len(self.columns)))):
                yield from batch

    def total(self, expressions: Mapping[str, str]) -> dict[str, int]:
        """Return what each SQL aggregate over the answers' columns amounts to; 0 without rows."""
        if not expressions:
            return {}
        with self.source() as (connection, source), write_errors_as_output_error(self.output):
            row = connection.execute(f"SELECT {', '.join(expressions.values())} FROM {source}").fetchall()[0]
        return {name: int(value or 0) for name, value in zip(expressions, row, strict=True)}

    @contextmanager
    def source(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        """Give a connection and the SQL that names all answers, in order."""
        with duckdb_path(self.folder) as link, duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("SET enable_external_file_cache = false")
            yield connection, self.sql(link)

    def sql(self, link: Path) -> str:
        """Return the SQL that names all answers, the folder being found at `link`."""
        if not self.parts:
            empty = ", ".join(f"CAST(NULL AS {kind}) AS {sql_name(name)}" for name, kind in self.columns.items())
            return f"(SELECT {empty} LIMIT 0)"
        return f"read_parquet([{', '.join(sql_literal(link / part.name) for part in self.parts)}])"

    @property
    def staged(self) -> Path:
        """Where the output is written before it is put in its place."""
        return self.folder / _STAGED

    def place(self, more: Mapping[str, Any] | None = None) -> None:
        """Put the staged output in its place by one rename, and take the folder away. more: further notes."""
        self.notes = (self.notes or {}) | dict(more or {})
        with write_errors_as_output_error(self.output):
            _mark(self.staged, self._identity, {"rows": self.rows, **self.notes})
            sync_file(self.staged)
            self._write({"rows": self.rows, "notes": self.notes, "placed": _stamp(self.staged)})
            self.staged.replace(self.output)
            sync_directory(self.output.parent)
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
                f"An unfinished run for {self.output} lies in {self.folder}. Continue it with --resume, or start again "
                "with --overwrite."
            )
        if journal.exists() and self._resume:
            self._continue(journal)
            return
        for name in os.listdir(self.folder):
            if name != _LOCK:
                (self.folder / name).unlink()
        self._write({})

    def _continue(self, journal: Path) -> None:
        try:
            kept = _read(journal)
            identity, schema, finished = kept["identity"], kept["schema"], kept.get("finished", {})
            if schema != SCHEMA or not isinstance(identity, dict):
                raise ValueError(f"schema {schema}")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise OutputError(
                f"{journal} cannot be continued ({error}). Start again with --overwrite instead of --resume."
            ) from None
        changes = _changes(identity, json.loads(json.dumps(self._identity)))
        if changes:
            raise OutputError(
                f"The unfinished run in {self.folder} cannot be continued: {'; '.join(changes)}. Give the same as "
                "then, or start again with --overwrite instead of --resume."
            )
        self.notes = finished.get("notes")
        for name in sorted(os.listdir(self.folder)):
            part = _PART.fullmatch(name)
            if part is None:
                continue
            first, last = int(part[1]), int(part[2])
            whole = last - first + 1 == self.part_rows or self.notes is not None
            if first == self.rows and whole and part[3] == _file_digest(self.folder / name):
                self.parts.append(self.folder / name)
                self.rows = last + 1
            else:  # damaged, behind a damaged one, or the last, its end not noted: these rows are answered again
                (self.folder / name).unlink()
        if self.notes is not None and self.rows != finished.get("rows"):
            raise OutputError(
                f"{self.folder} has lost answers: {self.rows:,} of {finished.get('rows')}. Start again with "
                "--overwrite instead of --resume."
            )

    def _write(self, finished: Mapping[str, Any]) -> None:
        plain = {"schema": SCHEMA, "identity": self._identity} | ({"finished": finished} if finished else {})
        plain["digest"] = _digest(plain)
        atomic_write(self.folder / _JOURNAL, json.dumps(plain, indent=1).encode() + b"\n")

    def _remove(self) -> None:
        """Take away what is ours in the folder, and the folder if nothing else is in it."""
        with contextlib.suppress(OSError):
            _clear(self.folder)


def placed(output: Path) -> dict[str, Any] | None:
    """Return {"rows": ..., **notes} where a run was killed after it put its output in place; clear up after it."""
    folder = folder_of(output)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
        finished = _read(folder / _JOURNAL)["finished"]
        if finished["placed"] == _stamp(output):
            counts = {"rows": int(finished["rows"]), **finished["notes"]}
            _clear(folder)
            return counts
    return None


def _clear(folder: Path) -> None:
    """Remove what is ours, the journal last: until then a process that is killed leaves what was done in words."""
    for name in sorted(filter(_ours, os.listdir(folder)), key=lambda name: name == _JOURNAL):
        (folder / name).unlink()
    folder.rmdir()


MARK = "user.recurra.run"
"""The extended attribute by which an output is known as that of a run: the last thing a killed process has done may be
to finish. File systems without such attributes, and copies of the file, do without."""


def is_unfinished(output: Path) -> bool:
    """Return whether there is a journal of a run for `output`."""
    return (folder_of(output) / _JOURNAL).exists()


def finished(output: Path, identity: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return {"rows": ..., **notes} where a run of this identity wrote `output`, whole, and nobody changed it since.

    None where it was another run, where the file was changed, or where it has no mark.
    """
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        mark = json.loads(os.getxattr(output, MARK))
        if mark["run"] == _digest(identity) and mark["file"] == _stamp(output)[1:]:
            with contextlib.suppress(OSError):  # what a run left that was killed at its very end
                _clear(folder_of(output))
            return dict(mark["counts"])
    return None


def is_marked(output: Path) -> bool:
    """Return whether some run put `output` in its place."""
    with contextlib.suppress(OSError, AttributeError):
        return bool(os.getxattr(output, MARK))
    return False


def _mark(path: Path, identity: Mapping[str, Any], counts: Mapping[str, Any]) -> None:
    run = {name: value for name, value in identity.items() if name != _PART_ROWS}
    mark = {"run": _digest(run), "file": _stamp(path)[1:], "counts": dict(counts)}
    with contextlib.suppress(OSError, AttributeError):
        os.setxattr(path, MARK, json.dumps(mark).encode())


def _read(journal: Path) -> dict[str, Any]:
    """Return what a journal holds. Raises ValueError where it is not as it was written, OSError."""
    plain = json.loads(journal.read_text(encoding="utf-8"))
    if not isinstance(plain, dict) or plain.pop("digest", None) != _digest(plain):
        raise ValueError("it is not as it was written")
    return plain


def _digest(plain: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _stamp(path: Path) -> list[int]:
    """Return what identifies the file at `path`: another that replaces it has another stamp."""
    state = path.stat()
    return [state.st_ino, state.st_size, state.st_mtime_ns]


def folder_of(output: Path) -> Path:
    """Return the folder of an unfinished run."""
    return output.with_name(output.name + ".partial")


def _ours(name: str) -> bool:
    known = name in (_JOURNAL, _LOCK, _STAGED, _WRITING) or _PART.fullmatch(name) is not None
    return known or name.startswith((f".{_JOURNAL}.", f"{_STAGED}."))


_WHOLE = ("input", "model")
"""Parts of an identity that are sizes and digests, which say nothing to a reader."""


def _changes(then: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Return what differs between two identities, name by name."""
    changes = []
    for name in sorted({*then, *now}):
        before, after = then.get(name), now.get(name)
        if not prefix and name in _WHOLE and before and after and before != after:
            changes.append(f"the {name} has changed")
        elif isinstance(before, dict) and isinstance(after, dict):
            changes += _changes(before, after, f"{prefix}{name} ")
        elif before != after:
            changes.append(f"{prefix}{name} was {json.dumps(before)} and is now {json.dumps(after)}")
    return changes


def _array(values: Any) -> Any:
    """Return a column as DuckDB takes it: lists as JSON, which casts to a list of any type."""
    if isinstance(values, np.ndarray):
        return values
    array = np.empty(len(values), dtype=object)
    array[:] = [json.dumps(value) if isinstance(value, list) else value for value in values]
    return array
