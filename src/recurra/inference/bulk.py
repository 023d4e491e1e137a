"""Answer a file of any size into another: on all processors, in bounded memory, safe from a kill.

Two passes. The first reads what is to be answered and keeps the answers, a few bytes a row, in a journal beside the
output. The second reads the file again and writes it with the answers. What is slow is in the first and survives a
kill; the second is a pure function of the file and the journal, so a run that was killed and resumed writes the same
bytes as one that was not.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from recurra.data.tables.location import files_of
from recurra.data.tables.packed import on_disk
from recurra.data.writers import Writer
from recurra.errors import OptionError, OutputError, ReadError, RecurraError
from recurra.storage.files import UNCHANGED, check_new_file
from recurra.storage.journal import (
    Columns,
    Journal,
    finished,
    folder_of,
    is_marked,
    is_unfinished,
    placed,
    write_errors_as_output_error,
)
from recurra.storage.version import VERSION
from recurra.terminal.progress import Reporter

AHEAD = 2
"""Prepared pieces that wait for a thread."""

SWITCH_SECONDS = 0.0005
"""How long the thread that prepares may keep the interpreter from those that answer; by default ten times as long."""

FINGERPRINT_BLOCK = 2**20
"""Bytes of a file that are digested at a time."""

ESCAPABLE = (".csv", ".tsv")
"""The formats that spreadsheets open."""

Advance = Callable[[int, float | None], None]


@dataclass(frozen=True)
class Answering:
    """How a task answers.

    answer: takes the prepared inputs of a piece, and returns a column for each of the writer's, with a value a row.
    prepare: what the calling thread does with each input, one after the other. piece_rows: how many rows are answered
    together; which rows these are depends on nothing else. part_rows: how many rows are kept at a time, a multiple of
    piece_rows. threads: how many pieces are answered at once. doing: the work in one word, for the progress bar.
    totals: names and SQL aggregates over the answers' columns, for the counts that are returned.
    """

    answer: Callable[[list[Any]], Columns]
    piece_rows: int
    part_rows: int
    threads: int = 1
    prepare: Callable[[Any], Any] = lambda row: row
    doing: str = "Answering"
    totals: Mapping[str, str] = field(default_factory=dict)


def answered(inputs: Iterable[Any], how: Answering) -> Iterator[Columns]:
    """Yield the answers to `piece_rows` inputs at a time, in order, while later ones are read, prepared and answered.

    The answers do not depend on the number of threads. A few pieces are in memory, however many inputs there are.
    """
    remaining = iter(inputs)
    waiting: deque[Future[Columns]] = deque()
    pool = ThreadPoolExecutor(how.threads, thread_name_prefix="recurra-bulk")
    try:
        with _quick_switches():
            while piece := [how.prepare(row) for row in islice(remaining, how.piece_rows)]:
                waiting.append(pool.submit(how.answer, piece))
                if len(waiting) > how.threads + AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def check_output(
    output: Path, kinds: Collection[str], *, overwrite: bool, escape_formulas: bool, resume: bool = False
) -> Path:
    """Return where `output` leads: a file is written, not a link to it.

    kinds: the suffixes that are accepted. resume: the output may be there already, of a run that ended.
    Raises OptionError or OutputError where it cannot be written.
    """
    kind = output.suffix.lower()
    if kinds and kind not in kinds:
        raise OptionError(f"--output {output}: the name must end in one of {', '.join(kinds)}.")
    if escape_formulas and kind not in ESCAPABLE:
        raise OptionError(f"--escape-formulas is for .csv and .tsv, which spreadsheets open; --output is {output}.")
    target = check_new_file(output, "--output", replace=overwrite or resume)
    if resume and not overwrite and target.exists() and not is_marked(target):
        unfinished = "" if is_unfinished(target) else "There is no unfinished run to resume, and "
        raise OutputError(
            f"{unfinished}--output {output} exists already. Choose another name, or replace it with --overwrite."
        )
    return target


def placed_counts(output: Path) -> dict[str, Any] | None:
    """Return the counts of a run that was killed after its output was in place; None where there is none."""
    return placed(Path(os.path.realpath(output)))


def answer_file(
    writer: Writer,
    how: Answering,
    output: Path,
    identity: Mapping[str, Any],
    reporter: Reporter,
    *,
    resume: bool = False,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Answer every input of `writer` into `output`, which appears when it is whole. Returns rows and the totals.

    identity: what must be equal for one run to continue another, beside the file and the versions. resume: continue
    the run for this output that was stopped. overwrite: drop a run that was stopped unless it is to be resumed.
    Raises OutputError where a stopped run is neither resumed nor dropped or was another, ReadError where the file
    changes meanwhile, and what the reader and the writer raise.
    """
    output = Path(os.path.realpath(output))
    if output in (Path(os.path.realpath(on_disk(file))) for file in files_of(writer.path)):
        raise OutputError(f"--output {output} is the input itself. Choose another name: the input is never replaced.")
    fingerprint = file_fingerprint(writer.path)
    software = {"recurra": VERSION, "numpy": np.__version__} | identity.get("software", {})
    identity = dict(identity) | {"input": fingerprint, "software": software}
    columns = {column.name: column.sql_type for column in writer.columns}
    if resume and not overwrite and output.exists() and not is_unfinished(output):
        counts = finished(output, identity)
        if counts is None:
            raise OutputError(
                f"There is no unfinished run to resume, and --output {output} exists already, of other data, options "
                "or versions. Choose another name, or replace it with --overwrite."
            )
        reporter.info(f"{output.name} exists already, and is whole: nothing was left to do.")
        return counts
    with Journal(output, identity, columns, part_rows=how.part_rows, resume=resume, overwrite=overwrite) as journal:
        try:
            if journal.rows:
                reporter.info(f"Resuming after {journal.rows:,} rows.")
            if journal.notes is None:
                with reporter.progress(how.doing) as advance:
                    _answer(writer, how, journal, advance)
            reporter.info(f"Writing {output.name}.")
            with write_errors_as_output_error(output):
                writer.write(journal.staged, journal)
            if file_fingerprint(writer.path) != fingerprint:
                raise ReadError(f"{writer.path} changed while it was read. Start again, with --overwrite.")
            journal.place({"rejected_rows": writer.rejected} if writer.rejected else {})
        except RecurraError as error:
            step = _next_step(journal) if _is_same(writer.path, fingerprint) else ""
            said = str(error).removesuffix(f" {UNCHANGED}") if step else str(error)
            raise type(error)(said + step) from None
        except KeyboardInterrupt:
            if step := _next_step(journal):
                reporter.info(step.strip())
            raise
        return {"rows": journal.rows, **(journal.notes or {})}


def _answer(writer: Writer, how: Answering, journal: Journal, advance: Advance) -> None:
    """Answer the rows that the journal does not hold yet."""
    inputs = writer.inputs()
    done = sum(1 for _ in islice(inputs, journal.rows))
    if done < journal.rows:
        raise ReadError(f"{writer.path} has fewer rows than were answered before. Start again, with --overwrite.")
    advance(done, None)
    pieces: list[Columns] = []
    waiting = 0
    for piece in answered(inputs, how):
        rows = len(next(iter(piece.values())))
        pieces.append(piece)
        waiting += rows
        done += rows
        advance(done, writer.share())
        if waiting == how.part_rows:
            journal.add(_joined(pieces))
            pieces, waiting = [], 0
    if pieces:
        journal.add(_joined(pieces))
    journal.finish(journal.total(how.totals))


def _joined(pieces: list[Columns]) -> Columns:
    """Return the columns of several pieces as one."""
    joined: dict[str, Any] = {}
    for name, first in pieces[0].items():
        parts = [piece[name] for piece in pieces]
        joined[name] = np.concatenate(parts) if isinstance(first, np.ndarray) else [v for part in parts for v in part]
    return joined


def _next_step(journal: Journal) -> str:
    if not journal.rows:
        return ""
    return f" {journal.rows:,} rows are answered and kept in {folder_of(journal.output)}: continue with --resume."


def _is_same(path: Path, fingerprint: Mapping[str, Any]) -> bool:
    """Return whether a file still is what it was: a run over another file cannot be continued."""
    with suppress(ReadError):
        return file_fingerprint(path) == fingerprint
    return False


def file_fingerprint(path: Path) -> dict[str, Any]:
    """Return what identifies a file: its size and a digest of all its bytes; of several, of all of them in order; of a
    folder, those of its files and their names together. Reading the bytes takes far less time than answering them.
    Raises ReadError."""
    digest, size = hashlib.blake2b(digest_size=16), 0
    try:
        for file, name in _parts(path):
            if name:
                digest.update(f"\0{size}\0{name}\0".encode("utf-8", "surrogateescape"))
            with on_disk(file).open("rb", buffering=0) as content:
                while block := content.read(FINGERPRINT_BLOCK):
                    digest.update(block)
                    size += len(block)
    except OSError as error:
        raise ReadError(f"Cannot read {path}: {error.strerror}.") from None
    return {"bytes": size, "content": digest.hexdigest()}


def _parts(path: Path) -> list[tuple[Path, str]]:
    """Return the files that a name stands for, each with what tells it from the others, "" for a file alone."""
    if path.is_dir():
        files = sorted(Path(root, name) for root, _, names in os.walk(path) for name in names)
        return [(file, str(file.relative_to(path))) for file in files]
    return [(file, _told_apart(file, number)) for number, file in enumerate(files_of(path))]


def _told_apart(file: Path, number: int) -> str:
    """Return what tells a file from the others before it, and a member of an archive from those beside it."""
    member = "" if on_disk(file) == file else str(file)
    return f"{number or ''}{member}"


@contextmanager
def _quick_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, SWITCH_SECONDS))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
