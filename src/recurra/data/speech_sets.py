"""Named data sets of speech: a copy under RECURRA_DATA, then in the cache, then a download that is kept there.

`mini-librispeech`  LibriSpeech/train-clean-5 and LibriSpeech/dev-clean-2, as the archives unpack. The speakers of
                    the second, which is held out, are not in the first.
`speech-commands`   speech_commands_v0.02/WORD/SPEAKER_nohash_N.wav; what testing_list.txt names is held out. Two
                    tables of it are written into the cache.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path

from recurra.data.download import fetch_folder
from recurra.data.source import Source, cache_directory, data_directory
from recurra.errors import CatalogError, OutputError, ReadError

COMMANDS_URL = "https://storage.googleapis.com/download.tensorflow.org/data/speech_commands_v0.02.tar.gz"
COMMANDS_DIGEST = "sha256:af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58"
"""As torchaudio and TensorFlow Datasets check it."""
COMMANDS_MEMBERS = r"(?:\./)?([a-z]+/[0-9a-f]+_nohash_[0-9]+\.wav|(?:testing|validation)_list\.txt)"
COMMANDS_FOLDER = "speech_commands_v0.02"
COMMANDS_BYTES = 8 << 30
"""Most that its archive of 2.4 GB may unpack to."""
SPEAKER_END = "_nohash_"

LIBRISPEECH_URL = "https://www.openslr.org/resources/31/"
LIBRISPEECH_FOLDER = "LibriSpeech"
LIBRISPEECH_DIGESTS = {
    "train-clean-5": "md5:5df7d4e78065366204ca6845bb08f490",
    "dev-clean-2": "md5:6d7ab67ac6a1d2c993d050e16d61080d",
}
"""To learn from, and held out. OpenSLR publishes MD5 digests alone."""


def find_mini_librispeech(url: str | None, progress: bool) -> Source:
    """Return where Mini LibriSpeech is. url: the folder of its archives. Raises CatalogError, OptionError,
    OutputError."""
    cache = cache_directory()
    for folder, name in ((data_directory(), "RECURRA_DATA"), (cache, "the cache")):
        for place in (folder / "mini-librispeech" / LIBRISPEECH_FOLDER, folder / LIBRISPEECH_FOLDER) if folder else ():
            if all((place / part).is_dir() for part in LIBRISPEECH_DIGESTS):
                return _librispeech(place, f"under {name} ({place})")
    place, base = cache / "mini-librispeech" / LIBRISPEECH_FOLDER, (url or LIBRISPEECH_URL).rstrip("/")
    for part, digest in LIBRISPEECH_DIGESTS.items():
        if not (place / part).is_dir():
            members = rf"(?:\./)?{LIBRISPEECH_FOLDER}/{part}/([0-9]+/[0-9]+/[0-9-]+\.(?:flac|trans\.txt))"
            _fetch("mini-librispeech", f"{base}/{part}.tar.gz", digest, place / part, members, progress, 2 << 30)
    return _librispeech(place, f"downloaded from {base} to {place}")


def _librispeech(place: Path, how: str) -> Source:
    train, test = (place / part for part in LIBRISPEECH_DIGESTS)
    return Source("mini-librispeech", train, f"mini-librispeech: {how}", test=test)


def find_speech_commands(url: str | None, progress: bool) -> Source:
    """Return where the tables of Speech Commands are. Raises CatalogError, OptionError, OutputError, ReadError."""
    cache = cache_directory()
    for folder, name in ((data_directory(), "RECURRA_DATA"), (cache, "the cache")):
        for place in (folder / "speech-commands" / COMMANDS_FOLDER, folder / COMMANDS_FOLDER) if folder else ():
            if (place / "testing_list.txt").is_file():
                return _commands(place, cache, f"under {name} ({place})")
    place, address = cache / "speech-commands" / COMMANDS_FOLDER, url or COMMANDS_URL
    _fetch("speech-commands", address, COMMANDS_DIGEST, place, COMMANDS_MEMBERS, progress, COMMANDS_BYTES)
    return _commands(place, cache, f"downloaded from {address} to {place}")


def _commands(place: Path, cache: Path, how: str) -> Source:
    """Write the tables of the recordings below `place`, with their full paths, and return them."""
    place = place.absolute()
    try:
        held_out = set((place / "testing_list.txt").read_text(encoding="utf-8").split())
        found = sorted(path for path in place.glob(f"*/*{SPEAKER_END}*.wav") if not path.parent.name.startswith("_"))
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(f"{place} cannot be read as Speech Commands: {error}. Fetch it again.") from None
    if missing := sorted(held_out - {path.relative_to(place).as_posix() for path in found}):
        raise ReadError(
            f"{place} is not whole: its testing_list.txt names {len(missing):,} recordings that are not there, such as "
            f"{missing[0]}. Fetch it again."
        )
    train, test = (cache / "speech-commands" / f"{part}.csv" for part in ("train", "test"))
    _write(train, (path for path in found if path.relative_to(place).as_posix() not in held_out))
    _write(test, (path for path in found if path.relative_to(place).as_posix() in held_out))
    return Source("speech-commands", train, f"speech-commands: {how}", test=test)


def _write(table: Path, recordings: Iterable[Path]) -> None:
    """Write path, transcript and speaker of each; the table appears whole."""
    partial = table.with_name(f".{table.name}.{os.getpid()}")
    try:
        table.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("path", "transcript", "speaker"))
            writer.writerows((path, path.parent.name, path.name.partition(SPEAKER_END)[0]) for path in recordings)
        partial.replace(table)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(
            f"Cannot write {table}: {error.strerror or error}. Set RECURRA_CACHE to a folder that you may write to."
        ) from None


def _fetch(name: str, url: str, digest: str, folder: Path, members: str, progress: bool, most_bytes: int) -> None:
    try:
        fetch_folder(url, digest, folder, members, progress, most_bytes)
    except CatalogError as error:
        raise CatalogError(
            f"The data set {name} is not on this machine. {error} Or put the unpacked folder {folder.name} into "
            f"{folder.parent}."
        ) from None
