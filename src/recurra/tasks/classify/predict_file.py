"""`recurra predict --input`: label a file of any size into another. Base installation only.

Two passes. The first reads the texts and keeps the answers, a few bytes a row, in a journal beside the output. The
second reads all columns again and writes them with the answers. What is slow is in the first and survives a kill; the
second is a pure function of the input and the journal, so a run that was killed and resumed writes the same bytes as
one that was not.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from recurra.data.writers import WRITERS, Writer
from recurra.errors import OptionError, OutputError, ReadError, RecurraError
from recurra.options.everything import ReadOptions
from recurra.storage.durable import told
from recurra.storage.version import VERSION
from recurra.tasks.classify import journal as journals
from recurra.tasks.classify.journal import Journal, folder_of, placed_rows
from recurra.tasks.classify.model import Model, load
from recurra.tasks.classify.reading import open_data, say_rejected
from recurra.tasks.classify.scoring import Scored, scored
from recurra.terminal.progress import Reporter

FINGERPRINT_BYTES = 2**20
"""What is read of each end of a file to know it again."""

Advance = Callable[[int, float | None], None]


def predict_file(
    directory: Path,
    data: str,
    output: Path,
    options: ReadOptions,
    *,
    resume: bool = False,
    overwrite: bool = False,
    escape_formulas: bool = False,
    threads: int | None = None,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Label every row of `data` into `output`, which appears when it is whole. Returns counts.

    Columns and order of the input are kept; `predicted`, `probability` and `truncated` come after them. Broken rows
    that are skipped go beside the output, to its name with `.rejects` after it. Memory does not grow with the file.
    resume: go on with the run for this output that was stopped. overwrite: replace the output, and drop a run that was
    stopped unless it is to be resumed. escape_formulas: put an apostrophe before cells that a spreadsheet would run.
    Raises OutputError where the output is there already and `overwrite` does not say to replace it, and where a stopped
    run is not resumed or was another.
    """
    reporter = reporter or Reporter()
    if resume and (rows := placed_rows(output)) is not None:
        return {"rows": rows, "output": str(output), "rejected_rows": 0}
    _check_output(output, overwrite=overwrite, escape_formulas=escape_formulas)
    output = Path(os.path.realpath(output))
    model = load(directory, threads)
    usual = model.manifest.data.get("text") if model.manifest else None
    rejects = output.with_name(f"{output.name}.rejects")
    opened = open_data(data, options, reporter, label_needed=False, usual=(usual, None), rejects=rejects)
    table = opened.table
    writer = WRITERS[output.suffix.lower()](table, opened.text, model.classes_.tolist(), escape=escape_formulas)
    identity = _identity(model, table.path, opened.text, options, output, escape_formulas)
    with Journal(output, identity, resume=resume, overwrite=overwrite) as journal:
        try:
            if journal.rows:
                reporter.info(f"Going on after {journal.rows:,} rows.")
            if journal.notes is None:
                with reporter.progress("Scoring") as advance:
                    _answer(model, writer, journal, advance)
            reporter.info(f"Writing {output.name}.")
            with told(output):
                writer.write(journal.staged, journal)
            if _fingerprint(table.path) != identity["input"]:
                raise ReadError(f"{table.path} changed while it was read. Start again, with --overwrite.")
            journal.place()
        except RecurraError as error:
            raise type(error)(f"{error}{_way_on(journal)}") from None
        except KeyboardInterrupt:
            if way := _way_on(journal):
                reporter.info(way.strip())
            raise
        rows = journal.rows
    say_rejected(table, reporter)
    return {"rows": rows, "output": str(output), "rejected_rows": table.rejected}


def _check_output(output: Path, *, overwrite: bool, escape_formulas: bool) -> None:
    kind = output.suffix.lower()
    if kind not in WRITERS:
        raise OptionError(f"--output {output}: the name must end in one of {', '.join(WRITERS)}.")
    if escape_formulas and kind not in (".csv", ".tsv"):
        raise OptionError(f"--escape-formulas is for .csv and .tsv, which spreadsheets open; --output is {output}.")
    if output.is_dir():
        raise OutputError(f"Cannot write {output}: it is a folder. Choose another --output.")
    if output.is_file() and not overwrite:
        raise OutputError(f"--output {output} is there already. Choose another name, or replace it with --overwrite.")


def _answer(model: Model, writer: Writer, journal: Journal, advance: Advance) -> None:
    """Answer the rows that the journal does not hold yet."""
    texts = writer.texts()
    done = sum(1 for _ in islice(texts, journal.rows))
    if done < journal.rows:
        raise ReadError(f"{writer.table.path} has fewer rows than were answered before. Start anew, with --overwrite.")
    advance(done, None)
    kept: list[Scored] = []
    waiting = 0
    for piece in scored(model, texts):
        kept.append(piece)
        waiting += len(piece)
        done += len(piece)
        advance(done, writer.table.share())
        if waiting == journals.PART_ROWS:
            journal.add(_joined(kept))
            kept, waiting = [], 0
    if kept:
        journal.add(_joined(kept))
    journal.finish({})


def _joined(pieces: list[Scored]) -> Scored:
    return Scored(
        np.concatenate([piece.predicted for piece in pieces]),
        np.concatenate([piece.probability for piece in pieces]),
        np.concatenate([piece.truncated for piece in pieces]),
    )


def _way_on(journal: Journal) -> str:
    if not journal.rows:
        return ""
    return f" {journal.rows:,} rows are answered and kept in {folder_of(journal.output)}: --resume goes on from there."


def _identity(
    model: Model, path: Path, text: str, options: ReadOptions, output: Path, escape_formulas: bool
) -> dict[str, Any]:
    """Return what must be equal for one run to go on with another. Whether broken rows stop or are skipped need not be:
    who met one may skip it and go on."""
    reading = options.model_dump(exclude={"text", "label", "bad_rows"})
    return {
        "input": _fingerprint(path),
        "model": {"digest": model.manifest.digest if model.manifest else ""},
        "options": {"text": text, **reading, "escape_formulas": escape_formulas},
        "rows a part": journals.PART_ROWS,
        "software": {"recurra": VERSION, "engine": model.engine.identity, "numpy": np.__version__},
    }


def _fingerprint(path: Path) -> dict[str, Any]:
    """Return what tells a file from another: its size, its time, and a digest of both its ends; of a folder, one digest
    of names, sizes and times."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        if path.is_dir():
            for name, size, time in sorted(_entries(path)):
                digest.update(f"{name}\0{size}\0{time}\0".encode("utf-8", "surrogateescape"))
            return {"files": digest.hexdigest()}
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            digest.update(file.read(FINGERPRINT_BYTES))
            file.seek(max(0, state.st_size - FINGERPRINT_BYTES))
            digest.update(file.read(FINGERPRINT_BYTES))
    except OSError as error:
        raise ReadError(f"Cannot read {path}: {error.strerror}.") from None
    return {"bytes": state.st_size, "changed": state.st_mtime_ns, "ends": digest.hexdigest()}


def _entries(folder: Path) -> Iterator[tuple[str, int, int]]:
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root, name)
            state = path.stat()
            yield str(path.relative_to(folder)), state.st_size, state.st_mtime_ns
