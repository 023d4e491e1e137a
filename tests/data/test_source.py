"""Where data are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.data.source import Source, cache_directory, data_directory
from recurra.errors import OptionError


def test_the_folder_for_downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECURRA_CACHE", str(tmp_path))
    assert cache_directory() == tmp_path
    monkeypatch.delenv("RECURRA_CACHE")
    assert cache_directory().name == "recurra"


def test_the_folder_of_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECURRA_DATA", raising=False)
    assert data_directory() is None
    monkeypatch.setenv("RECURRA_DATA", str(tmp_path))
    assert data_directory() == tmp_path
    monkeypatch.setenv("RECURRA_DATA", str(tmp_path / "none"))
    with pytest.raises(OptionError, match="is not a folder"):
        data_directory()


def test_a_source_opens_the_rows_that_are_meant(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,of\nyes,b\nno,c\n")
    source = Source("a", tmp_path / "a.csv", "a", "text", "of", where=("of", "b"))
    assert [row for batch in source.open().batches(("text",)) for row in batch] == [("yes",)]
