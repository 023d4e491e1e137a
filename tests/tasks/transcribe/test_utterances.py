"""Recordings with their transcripts, from tables and folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.errors import OptionError, ReadError
from recurra.tasks.transcribe.utterance_options import UtteranceOptions
from recurra.tasks.transcribe.utterances import Utterance, read_utterances

PLAIN = UtteranceOptions()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.wav", "b.wav"):
        (tmp_path / name).touch()
    return tmp_path


def test_repeated_recordings_are_counted(folder: Path) -> None:
    rows = ["a.wav,yes,,", "b.wav,no,,", "a.wav,yes,,", "a.wav,no,0,", "a.wav,yes,1,2", "a.wav,yes,1.0,2"]
    (folder / "list.csv").write_text("\n".join(["path,text,start,end", *rows]))
    utterances, facts = read_utterances(folder / "list.csv", PLAIN, transcripts=True)
    assert len(utterances) == 6
    assert (facts["duplicates"], facts["contradictions"], facts["rejected_rows"]) == (3, 1, 0)
    assert facts["notes"] == [
        "3 of 6 rows are of a recording that an earlier row names too, 1 of them with another transcript."
    ]
    assert (facts["format"], facts["audio"], facts["group"]) == ("csv", "path", None)


def test_common_voice(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    for name in ("common_voice_en_1.mp3", "common_voice_en_2.mp3"):
        (tmp_path / "clips" / name).touch()
    (tmp_path / "train.tsv").write_text(
        'client_id\tpath\tsentence\tup_votes\nx1\tcommon_voice_en_1.mp3\tThe "end".\t2\n'
        "x2\tcommon_voice_en_2.mp3\tWell, no\t3\n"
    )
    expected = [
        Utterance(tmp_path / "clips/common_voice_en_1.mp3", 'The "end".', "x1"),
        Utterance(tmp_path / "clips/common_voice_en_2.mp3", "Well, no", "x2"),
    ]
    for data in (tmp_path, tmp_path / "train.tsv"):
        utterances, facts = read_utterances(data, PLAIN, transcripts=True)
        assert utterances == expected
        assert facts["notes"] == []


def test_broken_rows_are_skipped_and_counted_where_that_is_asked_for(folder: Path) -> None:
    (folder / "list.csv").write_text("path,text\na.wav,yes\nb.wav,no,more\nb.wav,no\n")
    with pytest.raises(ReadError, match="line 3"):
        read_utterances(folder / "list.csv", PLAIN, transcripts=True)
    utterances, facts = read_utterances(
        folder / "list.csv", UtteranceOptions(bad_rows="skip"), transcripts=True, rejects=folder / "rejects"
    )
    assert (len(utterances), facts["rejected_rows"]) == (2, 1)
    assert "more" in (folder / "rejects").read_text()


def test_a_folder_has_no_columns(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text("yes")
    utterances, facts = read_utterances(folder, PLAIN, transcripts=True)
    assert [one.path.name for one in utterances] == ["a.wav", "b.wav"]
    assert facts["format"] == "files"
    with pytest.raises(OptionError, match="--group names a column of a table"):
        read_utterances(folder, UtteranceOptions(group="speaker"), transcripts=True)


def test_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("path,text\n")
    (tmp_path / "kaldi").mkdir()
    (tmp_path / "kaldi" / "wav.scp").write_text("\n")
    (tmp_path / "kaldi" / "text").write_text("\n")
    for data in ("list.csv", "kaldi"):
        with pytest.raises(ReadError, match=r"no rows|lists no recordings"):
            read_utterances(tmp_path / data, PLAIN, transcripts=True)
    with pytest.raises(ReadError, match="does not exist"):
        read_utterances(tmp_path / "none", PLAIN, transcripts=True)
