"""Folders of recordings, as Kaldi, LibriSpeech and Common Voice lay them out, or with a text beside each file.

Kaldi          wav.scp (ID PATH), text (ID WORDS), and, where they are there, utt2spk (ID SPEAKER) and segments
               (ID RECORDING START END). An entry that is a command is refused: nothing in data is run.
LibriSpeech    *.trans.txt (ID WORDS) at any depth, ID.flac beside it; the speaker is what is before the first "-"
Common Voice   train.tsv or validated.tsv, and the files in clips/: the table is read
a table        metadata.csv, .tsv, .jsonl or .parquet: it is read
files          a.wav and a.txt beside it, at any depth
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from recurra.data.tables.lines_table import LinesTable
from recurra.data.tables.table import Dialect
from recurra.errors import ReadError, brief
from recurra.tasks.transcribe.audio import SUFFIXES
from recurra.tasks.transcribe.utterance import Utterance, made
from recurra.tasks.transcribe.utterance_table import CLIPS

TABLES = ("train.tsv", "validated.tsv")
METADATA = tuple(f"metadata{suffix}" for suffix in (".csv", ".tsv", ".jsonl", ".parquet"))
WHOLE = ("-1", "-1.0", "-1.00")
"""How Kaldi writes an end that is that of the file."""


def table_in(folder: Path) -> Path | None:
    """Return the table that lists the recordings of a folder; None where there is none."""
    names = (*TABLES, *METADATA) if (folder / CLIPS).is_dir() else METADATA
    return next((folder / name for name in names if (folder / name).is_file()), None)


def layout(folder: Path) -> str:
    """Return how a folder without such a table is laid out: "kaldi", "librispeech" or "files"."""
    if (folder / "wav.scp").is_file():
        return "kaldi"
    return "files" if next(folder.rglob("*.trans.txt"), None) is None else "librispeech"


def utterances_in(folder: Path, encoding: str, *, transcripts: bool) -> Iterator[Utterance]:
    """Yield the utterances of a folder, sorted by name. transcripts: whether each must have one.

    Raises ReadError where a file, a line or a transcript is missing or cannot be.
    """
    walks = {"kaldi": _kaldi, "librispeech": _librispeech, "files": _files}
    return walks[layout(folder)](folder, encoding, transcripts)


def _kaldi(folder: Path, encoding: str, transcripts: bool) -> Iterator[Utterance]:
    recordings = _entries(folder / "wav.scp", encoding)
    for name, path in recordings.items():
        if path.startswith("|") or path.endswith("|"):
            raise ReadError(
                f"{folder / 'wav.scp'}: {brief(name)} is the output of a command ({brief(path, 40)}), and commands in "
                "data are never run. Run it yourself, and name the file that it writes."
            )
    text, speakers, segments = (
        _entries(folder / name, encoding) if (folder / name).is_file() else None
        for name in ("text", "utt2spk", "segments")
    )
    if transcripts and text is None:
        raise ReadError(f"{folder} has a wav.scp, but no file text with the transcripts: a line `ID WORDS` for each.")
    for name in sorted(recordings if segments is None else segments):
        where = f"{folder / ('wav.scp' if segments is None else 'segments')}, {brief(name)}"
        parts = [name] if segments is None else segments[name].split()
        if segments is not None and len(parts) != 3:
            raise ReadError(f"{where}: expected `ID RECORDING START END`, got {brief(segments[name])}.")
        recording, start, end = (*parts, None, None)[:3]
        if recording not in recordings:
            raise ReadError(f"{where}: wav.scp has no recording {brief(recording)}. Add its path there.")
        if transcripts and name not in (text or {}):
            raise ReadError(f"{where}: the file text has no transcript of it. Add it there, or leave it out here.")
        yield made(
            where,
            [folder, Path()],
            recordings[str(recording)],
            (text or {}).get(name),
            (speakers or {}).get(name),
            start,
            None if end in WHOLE else end,
            transcript_needed=transcripts,
        )


def _librispeech(folder: Path, encoding: str, transcripts: bool) -> Iterator[Utterance]:
    for list_ in sorted(folder.rglob("*.trans.txt")):
        files = {path.stem: path.name for path in sorted(list_.parent.iterdir()) if _is_sound(path)}
        for name, words in sorted(_entries(list_, encoding).items()):
            if name not in files:
                raise ReadError(f"{list_}: there is no sound file {brief(name)} beside it, such as {name}.flac.")
            speaker = name.partition("-")[0] if "-" in name else list_.parent.name
            yield made(
                f"{list_}, {brief(name)}",
                [list_.parent],
                files[name],
                words,
                speaker,
                transcript_needed=transcripts,
            )


def _files(folder: Path, encoding: str, transcripts: bool) -> Iterator[Utterance]:
    found = False
    for path in sorted(folder.rglob("*")):
        if not _is_sound(path):
            continue
        found, beside = True, path.with_suffix(".txt")
        text = " ".join(_lines(beside, encoding)).strip() if beside.is_file() else None
        if transcripts and text is None:
            raise ReadError(f"{path} has no transcript: {beside.name} is not beside it. A folder is read as {_SHAPES}.")
        yield made(str(path), [path.parent], path.name, text, transcript_needed=transcripts)
    if not found:
        raise ReadError(f"{folder} has no sound files. It is read as {_SHAPES}.")


_SHAPES = (
    "sound files with a .txt beside each, Kaldi's wav.scp and text, LibriSpeech's *.trans.txt, Common Voice's clips/ "
    "and train.tsv, or a metadata.csv"
)


def _is_sound(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file() and not path.name.startswith(".")


def _entries(path: Path, encoding: str) -> dict[str, str]:
    """Return what stands after the name on each line. Raises ReadError for a line or a name twice."""
    entries: dict[str, str] = {}
    for number, line in enumerate(_lines(path, encoding), 1):
        name, rest = [*re.split("[ \t]", line.strip(), maxsplit=1), ""][:2]
        if not name:
            continue
        if name in entries:
            raise ReadError(f"{path}, line {number:,}: {brief(name)} is there already. Leave one of them out.")
        entries[name] = rest.strip()
    return entries


def _lines(path: Path, encoding: str) -> Iterator[str]:
    for batch in LinesTable(path, Dialect(encoding=encoding)).batches(["text"]):
        yield from (line or "" for (line,) in batch)
