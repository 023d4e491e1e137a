"""The spool gives back what it was given, in any order, and says why when the disk does not play along."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data import Spool
from recurra.errors import OutputError


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=[]))), st.data())
def test_texts_come_back_as_they_went_in(texts: list[str], data: st.DataObject) -> None:
    with Spool() as spool:
        assert [spool.append(text) for text in texts] == list(range(len(texts)))
        assert len(spool) == len(texts)
        assert list(spool) == texts
        if texts:
            order = data.draw(st.lists(st.integers(-len(texts), len(texts) - 1)))
            assert list(spool.select(order)) == [texts[row] for row in order]
        spool.append("after reading")
        assert spool[-1] == "after reading"


def test_large_texts_cross_the_buffer() -> None:
    texts = ["é" * 700_000, "x", "", "y" * 3_000_000]
    with Spool() as spool:
        for text in texts:
            spool.append(text)
        assert list(spool) == texts


def test_rows_beyond_the_last_are_index_errors() -> None:
    with Spool() as spool:
        spool.append("a")
        for row in (1, -2, 10**6):
            with pytest.raises(IndexError):
                spool[row]


def test_nothing_is_left_behind_and_nothing_is_seen(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.append("x" * 2_000_000)
        assert list(tmp_path.iterdir()) == []  # nameless: a killed process leaves nothing
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"Cannot set texts aside in .*none.*No such file"):
        Spool(tmp_path / "none")


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Spool() as spool:
        monkeypatch.setattr(os, "pwrite", full)
        with pytest.raises(OutputError, match=r"No space left on device\. Free some space"):
            spool.append("x" * 2_000_000)


def test_short_writes_are_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, offset: write(fd, data[:1000], offset))
    with Spool() as spool:
        texts = [f"text {n}" * 50 for n in range(300)]
        for text in texts:
            spool.append(text)
        assert list(spool) == texts
