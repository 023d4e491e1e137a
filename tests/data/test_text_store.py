"""The store gives back what it was given, in any order, and says why when the disk does not play along."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data.text_store import TextStore
from recurra.errors import OutputError


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=[]))), st.data())
def test_texts_come_back_as_they_went_in(texts: list[str], data: st.DataObject) -> None:
    with TextStore() as store:
        assert [store.append(text) for text in texts] == list(range(len(texts)))
        assert len(store) == len(texts)
        assert list(store) == texts
        if texts:
            order = data.draw(st.lists(st.integers(-len(texts), len(texts) - 1)))
            assert list(store.select(order)) == [texts[row] for row in order]
        store.append("after reading")
        assert store[-1] == "after reading"


def test_large_texts_cross_the_buffer() -> None:
    texts = ["é" * 700_000, "x", "", "y" * 3_000_000]
    with TextStore() as store:
        for text in texts:
            store.append(text)
        assert list(store) == texts


def test_rows_beyond_the_last_are_index_errors() -> None:
    with TextStore() as store:
        store.append("a")
        for row in (1, -2, 10**6):
            with pytest.raises(IndexError):
                store[row]


def test_nothing_is_left_behind_and_nothing_is_seen(tmp_path: Path) -> None:
    with TextStore(tmp_path) as store:
        store.append("x" * 2_000_000)
        assert list(tmp_path.iterdir()) == []  # nameless: a killed process leaves nothing
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"Cannot write the texts to .*none.*No such file"):
        TextStore(tmp_path / "none")


def test_a_full_disk_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with TextStore() as store:
        monkeypatch.setattr(os, "pwrite", full)
        with pytest.raises(OutputError, match=r"No space left on device\. Free some space"):
            store.append("x" * 2_000_000)


def test_what_could_not_be_written_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full after a part of the buffer, and has room again later."""
    write, room = os.pwrite, [700_000]

    def scarce(fd: int, data: memoryview, offset: int) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = write(fd, data[: room[0]], offset)
        room[0] -= done
        return done

    monkeypatch.setattr(os, "pwrite", scarce)
    with TextStore() as store:
        texts = ["a" * 600_000, "b" * 600_000, "c", "d" * 900_000]
        store.append(texts[0])
        with pytest.raises(OutputError, match="No space left"):
            store.append(texts[1])
        room[0] = 10**8
        for text in texts[2:]:
            store.append(text)
        assert list(store) == texts


def test_a_file_that_shrinks_or_fails_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    read = os.pread
    with TextStore() as store:
        store.append("a text")
        monkeypatch.setattr(os, "pread", lambda fd, size, offset: read(fd, min(size, 2), offset))
        assert store[0] == "a text"
        monkeypatch.setattr(os, "pread", broken)
        with pytest.raises(OutputError, match=r"Cannot read the texts back from .*Input/output error"):
            store[0]
        monkeypatch.setattr(os, "pread", lambda *_: b"")
        with pytest.raises(OutputError, match="no longer whole"):
            store[0]


def test_no_temporary_directory_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    with pytest.raises(OutputError, match=r"the temporary directory: No usable temporary directory found\. Set TMPDIR"):
        TextStore()


def test_short_writes_are_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, offset: write(fd, data[:1000], offset))
    with TextStore() as store:
        texts = [f"text {n}" * 50 for n in range(300)]
        for text in texts:
            store.append(text)
        assert list(store) == texts
