"""A table whose rows name recordings: which columns hold what, and its rows as utterances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from recurra.data.tables.header import delimiter_hint, header_hint, unsplit_hint
from recurra.data.tables.learnt import check_width, facts, learnt_by, open_like_training
from recurra.data.tables.stated import check_heeded
from recurra.data.tables.table import Row, Table, listed
from recurra.errors import ColumnError, ReadError, did_you_mean
from recurra.options.base import flag
from recurra.storage.model_directory import Manifest
from recurra.tasks.transcribe.audio import SUFFIXES
from recurra.tasks.transcribe.recording import Recording
from recurra.tasks.transcribe.utterance import Utterance, made
from recurra.tasks.transcribe.utterance_options import UtteranceOptions
from recurra.terminal.progress import Reporter

NAMES = {
    "audio": (
        "path", "audio", "file", "wav", "filename", "file_name", "audio_file", "audio_path", "audio_filepath",
        "wav_filename", "wav_path", "audio.path", "recording",
    ),
    "transcript": ("transcript", "text", "sentence", "transcription"),
    "group": ("speaker", "speaker_id", "client_id", "group", "spk", "spk_id"),
    "start": ("start", "start_time", "begin"),
    "end": ("end", "end_time"),
}  # fmt: skip
"""Names that make a column obvious, by the option that names it, in falling order of preference."""
CLIPS = "clips"
"""The folder beside a table of Common Voice that holds its files."""
LOOKED_AT = 20
"""Rows whose values are looked at for the names of sound files."""


@dataclass(frozen=True)
class UtteranceTable:
    """A table of recordings. chosen: the column of each option of NAMES, None where there is none; guessed: which of
    them were not given; transcripts: whether each row must have one."""

    table: Table
    chosen: dict[str, str | None]
    guessed: tuple[str, ...]
    transcripts: bool

    @cached_property
    def _clips(self) -> bool:
        return (self.table.path.parent / CLIPS).is_dir()

    @cached_property
    def columns(self) -> list[str]:
        """The columns in use, those of `utterance`'s rows."""
        return list(dict.fromkeys(name for name in self.chosen.values() if name is not None))

    @property
    def facts(self) -> dict[str, Any]:
        """What a manifest says of the table."""
        return {**facts(self.table), **self.chosen, "guessed": list(self.guessed)}

    def utterance(self, row: Row, number: int | None = None) -> Utterance:
        """Return the utterance of a row that holds `columns`. number: the row's, from 1, for a message.

        Raises ReadError for a row without a path or a needed transcript, a missing file, and times that cannot be.
        """
        values = dict(zip(self.columns, row, strict=True))
        audio, transcript, group, start, end = (values[name] if name else None for name in self.chosen.values())
        where = f"{self.table.path}, row {number:,}" if number else f"A row of {self.table.path}"
        folder = self.table.path.parent
        clips = [folder / CLIPS] if self._clips else []
        return made(
            where,
            [folder, *clips, Path()],
            audio,
            transcript,
            group,
            start,
            end,
            transcript_needed=self.transcripts,
        )

    def recording(self, row: Row) -> Recording:
        """Return what is to be heard of a row that holds `columns`; see `utterance`."""
        one = self.utterance(row)
        return Recording(one.path, one.start, one.end)

    def utterances(self) -> Iterator[Utterance]:
        """Yield the utterances of all rows in file order. Raises ReadError, with the row's number."""
        rows = (row for batch in self.table.batches(self.columns) for row in batch)
        for number, row in enumerate(rows, 1):
            yield self.utterance(row, number)


def open_list(
    data: str | Path,
    options: UtteranceOptions,
    rejects: Path | None = None,
    *,
    transcripts: bool = False,
    manifest: Manifest | None = None,
    reporter: Reporter | None = None,
) -> UtteranceTable:
    """Return the table of recordings in a file. rejects: where broken rows go, if the options skip them.

    transcripts: whether what is said must be in it. manifest: that of the model which is to answer or to be judged: how
    its training's table was written, and which columns it had, counts where the options say nothing.
    Raises ReadError for what cannot be read, ColumnError where it is not obvious which columns hold what, OptionError
    for an option that says nothing about such a file.
    """
    path, learnt = Path(data), learnt_by(manifest)
    check_heeded(options, [path])
    if path.is_dir():
        raise ReadError(
            f"{path} is a folder. Give a table that lists its recordings, with the column"
            + ("s path and transcript." if transcripts else f" path; or its files without --input: `{path}/*.wav`.")
        )
    if path.suffix.lower() in SUFFIXES:
        raise ReadError(
            f"{path} is a sound file, not a list of them. Give a table with the column"
            + ("s path and transcript." if transcripts else " path, or the file without --input.")
        )
    given = {name: getattr(options, name) for name in NAMES}
    trained = {
        name: column for name in NAMES if isinstance(column := (manifest.data if manifest else {}).get(name), str)
    }

    def fits(columns: Sequence[str]) -> bool:
        if columns[0] == "column0" and not learnt.width_fits(len(columns)):
            return False
        chosen = _chosen(columns, given, trained)
        return None not in (chosen["audio"], chosen["transcript"] if transcripts else "")

    table = open_like_training(
        path,
        options,
        learnt,
        lambda columns: manifest is None or fits(columns),
        reporter or Reporter(quiet=True),
        rejects=rejects,
    )
    if table.format in ("txt", "fasttext", "folder"):
        raise ReadError(
            f"{path} is read as one text a line. Give a table of recordings, .csv, .tsv, .jsonl or .parquet, whose "
            f"first row names its columns, such as path,transcript.{unsplit_hint(table)}"
        )
    if manifest is not None and options.audio is None:
        check_width(table, learnt, "--audio")
    _check_given(table, given)
    chosen = _chosen(table.columns, given, trained)
    if chosen["audio"] is None:
        chosen["audio"] = _of_files(table, [column for column in chosen.values() if column is not None])
    _check_chosen(table, chosen, transcripts)
    guessed = tuple(name for name, column in chosen.items() if column is not None and given[name] is None)
    return UtteranceTable(table, chosen, guessed, transcripts)


def _check_given(table: Table, given: Mapping[str, str | None]) -> None:
    """Raise ColumnError for a column that is not there, and for one with two options."""
    columns = table.columns
    for name, column in given.items():
        if column is not None and column not in columns:
            raise ColumnError(
                f"There is no column '{column}' ({flag(name)}).{did_you_mean(column, columns)} "
                f"Columns found: {listed(columns)}.{delimiter_hint(columns)}"
            )
        if column is not None and list(given.values()).count(column) > 1:
            flags = " and ".join(flag(other) for other, the_same in given.items() if the_same == column)
            raise ColumnError(f"{flags} name the same column '{column}'. Columns found: {listed(columns)}.")


def _check_chosen(table: Table, chosen: Mapping[str, str | None], transcripts: bool) -> None:
    """Raise ColumnError where a needed column was not found, or one is there twice."""
    for name, what, needed in (("audio", "paths of the sound files", True), ("transcript", "transcripts", transcripts)):
        if needed and chosen[name] is None:
            raise ColumnError(
                f"It is not obvious which column of {table.path} holds the {what}. Columns found: "
                f"{listed(table.columns)}. Name it with `{flag(name)} COL`."
                f"{delimiter_hint(table.columns) or header_hint(table, NAMES['audio'])}"
            )
    table.positions([column for column in chosen.values() if column is not None])


def _chosen(
    columns: Sequence[str], given: Mapping[str, str | None], trained: Mapping[str, str]
) -> dict[str, str | None]:
    """Return the column of each option: the one given, that of training, or one of an obvious name."""
    taken = [column for column in given.values() if column is not None]
    chosen: dict[str, str | None] = {}
    for name, usual in NAMES.items():
        chosen[name] = given[name] or _obvious(columns, [*filter(None, [trained.get(name)]), *usual], taken)
        taken.append(chosen[name] or "")
    return chosen


def _obvious(columns: Sequence[str], names: Sequence[str], taken: Sequence[str]) -> str | None:
    """Return the column of the first of `names` that there is, whatever its case."""
    free = [column for column in reversed(columns) if column not in taken]
    plain = {column.strip().casefold(): column for column in free} | {column: column for column in free}
    return next((plain[each] for name in names for each in (name, name.strip().casefold()) if each in plain), None)


def _of_files(table: Table, taken: Sequence[str]) -> str | None:
    """Return the only column whose first values all end like the names of sound files."""
    rows = table.head(LOOKED_AT)
    found = [
        column
        for place, column in enumerate(table.columns)
        if column not in taken and rows and all((row[place] or "").strip().lower().endswith(SUFFIXES) for row in rows)
    ]
    return found[0] if len(found) == 1 else None
