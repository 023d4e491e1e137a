"""Where structurally broken rows go under bad_rows="skip": counted, and written to a CSV of line, reason and row, with
the file before them where there are several."""

from __future__ import annotations

import csv
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol

from recurra.data.model_folder import check_outside_models
from recurra.data.tables.location import is_several
from recurra.errors import OutputError
from recurra.terminal.progress import Reporter

LONGEST = 1_000_000
"""Most characters of a rejected row that are written down."""


class Rejects:
    """A context that counts rejected rows and writes them to `path` (nowhere if None).

    The file appears whole at the end, and only if a row was rejected. several: whether the rows come from several
    files. Raises OutputError if it cannot be written.
    """

    def __init__(self, path: Path | None, *, several: bool = False) -> None:
        self.path = path
        self.several = several
        self.count = 0
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Rejects:
        return self

    def add(self, line: int, reason: str, row: str, file: Path | None = None) -> None:
        """Count one row that begins at `line` (from 1) of `file`, and write it down with the reason."""
        self.count += 1
        if self.path is None:
            return
        try:
            if self._file is None:
                check_outside_models(self.path, "The file for rejected rows")
                self._file = self._part().open("w", encoding="utf-8", errors="backslashreplace", newline="")
                self._writer = csv.writer(self._file)
                self._writer.writerow([*(["file"] if self.several else []), "line", "reason", "row"])
            whole = row.rstrip("\r\n")
            cut = whole if len(whole) <= LONGEST else f"{whole[:LONGEST]}..."
            self._writer.writerow([*([file] if self.several else []), line, reason, cut])
        except OutputError:
            raise
        except OSError as error:
            raise self._failed(error) from None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None or self.path is None:
            return
        try:
            if kind is None or kind is GeneratorExit:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
                self._part().replace(self.path)
        except OSError as failure:
            raise self._failed(failure) from None
        finally:
            with suppress(OSError):  # a full disk fails again when what is left unwritten is flushed
                self._file.close()
            with suppress(OSError):
                self._part().unlink(missing_ok=True)

    def _part(self) -> Path:
        assert self.path is not None
        return self.path.with_name(f".{self.path.name}.{os.getpid()}.part")

    def _failed(self, error: OSError) -> OutputError:
        return OutputError(f"Cannot write the rejected rows to {self.path}: {error.strerror}. Choose another place.")


class RejectsOfFile(Rejects):
    """Those of one of several files: counted here, and written down with all others by `whole`."""

    def __init__(self, whole: Rejects, file: Path) -> None:
        super().__init__(None)
        self._whole, self._of = whole, file

    def add(self, line: int, reason: str, row: str, file: Path | None = None) -> None:
        self.count += 1
        self._whole.add(line, reason, row, self._of)


class Skipping(Protocol):
    """What counts the broken rows that its latest pass skipped. rejects_path: where they are written, if anywhere."""

    @property
    def rejected(self) -> int: ...

    @property
    def rejects_path(self) -> Path | None: ...


def report_rejected(table: Skipping, reporter: Reporter) -> None:
    """Report how many broken rows the latest pass skipped, if any, and where they are."""
    if table.rejected:
        where = f"; they are in {table.rejects_path}" if table.rejects_path else ""
        reporter.info(f"Data: {table.rejected:,} broken rows were skipped{where}.")


def rejects_here(data: str) -> Path:
    """Return the file for the broken rows of `data` in the current directory, `<name of the data>.rejects`.

    For an evaluation, which has no output to put them beside; the folder of the data may not be ours to write to.
    """
    given = Path(data)
    named = given.resolve() if given.name in ("", "..") else given
    plain = "" if is_several(given) or data == "-" else named.name
    return Path.cwd() / f"{plain.replace('::', '-') or 'data'}.rejects"
