"""Names of data: paths as they are, several of them, and patterns."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.data.tables.location import BETWEEN, files_of, is_several, joined
from recurra.errors import OptionError, ReadError


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    folder = tmp_path / "parts"
    (folder / "more").mkdir(parents=True)
    for name in ("b.csv", "a.csv", "c.tsv", ".hidden.csv", "more/d.csv"):
        (folder / name).write_text("text\nx\n")
    return folder


def test_a_pattern_stands_for_its_files_in_order_of_names(parts: Path) -> None:
    assert files_of(parts / "*.csv") == [parts / "a.csv", parts / "b.csv"]
    assert files_of(parts / "[bc].?sv") == [parts / "b.csv", parts / "c.tsv"]
    assert files_of(parts / "**" / "*.csv") == [parts / "a.csv", parts / "b.csv", parts / "more" / "d.csv"]


def test_several_paths_keep_their_order_and_may_be_patterns(parts: Path) -> None:
    name = Path(joined([f"{parts}/b.csv", f"{parts}/more/*.csv", f"{parts}/a.csv"]))
    assert is_several(name)
    assert files_of(name) == [parts / "b.csv", parts / "more" / "d.csv", parts / "a.csv"]


def test_a_path_that_exists_is_meant_as_it_is(tmp_path: Path) -> None:
    for name in ("a*.csv", f"x{BETWEEN}y.csv"):
        (tmp_path / name).write_text("text\n")
        (tmp_path / "ab.csv").write_text("text\n")
        assert files_of(tmp_path / name) == [tmp_path / name] and not is_several(tmp_path / name)
    assert files_of(tmp_path / "missing.csv") == [tmp_path / "missing.csv"]
    assert joined(["lone"]) == "lone"


def test_what_cannot_be_several_files(parts: Path, tmp_path: Path) -> None:
    (parts / "link.csv").symlink_to(parts / "a.csv")
    for name, reason in {
        "x*.csv": "No file matches",
        "mor*": r"matches folders; name the files in them",
        "*.csv": r"a\.csv and .*link\.csv are one file",
        f"a.csv{BETWEEN}{parts}/a.csv": r"a\.csv is named twice",
        f"a.csv{BETWEEN}{parts}/d.csv": r"d\.csv does not exist\. Did you mean",
        f"a.csv{BETWEEN}{parts}/more": r"more is a folder",
    }.items():
        with pytest.raises(ReadError, match=reason):
            files_of(Path(f"{parts}/{name}"))
    with pytest.raises(OptionError, match="cannot be one of several"):
        joined(["a.csv", f"b{BETWEEN}c.csv"])
    with pytest.raises(OptionError, match=r"21 files are named; at most 20 are\. Put a pattern"):
        joined(["a.csv"] * 21)
