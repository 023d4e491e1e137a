"""Recordings with their transcripts, from a table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Row, Table
from recurra.tasks.transcribe.recording import Recording
from recurra.tasks.transcribe.utterance_options import UtteranceOptions


@dataclass(frozen=True)
class Utterance:
    """A recording or a part of one. start, end: in seconds."""

    path: Path
    transcript: str | None = None
    speaker: str | None = None
    start: float | None = None
    end: float | None = None


def read_utterances(
    data: str, options: UtteranceOptions, *, transcripts: bool
) -> tuple[list[Utterance], dict[str, Any]]:
    """Return the utterances of a table, and facts about it for metrics.json."""
    folder = Path(data).parent
    with Path(data).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [Utterance(folder / row["path"], row["transcript"], row.get("speaker")) for row in rows], {}


@dataclass(frozen=True)
class Listing:
    """A table of recordings. columns: those that `recording` takes."""

    table: Table
    columns: Sequence[str]

    def recording(self, row: Row) -> Recording:
        """Return the recording of a row of `columns`."""
        return Recording(self.table.path.parent / str(row[0]))


def open_list(data: str, options: UtteranceOptions, rejects: Path) -> Listing:
    """Return the table whose recordings are transcribed."""
    return Listing(open_table(data), ["path"])
