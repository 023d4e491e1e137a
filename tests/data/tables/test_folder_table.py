"""Folders of class folders, with and without train and test."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Dialect
from recurra.errors import ReadError


def lay_out(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root


def test_the_layout_of_acl_imdb(tmp_path: Path) -> None:
    lay_out(
        tmp_path,
        {
            "imdb.vocab": "x",
            "test/neg/0_2.txt": " bad\r\n",
            "test/pos/0_9.txt": "good",
            "train/neg/1_1.txt": "\ufeffawful",
            "train/pos/1_8.txt": "fine",
            "train/pos/0_7.txt": "",
            "train/unsup/0_0.txt": "who knows",
            "train/pos/notes.md": "not a review",
            "train/labeledBow.feat": "0",
            "train/.hidden/a.txt": "no",
        },
    )
    table = open_table(tmp_path)
    assert table.columns == ("text", "label", "path", "split")
    assert list(table.batches(table.columns, size=2)) == [
        [("awful", "neg", "train/neg/1_1.txt", "train"), ("", "pos", "train/pos/0_7.txt", "train")],
        [("fine", "pos", "train/pos/1_8.txt", "train"), (" bad\r\n", "neg", "test/neg/0_2.txt", "test")],
        [("good", "pos", "test/pos/0_9.txt", "test")],
    ]


def test_class_folders_alone_have_no_split(tmp_path: Path) -> None:
    lay_out(tmp_path, {"b/1.txt": "x", "a/1.txt": "y"})
    table = open_table(tmp_path)
    assert table.columns == ("text", "label", "path")
    assert list(table.batches(["label", "text"])) == [[("a", "y"), ("b", "x")]]


def test_a_folder_without_classes_says_what_is_expected(tmp_path: Path) -> None:
    lay_out(tmp_path, {"a.txt": "x", "empty/readme.md": "y"})
    with pytest.raises(ReadError, match=r"Expected .*pos/\*\.txt"):
        open_table(tmp_path)


def test_files_that_are_not_text_stop_or_are_set_aside(tmp_path: Path) -> None:
    lay_out(tmp_path, {"data/a/1.txt": "x", "data/a/3.txt": "n\0l", "data/b/1.txt": "y"})
    (tmp_path / "data/a/2.txt").write_bytes("café".encode("latin-1"))
    with pytest.raises(ReadError, match=r"2\.txt, byte 3: not valid utf-8.*--encoding"):
        list(open_table(tmp_path / "data").batches(["text"]))
    table = open_table(tmp_path / "data", bad_rows="skip", rejects_path=tmp_path / "r.csv")
    assert list(table.batches(["text"])) == [[("x",), ("y",)]]
    assert table.rejected == 2
    assert "a/3.txt" in (tmp_path / "r.csv").read_text()
    latin = open_table(tmp_path / "data", Dialect(encoding="latin-1"), bad_rows="skip")
    assert [row[0] for batch in latin.batches(["text"]) for row in batch] == ["x", "café", "y"]


def test_all_the_usual_parts_are_read(tmp_path: Path) -> None:
    files = {f"{part}/{label}/1.txt": f"{part} {label}" for part in ("test", "val", "train") for label in ("a", "b")}
    table = open_table(lay_out(tmp_path, files))
    found = [row for batch in table.batches(["split", "text"]) for row in batch]
    assert found == [(part, f"{part} {label}") for part in ("train", "val", "test") for label in ("a", "b")]


def test_a_class_may_be_called_as_a_part(tmp_path: Path) -> None:
    table = open_table(lay_out(tmp_path, {"train/1.txt": "by rail", "car/1.txt": "by road"}))
    assert table.columns == ("text", "label", "path")
    assert list(table.batches(["label", "text"])) == [[("car", "by road"), ("train", "by rail")]]


def test_a_folder_of_two_files_names_the_command(tmp_path: Path) -> None:
    lay_out(tmp_path, {"test.csv": "text,label\n", "train.csv": "text,label\n"})
    with pytest.raises(ReadError, match=r"train\.csv --test .*test\.csv`"):
        open_table(tmp_path)
