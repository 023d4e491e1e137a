"""Word vectors that have a name: where each is downloaded from, and where it lies once it is fetched."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from recurra.data.source import cache_directory
from recurra.data.word_vectors.stream import digest
from recurra.data.word_vectors.vector_file import VectorFile
from recurra.errors import CatalogError, ReadError, did_you_mean
from recurra.options.word_vectors import COUNTED, RANDOM

_GLOVE = "https://nlp.stanford.edu/data/"
RECORD = ".fetched.json"
"""The end of the name of the file that says what was fetched."""
_LICENCE = "Public Domain Dedication and License 1.0"


@dataclass(frozen=True)
class Known:
    """Vectors that can be fetched.

    url: of the file, or of a ZIP archive with it; sha256: of what the URL gives; member: the file in the archive;
    megabytes: of the download; about: what the vectors were learnt from.
    """

    url: str
    sha256: str
    member: str | None
    megabytes: int
    about: str
    licence: str = _LICENCE


def _glove(corpus: str, sizes: Iterable[int], sha256: str, megabytes: int, about: str) -> dict[str, Known]:
    """Return GloVe's vectors of a corpus. One archive has all sizes."""
    archive = f"glove.{corpus}" if corpus in ("6B", "twitter.27B") else f"glove.{corpus}.300d"
    return {
        f"glove.{corpus}.{size}d": Known(
            f"{_GLOVE}{archive}.zip", sha256, f"glove.{corpus}.{size}d.txt", megabytes, f"{about}, {size} numbers"
        )
        for size in sizes
    }


KNOWN: dict[str, Known] = {
    **_glove(
        "6B",
        (50, 100, 200, 300),
        "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb",
        862,
        "English, Wikipedia 2014 and Gigaword 5, 400,000 lower-case words",
    ),
    **_glove(
        "42B",
        (300,),
        "03d5d7fa28e58762ace4b85fb71fe86a345ef0b5ff39f5390c14869da0fc1970",
        1_878,
        "English, Common Crawl, 1,900,000 lower-case words",
    ),
    **_glove(
        "840B",
        (300,),
        "c06db255e65095393609f19a4cfca20bf3a71e20cc53e892aafa490347e3849f",
        2_177,
        "English, Common Crawl, 2,200,000 cased words",
    ),
    **_glove(
        "twitter.27B",
        (25, 50, 100, 200),
        "792af52f795d1a32c9842a3240f5f3fe5e941a8ff6df5eb0f9d668092ebc019c",
        1_521,
        "English, Twitter, 1,200,000 lower-case words",
    ),
}
"""The digests are those that PyTorch's torchtext and Julia's Embeddings.jl check the same archives by."""


def folder() -> Path:
    """Return where fetched vectors lie."""
    return cache_directory() / "vectors"


def record_path(name: str) -> Path:
    """Return where it is recorded what was fetched under a name."""
    return folder() / f"{name}{RECORD}"


@dataclass(frozen=True)
class Fetched:
    """Vectors that were fetched. url: from where; sha256: of the file as it was written; pinned: whether the download
    had a digest that was known before."""

    name: str
    path: Path
    url: str
    sha256: str
    pinned: bool

    @property
    def bytes(self) -> int:
        """The size of the file; 0 where it is gone."""
        return self.path.stat().st_size if self.path.is_file() else 0


def fetched(name: str) -> Fetched | None:
    """Return what was fetched under a name; None where nothing was, or what is recorded of it cannot be read."""
    try:
        plain: Any = json.loads(record_path(name).read_bytes())
        path = folder() / str(plain["file"])
        found = Fetched(name, path, str(plain["url"]), str(plain["sha256"]), plain["pinned"] is True)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if path.parent == folder() and path.is_file() else None


def all_fetched() -> list[Fetched]:
    """Return everything that was fetched, by name."""
    try:
        names = sorted(path.name.removesuffix(RECORD) for path in folder().glob(f"*{RECORD}"))
    except OSError:
        return []
    return [found for name in names if (found := fetched(name)) is not None]


def find(word_vectors: str) -> VectorFile:
    """Return the file that the option --word-vectors names: a path that exists, or else a name that was fetched.

    Raises CatalogError for a name that was not, ReadError for a path that leads nowhere or a file that is none.
    """
    try:
        path = Path(word_vectors).expanduser()
        there = path.exists() or path.is_symlink()
    except (OSError, ValueError, RuntimeError):  # too long for a name, a NUL in it, or the home of nobody
        there = False
    if there:
        return _opened(path, None)
    if (found := fetched(word_vectors)) is not None:
        if digest(found.path) != found.sha256:
            raise ReadError(
                f"{found.path} is not as it was fetched: its digest differs from the recorded one. Fetch it again "
                f"with `recurra vectors fetch {word_vectors} --overwrite`."
            )
        return _opened(found.path, word_vectors)
    if word_vectors in KNOWN:
        raise CatalogError(
            f"The word vectors {word_vectors} are not on this machine. Fetch them with "
            f"`recurra vectors fetch {word_vectors}`."
        )
    hint = did_you_mean(word_vectors, (COUNTED, RANDOM, *KNOWN, *(each.name for each in all_fetched())))
    raise ReadError(
        f"--word-vectors {word_vectors}: there is no such file, and no vectors of that name were fetched.{hint} Give "
        f"{COUNTED}, {RANDOM}, a file, or a name that `recurra vectors list` shows."
    )


def _opened(path: Path, name: str | None) -> VectorFile:
    """Return the file, which is looked at again only where it has changed."""
    try:
        state = path.stat()
    except OSError:
        return VectorFile(path, name)  # which says what is wrong
    return _looked_at(path, name, state.st_mtime_ns, state.st_size)


@cache
def _looked_at(path: Path, name: str | None, changed: int, size: int) -> VectorFile:
    return VectorFile(path, name)
