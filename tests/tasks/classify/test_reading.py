"""A named data set has the same labels wherever it was found."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.tasks.classify.options import ReadOptions
from recurra.tasks.classify.reading import open_data
from recurra.terminal.progress import Reporter


def test_imdb_labels_have_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("train", "test"):
        for label in ("pos", "neg"):
            folder = tmp_path / "aclImdb" / part / label
            folder.mkdir(parents=True)
            (folder / "0_9.txt").write_text(f"a {label} review")
    monkeypatch.setenv("RECURRA_DATA", str(tmp_path))
    opened = open_data("imdb", ReadOptions(), Reporter(quiet=True))
    assert sorted(opened.rows(["split"])) == [
        ("a neg review", "negative", "test"),
        ("a neg review", "negative", "train"),
        ("a pos review", "positive", "test"),
        ("a pos review", "positive", "train"),
    ]
    plain = open_data(str(tmp_path / "aclImdb"), ReadOptions(), Reporter(quiet=True))
    assert {row[1] for row in plain.rows()} == {"pos", "neg"}
