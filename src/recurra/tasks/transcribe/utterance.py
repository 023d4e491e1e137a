"""One utterance: a recording or a part of it, what is said in it, and by whom."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recurra.data.tables.location import names_beside
from recurra.errors import ReadError, brief, did_you_mean


@dataclass(frozen=True)
class Utterance:
    """What is said in a file, or from `start` to `end` in it, in seconds. speaker: None where it is not known."""

    path: Path
    transcript: str | None = None
    speaker: str | None = None
    start: float | None = None
    end: float | None = None


def identity(utterance: Utterance, transcript: str) -> tuple[str | int | float | None, ...]:
    """Return what a fingerprint of the data has of an utterance, without reading its sound.

    transcript: in the form in which it is learnt.
    """
    size = utterance.path.stat().st_size
    return utterance.path.name, size, utterance.start, utterance.end, transcript


def made(
    where: str,
    folders: Sequence[Path],
    name: str | None,
    transcript: str | None = None,
    speaker: str | None = None,
    start: str | None = None,
    end: str | None = None,
    *,
    transcript_needed: bool = True,
) -> Utterance:
    """Return the utterance of values as they are written. Raises ReadError where they are missing or cannot be.

    where: the row, for a message. name: the path of the file, relative to one of `folders`: the first that has it.
    """
    if not (name or "").strip():
        raise ReadError(f"{where} names no sound file. Write its path there, or leave the row out.")
    if transcript_needed and not (transcript or "").strip():
        raise ReadError(f"{where} has no transcript of {brief(name)}. Write there what is said, or leave the row out.")
    begins, ends = _seconds(where, "start", start), _seconds(where, "end", end)
    if ends is not None and ends <= (begins or 0):
        raise ReadError(f"{where}: the part from {begins or 0:g} s to {ends:g} s has no length. Correct the times.")
    return Utterance(
        _found(where, folders, str(name).strip()), transcript, (speaker or "").strip() or None, begins, ends
    )


def _seconds(where: str, what: str, written: str | None) -> float | None:
    """Return the number that is written, None for an empty cell."""
    if written is None or not written.strip():
        return None
    try:
        seconds = float(written)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise ReadError(
            f"{where}: {brief(written)} is no {what} of a part: a number of seconds, 0 or more, such as 12.5. "
            f"If the column holds something else, name another one with --{what}."
        )
    return seconds


def _found(where: str, folders: Sequence[Path], name: str) -> Path:
    """Return the path of a file. Raises ReadError where it is in none of the folders."""
    try:
        if any(ord(character) < 32 for character in name):
            raise ValueError
        for folder in folders:
            if (folder / name).is_file():
                return folder / name
        first = folders[0] / name
        if first.is_dir():
            raise ReadError(f"{where}: {first} is a folder, not a sound file.")
    except (OSError, ValueError) as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(f"{where}: {brief(name)} cannot be the path of a file.") from None
    looked = [first] if Path(name).is_absolute() else [folder / name for folder in folders]
    near = next((hint for path in looked if (hint := did_you_mean(path.name, names_beside(path)))), "")
    if Path(name).is_absolute():
        raise ReadError(f"{where}: the sound file {name} does not exist.{near}")
    places = " or ".join(str(folder) if folder.parts else "the current folder" for folder in folders)
    raise ReadError(f"{where}: the sound file {brief(name)} is not in {places}.{near}")
