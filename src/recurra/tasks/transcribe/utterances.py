"""Recordings with their transcripts: from a table that lists them, or from a folder that holds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recurra.data.tables.stated import check_heeded
from recurra.errors import OptionError, ReadError
from recurra.options.base import flag
from recurra.storage.model_directory import Manifest
from recurra.tasks.transcribe.speech_folder import layout, table_in, utterances_in
from recurra.tasks.transcribe.utterance import Utterance
from recurra.tasks.transcribe.utterance_options import UtteranceOptions
from recurra.tasks.transcribe.utterance_table import NAMES, UtteranceTable, open_list
from recurra.terminal.progress import Reporter

__all__ = ["Utterance", "UtteranceTable", "open_list", "read_utterances"]


def read_utterances(
    data: str | Path,
    options: UtteranceOptions,
    *,
    transcripts: bool,
    rejects: Path | None = None,
    manifest: Manifest | None = None,
    reporter: Reporter | None = None,
) -> tuple[list[Utterance], dict[str, Any]]:
    """Return the utterances in a table or a folder (`speech_folder.py` says which), and what a manifest says of it.

    transcripts: whether each must have one. rejects, manifest, reporter: see `open_list`.
    The facts: format, columns; of a table the columns of audio, transcript, group, start and end, and which of them
    were guessed; rejected_rows; duplicates, the utterances that repeat an earlier one's sound, and contradictions,
    those of them with another transcript; notes, what people should know of them, in sentences.
    Every file is there; whether it is sound, `read_audio` says.
    Raises ReadError with the row for what is missing or cannot be; ColumnError, OptionError.
    """
    path = Path(data)
    table = table_in(path) if path.is_dir() else path
    if table is not None:
        source = open_list(table, options, rejects, transcripts=transcripts, manifest=manifest, reporter=reporter)
        utterances, facts = list(source.utterances()), source.facts
        facts["rejected_rows"] = source.table.rejected
    else:
        for name in NAMES:
            if getattr(options, name) is not None:
                raise OptionError(f"{flag(name)} names a column of a table, and {path} is a folder. Leave it out.")
        check_heeded(options, [path])
        utterances = list(utterances_in(path, options.encoding, transcripts=transcripts))
        facts = {"format": layout(path), "rejected_rows": 0}
    if not utterances:
        raise ReadError(f"{table or path} lists no recordings. Give one with a row for each.")
    return utterances, {**facts, **_repeats(utterances)}


def _repeats(utterances: list[Utterance]) -> dict[str, Any]:
    """Return how many utterances are of sound that an earlier one is of."""
    first: dict[tuple[Path, float, float | None], str | None] = {}
    duplicates = contradictions = 0
    for one in utterances:
        key = (one.path, one.start or 0.0, one.end)
        if key in first:
            duplicates += 1
            contradictions += first[key] != one.transcript
        else:
            first[key] = one.transcript
    notes = []
    if duplicates:
        notes.append(
            f"{duplicates:,} of {len(utterances):,} rows are of a recording that an earlier row names too"
            + (f", {contradictions:,} of them with another transcript." if contradictions else ".")
        )
    return {"duplicates": duplicates, "contradictions": contradictions, "notes": notes}
