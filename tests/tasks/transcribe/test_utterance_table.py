"""Tables that list recordings."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.errors import ColumnError, DataError, OptionError, ReadError
from recurra.options.base import validated
from recurra.tasks.transcribe.recording import Recording
from recurra.tasks.transcribe.utterance import Utterance
from recurra.tasks.transcribe.utterance_options import UtteranceOptions
from recurra.tasks.transcribe.utterance_table import NAMES, open_list

PLAIN = UtteranceOptions()


def write(folder: Path, rows: Sequence[Sequence[str]], name: str = "list.csv") -> Path:
    """A table, and an empty file for each value in it that ends with .wav."""
    for value in (value for row in rows for value in row if value.endswith("a.wav") or value.endswith("b.wav")):
        (folder / value).parent.mkdir(exist_ok=True)
        (folder / value).touch()
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter="\t" if name.endswith(".tsv") else ",").writerows(rows)
    return folder / name


def test_columns_are_found_by_their_names(tmp_path: Path) -> None:
    header = ["id", "Transcript", "End", "PATH", "speaker_id", "start"]
    path = write(tmp_path, [header, ["1", "yes, no", "2.5", "a.wav", "ann", "1"], ["2", "no", "", "b.wav", "", ""]])
    table = open_list(path, PLAIN, transcripts=True)
    assert list(table.utterances()) == [
        Utterance(tmp_path / "a.wav", "yes, no", "ann", 1.0, 2.5),
        Utterance(tmp_path / "b.wav", "no"),
    ]
    assert table.columns == ["PATH", "Transcript", "speaker_id", "start", "End"]
    assert table.facts == {
        "columns": 6,
        "format": "csv",
        "audio": "PATH",
        "transcript": "Transcript",
        "group": "speaker_id",
        "start": "start",
        "end": "End",
        "guessed": list(NAMES),
    }


def test_columns_that_are_named_win(tmp_path: Path) -> None:
    path = write(tmp_path, [["path", "text", "said", "sound"], ["no.wav", "wrong", "right", "a.wav"]])
    options = UtteranceOptions(audio="sound", transcript="said")
    table = open_list(path, options, transcripts=True)
    assert list(table.utterances()) == [Utterance(tmp_path / "a.wav", "right")]
    assert table.facts["guessed"] == []


def test_the_column_of_sound_files_is_known_by_its_values(tmp_path: Path) -> None:
    path = write(tmp_path, [["column", "text"], ["a.wav", "yes"], ["b.wav", "no"]])
    assert [one.path.name for one in open_list(path, PLAIN, transcripts=True).utterances()] == ["a.wav", "b.wav"]
    options = UtteranceOptions(header=False, transcript="column1")
    path = write(tmp_path, [["a.wav", "yes"], ["b.wav", "no"]])
    assert [one.transcript for one in open_list(path, options, transcripts=True).utterances()] == ["yes", "no"]


def test_the_same_table_in_every_format_has_the_same_utterances(tmp_path: Path) -> None:
    rows = [["path", "transcript", "speaker", "start"], ["a.wav", "ten", "ann", "0.25"], ["b.wav", "two", "bob", "1"]]
    comma, tab = write(tmp_path, rows), write(tmp_path, rows, "list.tsv")
    objects = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    lines = "".join(json.dumps({**each, "start": float(each["start"])}) + "\n" for each in objects)
    (tmp_path / "list.jsonl").write_text(lines)
    duckdb.sql(f"COPY (SELECT * FROM read_csv('{comma}')) TO '{tmp_path / 'list.parquet'}'")
    expected = list(open_list(comma, PLAIN).utterances())
    assert [one.start for one in expected] == [0.25, 1.0]
    for path in (tab, tmp_path / "list.jsonl", tmp_path / "list.parquet"):
        assert list(open_list(path, PLAIN, transcripts=True).utterances()) == expected


def test_files_may_be_beside_the_table_in_clips_or_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("set", "set/clips", "here"):
        (tmp_path / place).mkdir()
    for file in ("set/a.wav", "set/clips/b.wav", "here/c.wav"):
        (tmp_path / file).touch()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "set" / "list.csv").write_text("path\na.wav\nb.wav\nc.wav\n")
    found = [one.path.resolve() for one in open_list(tmp_path / "set" / "list.csv", PLAIN).utterances()]
    assert found == [tmp_path / file for file in ("set/a.wav", "set/clips/b.wav", "here/c.wav")]


def test_a_list_without_transcripts_will_do_to_be_answered(tmp_path: Path) -> None:
    path = write(tmp_path, [["file"], ["a.wav"]])
    table = open_list(path, PLAIN)
    assert table.columns == ["file"]
    assert table.utterance(("a.wav",)) == Utterance(tmp_path / "a.wav")
    assert table.recording(("a.wav",)) == Recording(tmp_path / "a.wav")
    with pytest.raises(ReadError, match=r"^A row of "):
        table.utterance(("b.wav",))
    with pytest.raises(ColumnError, match=r"holds the transcripts.*Name it with `--transcript COL`"):
        open_list(path, PLAIN, transcripts=True)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (["", "yes"], "row 2 names no sound file"),
        (["c.wav", " "], "row 2 has no transcript"),
        (["gone", "yes"], "row 2: the sound file"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(row: list[str], says: str, tmp_path: Path) -> None:
    path = write(tmp_path, [["path", "text"], ["a.wav", "yes"], row, ["b.wav", "no"]])
    with pytest.raises(ReadError, match=says):
        list(open_list(path, PLAIN, transcripts=True).utterances())


@pytest.mark.parametrize(
    ("header", "options", "says"),
    [
        (["path", "text"], {"audio": "pth"}, r"no column 'pth' \(--audio\).*Did you mean 'path'"),
        (["path", "text"], {"group": "voice"}, r"no column 'voice' \(--group\)"),
        (["path", "text"], {"audio": "text", "transcript": "text"}, "--audio and --transcript name the same column"),
        (["x", "text"], {}, "holds the paths of the sound files.*Name it with `--audio COL`"),
        (["path", "y"], {}, "holds the transcripts"),
        (["path;text", "y"], {"transcript": "y"}, "holds the paths"),
        (["path", "path", "text"], {}, "2 columns named 'path'"),
    ],
)
def test_columns_that_are_not_clear_are_asked_for(
    header: list[str], options: dict[str, str], says: str, tmp_path: Path
) -> None:
    path = write(tmp_path, [header, ["a"] * len(header)])
    with pytest.raises(ColumnError, match=says):
        open_list(path, validated(UtteranceOptions, options), transcripts=True)


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("a.wav\nb.wav\n")
    with pytest.raises(ReadError, match="one text a line"):
        open_list(tmp_path / "list.txt", PLAIN)
    (tmp_path / "a.wav").touch()
    with pytest.raises(ReadError, match="is a sound file, not a list"):
        open_list(tmp_path / "a.wav", PLAIN)
    (tmp_path / "b.wav").mkdir()
    with pytest.raises(ReadError, match=r"b\.wav is a folder\. .*files without --input: `"):
        open_list(tmp_path / "b.wav", PLAIN)
    with pytest.raises(ReadError, match="does not exist"):
        open_list(tmp_path / "none.csv", PLAIN)
    (tmp_path / "list.jsonl").write_text('{"path": "a.wav"}\n')
    with pytest.raises(OptionError, match="--delimiter"):
        open_list(tmp_path / "list.jsonl", UtteranceOptions(delimiter=";"))


def manifest(data: dict[str, object], config: dict[str, object]) -> Any:
    """The parts of a manifest that are asked for."""
    return SimpleNamespace(data=data, config=config)


def test_a_table_is_read_as_in_training(tmp_path: Path) -> None:
    rows = [["sound", "path", "said", "text"], ["a.wav", "b.wav", "ja — ja", "wrong"]]
    write(tmp_path, rows)
    lines = "\n".join(";".join(row) for row in rows).replace("—", "ü")
    (tmp_path / "list.csv").write_text(lines, encoding="latin-1")
    facts = open_list(
        tmp_path / "list.csv",
        UtteranceOptions(audio="sound", transcript="said", delimiter=";", encoding="latin-1"),
        transcripts=True,
    ).facts
    learnt = manifest(facts, {"delimiter": ";", "encoding": "latin-1"})
    table = open_list(tmp_path / "list.csv", PLAIN, transcripts=True, manifest=learnt)
    assert list(table.utterances()) == [Utterance(tmp_path / "a.wav", "ja ü ja")]
    usual = write(tmp_path, [["path", "text"], ["a.wav", "né"]], "usual.csv")
    table = open_list(usual, PLAIN, transcripts=True, manifest=learnt)
    assert list(table.utterances()) == [Utterance(tmp_path / "a.wav", "né")]
    table = open_list(tmp_path / "list.csv", UtteranceOptions(audio="path"), manifest=learnt)
    assert [one.path.name for one in table.utterances()] == ["b.wav"]


def test_a_table_without_a_header_has_as_many_columns_as_in_training(tmp_path: Path) -> None:
    options = UtteranceOptions(header=False, audio="column1", transcript="column0")
    facts = open_list(write(tmp_path, [["yes", "a.wav"]]), options, transcripts=True).facts
    learnt = manifest(facts, {"header": False})
    table = open_list(write(tmp_path, [["no", "b.wav"]]), PLAIN, transcripts=True, manifest=learnt)
    assert list(table.utterances()) == [Utterance(tmp_path / "b.wav", "no")]
    with pytest.raises(ColumnError, match="3 columns and no header, and the training's had 2"):
        open_list(write(tmp_path, [["no", "b.wav", "x"]]), PLAIN, transcripts=True, manifest=learnt)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)


@given(cells=st.lists(st.lists(CELL, min_size=4, max_size=4), max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_cells_are_utterances_or_one_error(
    cells: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("cells")
    path = write(folder, [["path", "text", "start", "end"], *cells, ["a.wav", "yes", "1", "2"]])
    try:
        utterances = list(open_list(path, PLAIN, transcripts=True).utterances())
    except DataError:
        return
    assert utterances[-1] == Utterance(folder / "a.wav", "yes", None, 1.0, 2.0)
