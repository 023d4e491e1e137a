"""Folders of recordings in the layouts of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.errors import ReadError
from recurra.tasks.transcribe.speech_folder import layout, table_in, utterances_in
from recurra.tasks.transcribe.utterance import Utterance


def put(folder: Path, **files: str) -> None:
    """Write files below a folder; in their names, __ is / and the last _ is a dot."""
    for name, content in files.items():
        path = folder / ".".join(name.replace("__", "/").rsplit("_", 1))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def read(folder: Path, transcripts: bool = True) -> list[Utterance]:
    return list(utterances_in(folder, "utf-8", transcripts=transcripts))


@pytest.fixture
def kaldi(tmp_path: Path) -> Path:
    put(tmp_path, wav__a_wav="", wav__b_wav="", wav_scp="b  wav/b.wav\na wav/a.wav\n")
    (tmp_path / "text").write_text("b \tno  no\na yes — ja\n", encoding="utf-8")
    return tmp_path


def test_kaldi(kaldi: Path) -> None:
    assert layout(kaldi) == "kaldi"
    a, b = Utterance(kaldi / "wav/a.wav", "yes — ja"), Utterance(kaldi / "wav/b.wav", "no  no")
    assert read(kaldi) == [a, b]
    (kaldi / "utt2spk").write_text("a ann\nb bob\n")
    assert [one.speaker for one in read(kaldi)] == ["ann", "bob"]


def test_a_tab_within_a_value_stays(kaldi: Path) -> None:
    (kaldi / "text").write_text("a yes\tja\nb\tno \tno\n")
    assert [one.transcript for one in read(kaldi)] == ["yes\tja", "no \tno"]


def test_kaldi_with_segments(kaldi: Path) -> None:
    (kaldi / "segments").write_text("a-1 a 0.0 1.5\na-2 a 1.5 -1\nb-1 b 2 3\n")
    (kaldi / "text").write_text("a-1 one\na-2 two\nb-1 three\nunused four\n")
    (kaldi / "utt2spk").write_text("a-1 ann\na-2 ann\n")
    assert read(kaldi) == [
        Utterance(kaldi / "wav/a.wav", "one", "ann", 0.0, 1.5),
        Utterance(kaldi / "wav/a.wav", "two", "ann", 1.5, None),
        Utterance(kaldi / "wav/b.wav", "three", None, 2.0, 3.0),
    ]


@pytest.mark.parametrize("entry", ["touch {} |", "cat a.wav | touch {} |", "| touch {}"])
def test_commands_in_data_are_not_run(entry: str, kaldi: Path) -> None:
    (kaldi / "wav.scp").write_text(f"a {entry.format(kaldi / 'ran')}\n")
    with pytest.raises(ReadError, match=r"'a' is the output of a command .* never run"):
        read(kaldi)
    assert not (kaldi / "ran").exists()


def test_what_kaldi_lacks_is_named(kaldi: Path) -> None:
    (kaldi / "text").write_text("a yes\n")
    with pytest.raises(ReadError, match=r"wav.scp, 'b': the file text has no transcript"):
        read(kaldi)
    assert [one.transcript for one in read(kaldi, transcripts=False)] == ["yes", None]
    (kaldi / "text").write_text("a yes\nb no\na yes\n")
    with pytest.raises(ReadError, match="text, line 3: 'a' is there already"):
        read(kaldi)
    (kaldi / "text").write_text("a yes\nb\n")
    with pytest.raises(ReadError, match="'b' has no transcript"):
        read(kaldi)
    (kaldi / "segments").write_text("a-1 c 0 1\n")
    with pytest.raises(ReadError, match=r"wav.scp has no recording 'c'"):
        read(kaldi)
    (kaldi / "segments").write_text("a-1 a 0\n")
    with pytest.raises(ReadError, match="expected `ID RECORDING START END`"):
        read(kaldi)
    (kaldi / "segments").unlink()
    (kaldi / "text").unlink()
    with pytest.raises(ReadError, match="no file text"):
        read(kaldi)
    (kaldi / "wav.scp").write_text("a wav/c.wav\n")
    with pytest.raises(ReadError, match=r"'wav/c\.wav' is not in "):
        read(kaldi, transcripts=False)


def test_librispeech(tmp_path: Path) -> None:
    first, second = tmp_path / "84/121123", tmp_path / "174/50561"
    put(tmp_path, **{"84__121123__84-121123-0000_flac": "", "84__121123__84-121123-0001_flac": ""})
    put(tmp_path, **{"174__50561__174-50561-0000_ogg": "", "README_TXT": "about"})
    (first / "84-121123.trans.txt").write_text("84-121123-0001 HAVE YOU\n84-121123-0000 GO DO YOU HEAR\n")
    (second / "174-50561.trans.txt").write_text("174-50561-0000 FORGOTTEN TOO\n")
    assert layout(tmp_path) == "librispeech"
    assert read(tmp_path) == [
        Utterance(second / "174-50561-0000.ogg", "FORGOTTEN TOO", "174"),
        Utterance(first / "84-121123-0000.flac", "GO DO YOU HEAR", "84"),
        Utterance(first / "84-121123-0001.flac", "HAVE YOU", "84"),
    ]
    (first / "84-121123-0001.flac").unlink()
    with pytest.raises(ReadError, match="no sound file '84-121123-0001' beside it"):
        read(tmp_path)


def test_files_with_texts_beside_them(tmp_path: Path) -> None:
    put(tmp_path, a_wav="", a_txt="yes\nno\n", deep__b_MP3="", deep__b_txt=" ja ", notes_txt="nothing")
    assert read(tmp_path) == [Utterance(tmp_path / "a.wav", "yes no"), Utterance(tmp_path / "deep/b.MP3", "ja")]
    put(tmp_path, c_flac="")
    with pytest.raises(ReadError, match=r"c\.flac has no transcript: c\.txt is not beside it"):
        read(tmp_path)
    assert [one.transcript for one in read(tmp_path, transcripts=False)] == ["yes no", None, "ja"]


def test_a_folder_of_nothing_says_what_is_read(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"has no sound files.*wav.scp.*trans.txt.*clips"):
        read(tmp_path)


def test_a_table_in_the_folder_is_found(tmp_path: Path) -> None:
    put(tmp_path, train_tsv="path\tsentence\n", validated_tsv="path\tsentence\n")
    assert table_in(tmp_path) is None
    (tmp_path / "clips").mkdir()
    assert table_in(tmp_path) == tmp_path / "train.tsv"
    (tmp_path / "train.tsv").unlink()
    assert table_in(tmp_path) == tmp_path / "validated.tsv"
    put(tmp_path / "hub", metadata_csv="file_name,transcription\n")
    assert table_in(tmp_path / "hub") == tmp_path / "hub" / "metadata.csv"
