"""Recordings as they are learnt from: their samples and transcripts, parts, and what people should know of them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.errors import LabelError
from recurra.tasks.transcribe.learn.corpus import Corpus, read_corpus
from recurra.tasks.transcribe.learn.waveforms import Waveforms
from recurra.tasks.transcribe.options import TranscribeOptions
from recurra.terminal.progress import Reporter
from recurra.training.trainer import RunContext
from support.speech import RATE, spoken, texts, write_speech, write_wav

soundfile = pytest.importorskip("soundfile")


@pytest.fixture
def corpus_of() -> Iterator[Callable[..., Corpus]]:
    """Read the corpus of a table; its samples are removed at the end."""
    opened: list[Waveforms] = []

    def read(table: Path, **options: Any) -> Corpus:
        folder = table.parent
        context = RunContext(str(table), folder, folder / "rejects", Reporter(quiet=True))
        opened.append(Waveforms(folder))
        return read_corpus(TranscribeOptions(**options), context, opened[-1])

    yield read
    for waveforms in opened:
        waveforms.close()


def write_rows(table: Path, rows: list[list[str]]) -> Path:
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["path", "transcript"], *rows])
    return table


def test_it_holds_what_the_files_hold(corpus_of: Callable[..., Corpus], tmp_path: Path) -> None:
    said = texts(30)
    write_speech(tmp_path, said, 4)
    corpus = corpus_of(tmp_path / "list.csv")
    assert corpus.transcripts == said and corpus.front_end.rate == RATE
    parts = corpus.parts
    assert (parts.train.astype(int) + parts.valid + parts.test == 1).all()
    voices = [set(corpus.speakers(np.flatnonzero(part))) for part in (parts.train | parts.valid, parts.test)]
    assert not voices[0] & voices[1]
    for row in (0, 29):
        samples, rate = soundfile.read(corpus.utterances[row].path, dtype="float32")
        np.testing.assert_allclose(corpus.waveforms[row], samples, atol=2**-15)
        assert corpus.samples(row).rate == rate
    seconds = sum(soundfile.info(one.path).duration for one in corpus.utterances)
    assert corpus.facts["rows"] == 30 and corpus.facts["seconds"] == pytest.approx(seconds)
    assert corpus.facts["speakers"] == 4
    assert corpus.texts(np.array([3, 1])) == [said[3], said[1]]


def test_several_rates_are_found_and_the_usual_one_is_taken(corpus_of: Callable[..., Corpus], tmp_path: Path) -> None:
    rows = []
    for number, rate in enumerate([16_000, 8_000, 8_000, 8_000, 8_000, 8_000]):
        write_wav(tmp_path / f"{number}.wav", spoken("do", number, rate), rate)
        rows.append([f"{number}.wav", "do"])
    corpus = corpus_of(write_rows(tmp_path / "list.csv", rows), split=0.3)
    assert corpus.front_end.rate == 8_000
    assert any("several sample rates: 8,000 (5), 16,000 (1)" in finding for finding in corpus.findings)
    assert len(corpus.waveforms[0]) == pytest.approx(len(spoken("do", 0, 8_000)), rel=0.2)


def test_what_is_left_out_is_named_once_a_file(corpus_of: Callable[..., Corpus], tmp_path: Path) -> None:
    write_wav(tmp_path / "short.wav", spoken("a")[:400])
    rows = [["short.wav", "idea oboe idea"]] * 3
    for number in range(9):
        write_wav(tmp_path / f"{number}.wav", spoken("do", number))
        rows.append([f"{number}.wav", "do"])
    corpus = corpus_of(write_rows(tmp_path / "list.csv", rows), seed=1)
    left_out = ~(corpus.parts.train | corpus.parts.valid | corpus.parts.test)
    assert left_out[:3].all() or corpus.parts.test[:3].any()
    if not corpus.parts.test[:3].any():
        assert "3 recordings left out, too short for the transcript (short.wav)." in corpus.findings
    assert any(finding.startswith("It will write one word alone") for finding in corpus.findings)


def test_transcripts_without_a_word_are_refused(corpus_of: Callable[..., Corpus], tmp_path: Path) -> None:
    rows = []
    for number in range(5):
        write_wav(tmp_path / f"{number}.wav", spoken("do", number))
        rows.append([f"{number}.wav", "!?"])
    with pytest.raises(LabelError, match="has a word in it"):
        corpus_of(write_rows(tmp_path / "list.csv", rows), split=0.3)


def test_the_fingerprint_is_of_what_is_heard(corpus_of: Callable[..., Corpus], tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_speech(tmp_path / folder, texts(10), 3)
    one, other = (corpus_of(tmp_path / folder / "list.csv") for folder in ("a", "b"))
    assert one.facts["fingerprint"] == other.facts["fingerprint"]
    write_wav(one.utterances[4].path, spoken("bad", 99))
    assert corpus_of(tmp_path / "a" / "list.csv").facts["fingerprint"] != one.facts["fingerprint"]
