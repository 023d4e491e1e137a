"""An utterance of values as they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.errors import ReadError
from recurra.tasks.transcribe.utterance import Utterance, made


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.wav").touch()
        (tmp_path / name / "both.wav").touch()
    return [tmp_path / "one", tmp_path / "two"]


def test_a_file_is_looked_for_in_the_folders_in_turn(folders: list[Path]) -> None:
    one, two = folders
    assert made("row 1", folders, "two.wav", "a") == Utterance(two / "two.wav", "a")
    assert made("row 1", folders, " both.wav ", "a").path == one / "both.wav"
    assert made("row 1", folders, str(two / "both.wav"), "a").path == two / "both.wav"


def test_times_are_seconds_and_empty_cells_are_nothing(folders: list[Path]) -> None:
    assert made("", folders, "one.wav", "a", " ann ", "1.5", "2e0") == Utterance(
        folders[0] / "one.wav", "a", "ann", 1.5, 2.0
    )
    assert made("", folders, "one.wav", "a", "", "", " ") == Utterance(folders[0] / "one.wav", "a")
    assert made("", folders, "one.wav", "", transcript_needed=False).transcript == ""


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ((None, "a"), "names no sound file"),
        (("  ", "a"), "names no sound file"),
        (("one.wav", None), "has no transcript of 'one.wav'"),
        (("one.wav", " \t"), "has no transcript of 'one.wav'"),
        (("onne.wav", "a"), "the sound file 'onne.wav' is not in "),
        (("onne.wav", "a"), "two. Did you mean 'one.wav'?"),
        (("/nowhere/a.wav", "a"), "the sound file /nowhere/a.wav does not exist"),
        ((".", "a"), "is a folder"),
        (("a\0.wav", "a"), "'a\\x00.wav' cannot be the path of a file"),
        (("a" * 5_000, "a"), "cannot be the path of a file"),
        (("one.wav", "a", None, "soon"), "'soon' is no start of a part"),
        (("one.wav", "a", None, "-1"), "'-1' is no start of a part"),
        (("one.wav", "a", None, "nan"), "'nan' is no start of a part"),
        (("one.wav", "a", None, None, "inf"), "'inf' is no end of a part"),
        (("one.wav", "a", None, "2", "1"), "from 2 s to 1 s has no length"),
        (("one.wav", "a", None, None, "0"), "from 0 s to 0 s has no length"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_with_the_row(values: tuple[str | None, ...], says: str, folders: list[Path]) -> None:
    with pytest.raises(ReadError) as caught:
        made("list.csv, row 7", folders, *values)
    assert says in str(caught.value)
    assert str(caught.value).startswith("list.csv, row 7")
    assert "\n" not in str(caught.value)
