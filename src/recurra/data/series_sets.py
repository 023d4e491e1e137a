"""Named data sets of series: the published files, checked by their digests, and the long tables made of them.

`m4-yearly` ... `m4-hourly`   the M4 competition: Train/Hourly-train.csv, and the part that was to be forecast. They
                              have a row for each series and no times, so that ds counts from 1, and goes on in the
                              test part.
`etth1` ... `ettm2`           ETT-small: a transformer's six loads and its oil temperature (OT), seven series with the
                              same times, as Nixtla's `LongHorizon` gives them.
`japanese-vowels`             JapaneseVowels_TRAIN.ts and JapaneseVowels_TEST.ts, as they are.

A file is looked for under RECURRA_DATA, then downloaded. What is kept in the cache, as NAME/train.csv with the columns
unique_id, ds and y, is of the published files alone: own copies are checked, too.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

from recurra.data.download import Convert, fetch_file, take_file
from recurra.data.source import Entry, Source, cache_directory, data_directory
from recurra.errors import CatalogError

M4_URL = "https://raw.githubusercontent.com/Mcompetitions/M4-methods/6c1067e5a57161249b17289a565178dc7a3fb3ca/Dataset/"
M4_DIGESTS = {
    "yearly": (
        "git:639f4aa455f07fe83776ba2459be782730b45ed6",
        "sha256:6dc2dd45b3af320389e2d3735cb4b3cdf320b63cbcda15d1a17193ab99702306",
    ),
    "quarterly": (
        "git:94ce474ab74463e3db3edb616b5948be6af5079c",
        "sha256:bf1cab3b969a744c220cdc148e3829803eaa5da2754270fc4f376e775cd7d0ae",
    ),
    "monthly": (
        "git:d956904cd5991422f70598453571572f5e6ba7f3",
        "git:c27ca44ca20b15a40da9e96ca1867f1fff7aeecb",
    ),
    "weekly": (
        "sha256:d478d3f6ed673e6ed3c2cb0fbed5425f72eedd51318ebebeb0b5ecfcefc37714",
        "sha256:3b2bc4be8e636e802260dcd843ca3c5da40536a1fbe1ecb3229a97dae4f44688",
    ),
    "daily": (
        "git:2393f4c26e7e002b3df8d173d83902ab26596928",
        "sha256:633b0815626ae266d36872c4d53e95eb93ee8d43e79587fceec519eba3e6b05e",
    ),
    "hourly": (
        "sha256:ea59b7783573c49077a835ab6465c7d66f1474783360f310988a9a737fbca62f",
        "sha256:71a57fccb15e534d973626ada4fb87febf789e9317715b7cc6dd3b5f90db6f42",
    ),
}
"""By the frequency of the series: of the file to learn from, and of the one held out. `git` is the name that the commit
in M4_URL has for the file: the SHA-1 of a header and its bytes."""

ETT_URL = "https://raw.githubusercontent.com/zhouhaoyi/ETDataset/1d16c8f4f943005d613b5bc962e9eeb06058cf07/ETT-small/"
ETT_DIGESTS = {
    "ETTh1": "sha256:f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066",
    "ETTh2": "sha256:a3dc2c597b9218c7ce1cd55eb77b283fd459a1d09d753063f944967dd6b9218b",
    "ETTm1": "git:62c9f979e2dc5b05d9cc5b38891e60e6baf77417",
    "ETTm2": "git:f9d46027c987d442d2d8f81308d1d8c4d1d35db8",
}

VOWELS_URL = (
    "https://raw.githubusercontent.com/aeon-toolkit/aeon/e5c37bb0a54950b552df33546c47510fffa0752b"
    "/aeon/datasets/data/JapaneseVowels/"
)
VOWELS_DIGESTS = {
    "JapaneseVowels_TRAIN.ts": "sha256:68a430eabd919cc77f40b1f5f3bc0dcafacc1486bca9260785aeb7d262cc78cd",
    "JapaneseVowels_TEST.ts": "sha256:b3d41d6a0ca3bcad3afb9ca7d4365382aa51341e2e58bae2a574babdda5b9462",
}


def find_m4(frequency: str, url: str | None, progress: bool) -> Source:
    """Return where the series of M4 of a frequency are. url: the folder of Train and Test. Raises CatalogError,
    OptionError, OutputError."""
    name, (train_digest, test_digest) = f"m4-{frequency}", M4_DIGESTS[frequency]
    place, base = cache_directory() / name, url or M4_URL
    train, test = place / "train.csv", place / "test.csv"

    def test_table(file: BinaryIO, path: Path) -> None:
        _long_of_wide(file, path, _last_steps(train))

    for path, digest, convert in ((train, train_digest, _long_of_wide), (test, test_digest, test_table)):
        part = path.stem
        address = f"{base.rstrip('/')}/{part.capitalize()}/{frequency.capitalize()}-{part}.csv"
        _have(name, path, address, digest, "m4", progress, convert)
    return Source(name, train, f"{name}: the published files, in {place}", test=test)


def find_ett(published: str, url: str | None, progress: bool) -> Source:
    """Return where the seven series of a file of ETT are. url: the folder of the files. Raises as `find_m4` does."""
    name = published.lower()
    place = cache_directory() / name
    train = place / "train.csv"
    address = f"{(url or ETT_URL).rstrip('/')}/{published}.csv"
    _have(name, train, address, ETT_DIGESTS[published], "ett", progress, _long_of_columns)
    return Source(name, train, f"{name}: the published files, in {place}")


def find_japanese_vowels(url: str | None, progress: bool) -> Source:
    """Return where JapaneseVowels is. url: the folder of its two files. Raises as `find_m4` does."""
    name, base = "japanese-vowels", (url or VOWELS_URL).rstrip("/")
    place = cache_directory() / name
    files = [place / file for file in VOWELS_DIGESTS]
    for path, digest in zip(files, VOWELS_DIGESTS.values(), strict=True):
        _have(name, path, f"{base}/{path.name}", digest, name, progress, _copy)
    return Source(name, files[0], f"{name}: the published files, in {place}", test=files[1])


def _have(name: str, path: Path, url: str, digest: str, family: str, progress: bool, convert: Convert) -> None:
    """Make `path` of the published file, unless it is there. family: the folder of own copies in RECURRA_DATA."""
    if path.is_file():
        return
    published, own = url.rpartition("/")[2], data_directory()
    for copy in (own / family / published, own / published) if own else ():
        if copy.is_file():
            take_file(copy, digest, path, convert)
            return
    try:
        fetch_file(url, digest, path, convert, progress)
    except CatalogError as error:
        raise CatalogError(
            f"The data set {name} is not on this machine. {error} Or put {published} into a folder and "
            "set RECURRA_DATA to that folder."
        ) from None


def _long_of_wide(file: BinaryIO, path: Path, last: Mapping[str, int] | None = None) -> None:
    """Write a row for each value of a table with a series in each row: its name, then its values in order of time, and
    nothing after the last one. last: how many steps of each series came before; none where it is None."""

    def rows() -> Iterable[tuple[str, int, str]]:
        for name, *values in _records(file):
            begun = last[name] if last is not None else 0
            known = max((step for step, value in enumerate(values, 1) if value), default=0)
            yield from ((name, begun + step, value) for step, value in enumerate(values[:known], 1))

    _write(path, rows())


def _long_of_columns(file: BinaryIO, path: Path) -> None:
    """Write a row for each value of a table with a time in each row: series after series, named by its column."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    (_, *names), *records = csv.reader(text)
    text.detach()
    _write(path, ((name, time[0], time[column]) for column, name in enumerate(names, 1) for time in records))


def _copy(file: BinaryIO, path: Path) -> None:
    with path.open("wb") as out:
        shutil.copyfileobj(file, out)


def _records(file: BinaryIO) -> Iterable[list[str]]:
    """Yield the records of a CSV file after its header."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    records = csv.reader(text)
    next(records)
    yield from records
    text.detach()


def _write(path: Path, rows: Iterable[tuple[str, int | str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("unique_id", "ds", "y"))
        writer.writerows(rows)


def _last_steps(train: Path) -> dict[str, int]:
    """Return the last step of each series of a table that `_long_of_wide` wrote."""
    with train.open("rb") as file:
        return {name: int(step) for name, step, _ in _records(file)}


M4_ABOUT = {
    "yearly": "23,000 series by year; the 6 years after them are the test part",
    "quarterly": "24,000 series by quarter; the 8 quarters after them are the test part",
    "monthly": "48,000 series by month; the 18 months after them are the test part",
    "weekly": "359 series by week; the 13 weeks after them are the test part",
    "daily": "4,227 series by day; the 14 days after them are the test part",
    "hourly": "414 series by hour; the 48 hours after them are the test part",
}

SERIES_SETS: dict[str, Entry] = {
    **{
        f"m4-{frequency}": Entry(
            f"M4 competition (Makridakis et al. 2020): {about}",
            "none stated; cite the paper",
            partial(find_m4, frequency),
            "series",
        )
        for frequency, about in M4_ABOUT.items()
    },
    **{
        published.lower(): Entry(
            f"{published} (Zhou et al. 2021): six loads and the oil temperature of a transformer, {step}, two years",
            "CC BY-ND 4.0",
            partial(find_ett, published),
            "series",
        )
        for published, step in zip(
            ETT_DIGESTS, ("by hour", "by hour", "by quarter of an hour", "by quarter of an hour"), strict=True
        )
    },
    "japanese-vowels": Entry(
        "Japanese Vowels (Kudo et al. 1999): 12 channels of 9 speakers, 270 series to learn from and 370 held out",
        "CC BY 4.0",
        find_japanese_vowels,
        "labelled series",
    ),
}
