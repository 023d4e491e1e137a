"""The rejects file: whole or not at all, and nothing beside it."""

from __future__ import annotations

import csv
import errno
import os
from pathlib import Path

import pytest

from recurra.data.tables.rejects import Rejects
from recurra.errors import OutputError


def test_the_content_is_durable_before_the_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, steps = tmp_path / "new" / "r.csv", []
    path.parent.mkdir()
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        steps.append(("fsync", os.fstat(descriptor).st_size))
        fsync(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        steps.append(("rename", self.stat().st_size))
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    with Rejects(path) as rejects:
        rejects.add(3, "why", "a,b,c\r\n")
        assert not path.exists()
    assert steps == [("fsync", path.stat().st_size), ("rename", path.stat().st_size)]
    with path.open(newline="") as file:
        assert list(csv.reader(file)) == [["line", "reason", "row"], ["3", "why", "a,b,c"]]
    assert os.listdir(path.parent) == ["r.csv"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "r.csv"
    path.write_text("before")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"r\.csv: No space left"), Rejects(path) as rejects:
        rejects.add(3, "why", "a,b,c")
    assert (os.listdir(tmp_path), path.read_text()) == (["r.csv"], "before")


def test_an_error_amid_the_rows_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with Rejects(tmp_path / "r.csv") as rejects:
            rejects.add(3, "why", "a,b,c")
            raise ValueError("amid")

    with pytest.raises(ValueError, match="amid"):
        fail()
    assert os.listdir(tmp_path) == []
    with Rejects(tmp_path / "none.csv"):
        pass
    assert os.listdir(tmp_path) == []
