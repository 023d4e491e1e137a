"""Files that replace others whole, and whether a directory could be published (publishing: test_model_directory.py)."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from recurra.errors import OutputError
from recurra.storage.files import check_new_file, check_publishable, publish, publishing, replacing


def check(directory: Path, names: tuple[str, ...] | None = None) -> None:
    check_publishable(directory, replaceable=names, what="a comparison")


def test_what_can_be_published_is_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    publish(tmp_path / "full", {"a.txt": b"old"})
    check(tmp_path / "new")
    check(tmp_path / "several" / "new" / "folders")
    check(tmp_path / "empty")
    check(tmp_path / "full", ("a.txt", "b.txt"))
    assert sorted(os.listdir(tmp_path)) == ["empty", "full"]
    assert (tmp_path / "full" / "a.txt").read_bytes() == b"old"


def test_what_publish_would_refuse_is_refused(tmp_path: Path) -> None:
    publish(tmp_path / "full", {"a.txt": b"old"})
    (tmp_path / "file").write_bytes(b"")
    for directory, names, words in (
        (tmp_path / "full", None, r"is not empty.*--overwrite"),
        (tmp_path / "full", ("b.txt",), r"holds 'a\.txt', which is not part of a comparison\. Choose"),
        (tmp_path / "file", ("a.txt",), "a file is in the way"),
        (tmp_path / "file" / "new", None, "A part of that path is a file"),
        (tmp_path / ("x" * 300), None, "Choose a shorter name"),
        (Path("/proc/none") if Path("/proc/self").exists() else tmp_path / "file" / "x", None, "Cannot write"),
    ):
        with pytest.raises(OutputError, match=words):
            check(directory, names)
    assert sorted(os.listdir(tmp_path)) == ["file", "full"]


def test_where_a_new_file_may_be_written(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "old")
    assert check_new_file(tmp_path / "new", "--html", replace=False) == tmp_path / "new"
    assert check_new_file(tmp_path / "link", "--html", replace=True) == tmp_path / "old"
    assert sorted(os.listdir(tmp_path)) == ["link", "old"]
    assert (tmp_path / "old").read_text() == "old"


def test_where_no_new_file_may_be_written(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "manifest.json").write_text('{"recurra": "0.1.0"}')
    os.mkfifo(tmp_path / "pipe")
    for name, words in (
        ("old", r"^--html .*old exists already\. Choose another name, or replace it with --overwrite\.$"),
        ("none/new", rf"^--html .*: there is no folder {tmp_path}/none\. Make it first"),
        ("old/new", "Not a directory. A part of that path is a file: choose another place"),
        ("old/none/new", "Not a directory. A part of that path is a file: choose another place"),
        ("x" * 300, "Choose a shorter name"),
        ("model", "is a folder. Choose the name of a file"),
        ("model/new", "lies in the model directory"),
        ("pipe", "is a device or a pipe, not a file"),
        ("round", "is a link that leads round in a circle"),
    ):
        for replace in (False,) if name == "old" else (False, True):
            with pytest.raises(OutputError, match=words):
                check_new_file(tmp_path / name, "--html", replace=replace)
    assert sorted(os.listdir(tmp_path)) == ["model", "old", "pipe", "round"]


def test_a_folder_that_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a fault and not by permissions, which a superuser does not notice."""
    mkdir = Path.mkdir

    def refused(self: Path, *rest: object, **more: object) -> None:
        if self.name.endswith(".partial"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        mkdir(self)

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(OutputError, match=r"Permission denied\. Choose a place that you may write to"):
        check(tmp_path / "a" / "b")
    assert os.listdir(tmp_path) == []


def test_a_mounted_file_system_cannot_be_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == tmp_path / "out")
    with pytest.raises(OutputError, match=r"a comparison to .*out: it is a mounted file system.*Choose a folder in it"):
        check(tmp_path / "out")


def test_a_streamed_file_takes_its_place_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    with replacing(path) as file:
        file.write(b"one ")
        assert not path.exists()
        file.write(b"two")
    assert path.read_bytes() == b"one two"

    def stop() -> None:
        with replacing(path) as file:
            file.write(b"three")
            raise OutputError("stop")

    with pytest.raises(OutputError, match="stop"):
        stop()
    assert path.read_bytes() == b"one two"
    assert os.listdir(path.parent) == ["b.txt"]


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / f".b.txt.{'0' * 16}.partial").write_bytes(b"left behind")
    (tmp_path / ".b.txt.mine.partial").write_bytes(b"of another program")
    with replacing(tmp_path / "b.txt") as file:
        file.write(b"whole")
    assert sorted(os.listdir(tmp_path)) == [".b.txt.mine.partial", "b.txt"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_fills_is_reported_with_the_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b.txt").write_bytes(b"old")
    with pytest.raises(OutputError, match=r"No space left on device\. Free some space"), replacing(tmp_path / "b.txt"):
        Path("/dev/full").write_bytes(b"x")
    assert (tmp_path / "b.txt").read_bytes() == b"old"


def write_tree(folder: Path, content: str) -> None:
    (folder / "data" / "model").mkdir(parents=True)
    (folder / "data" / "model" / "weights").write_text(content)
    (folder / "head").write_text(content)


def test_a_directory_with_folders_appears_at_the_end_of_the_block(tmp_path: Path) -> None:
    target = tmp_path / "new" / "there"
    with publishing(target, replaceable=None, what="a tree") as place:
        write_tree(place, "first")
        assert not target.exists()
    assert (target / "data" / "model" / "weights").read_text() == "first"
    with publishing(target, replaceable=("head", "data"), what="a tree") as place:
        write_tree(place, "second")
        assert (target / "head").read_text() == "first"
    assert (target / "data" / "model" / "weights").read_text() == "second"
    assert os.listdir(tmp_path / "new") == ["there"]


def test_a_block_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "there"
    with publishing(target, replaceable=None, what="a tree") as place:
        write_tree(place, "first")

    def fail(error: Exception) -> None:
        with publishing(target, replaceable=("head", "data"), what="a tree") as place:
            write_tree(place, "second")
            raise error

    with pytest.raises(ValueError, match="mine"):
        fail(ValueError("mine"))
    with pytest.raises(OutputError, match=r"Cannot write .*there: No space left on device. Free some space"):
        fail(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert (target / "data" / "model" / "weights").read_text() == "first"
    assert os.listdir(tmp_path) == ["there"]
