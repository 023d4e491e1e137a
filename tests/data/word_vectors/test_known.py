"""Where a name or a path of word vectors leads."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from recurra.data.word_vectors.known import KNOWN, all_fetched, fetched, find, folder, record_path
from recurra.data.word_vectors.stream import digest
from recurra.errors import CatalogError, ReadError
from support.vector_files import glove, made_vectors, written
from support.whole_commands import in_sentences


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECURRA_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    folder().mkdir(parents=True)
    return folder()


def kept(name: str, seed: int = 0) -> Path:
    """Put vectors into the cache, as fetching leaves them."""
    path = written(folder() / f"{name}.txt", glove(made_vectors(["the"], 3, seed)))
    record = {"file": path.name, "url": "https://x.org/y", "sha256": digest(path), "pinned": True}
    record_path(name).write_text(json.dumps(record))
    return path


def test_every_known_name_is_https_with_a_digest_and_a_member() -> None:
    assert {"glove.6B.50d", "glove.6B.100d", "glove.840B.300d", "glove.twitter.27B.25d"} <= set(KNOWN)
    for name, known in KNOWN.items():
        assert known.url.startswith("https://") and known.url.endswith(".zip")
        assert re.fullmatch("[0-9a-f]{64}", known.sha256)
        assert known.member == f"{name}.txt"


def test_a_path_wins_over_a_name(cache: Path) -> None:
    kept("glove.6B.50d")
    assert find("glove.6B.50d").path == cache / "glove.6B.50d.txt"
    assert find("glove.6B.50d").name == "glove.6B.50d"
    here = written(Path("glove.6B.50d"), glove(made_vectors(["of"], 2)))
    assert find("glove.6B.50d").width == 2 and find("glove.6B.50d").path == here


def test_what_is_not_there_says_the_next_step() -> None:
    with pytest.raises(CatalogError, match="with `recurra vectors fetch glove") as error:
        find("glove.6B.100d")
    in_sentences(str(error.value))
    with pytest.raises(ReadError, match=r"Did you mean 'glove.6B.100d'\?"):
        find("glove.6b.100d")
    for odd in ("x" * 5000, "a\0b", "~none/x", "none/none"):
        with pytest.raises(ReadError, match="there is no such file"):
            find(odd)


def test_a_fetched_file_that_changed_is_refused() -> None:
    path = kept("mine")
    assert find("mine").width == 3
    assert [each.name for each in all_fetched()] == ["mine"]
    path.write_bytes(glove(made_vectors(["the"], 3, seed=1)))
    with pytest.raises(ReadError, match="digest differs"):
        find("mine")
    path.unlink()
    assert fetched("mine") is None and all_fetched() == []


@pytest.mark.parametrize(
    "record",
    ["", "[]", "{}", '{"file": "../x", "url": "u", "sha256": "s", "pinned": true}', '{"file": "mine.json"}'],
)
def test_a_record_that_is_none_counts_as_nothing_fetched(record: str) -> None:
    (folder().parent / "x").write_text("secret")
    record_path("mine").write_text(record)
    assert fetched("mine") is None
