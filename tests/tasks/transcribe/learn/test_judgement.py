"""A transcriber on what was held out: the scores of its answers, its worst ones, and the baseline beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from recurra.tasks.transcribe.edits import count_edits
from recurra.tasks.transcribe.learn.corpus import Corpus, read_corpus
from recurra.tasks.transcribe.learn.judgement import MISTAKES, Judgement
from recurra.tasks.transcribe.learn.waveforms import Waveforms
from recurra.tasks.transcribe.metrics import score_transcripts
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.options import TranscribeOptions
from recurra.terminal.progress import Reporter
from recurra.training.trainer import RunContext
from support.speech import WORDS, write_speech

pytest.importorskip("soundfile")


class Parrot:
    """Says of each recording what it was told to say, in turn, whatever is in it."""

    def __init__(self, corpus: Corpus, wrong: int) -> None:
        self._said = {corpus.waveforms[row].tobytes(): text for row, text in enumerate(corpus.transcripts)}
        self._wrong = wrong

    def transcribe(self, sounds: Any, decoder: object = None) -> list[Any]:
        return list(self.transcribe_iter(sounds))

    def transcribe_iter(self, sounds: Any, decoder: object = None) -> Any:
        for number, one in enumerate(sounds):
            samples = np.concatenate(list(one.blocks(one.rate)))
            text = self._said[samples.tobytes()]
            yield SimpleNamespace(text="bad bad" if number < self._wrong else text, seconds=len(samples) / one.rate)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder: Path = tmp_path_factory.mktemp("judged")
    rng = np.random.default_rng(0)
    write_speech(folder, [str(rng.choice(WORDS)) for _ in range(120)], 4)
    context = RunContext(str(folder / "list.csv"), folder, folder / "rejects", Reporter(quiet=True))
    waveforms = Waveforms(folder)
    yield read_corpus(TranscribeOptions(split=0.3), context, waveforms)
    waveforms.close()


@pytest.mark.parametrize("wrong", [0, 5, 1000])
def test_scores_and_mistakes_are_those_of_the_answers(corpus: Corpus, wrong: int) -> None:
    parrot = cast(Transcriber, Parrot(corpus, wrong))
    found = Judgement(corpus, parrot, seed=0).scores()
    rows = np.flatnonzero(corpus.parts.test)
    answers = ["bad bad" if place < wrong else corpus.transcripts[row] for place, row in enumerate(rows)]
    expected = score_transcripts(corpus.texts(rows), answers, corpus.speakers(rows))
    assert {name: found["test"][name] for name in expected} == expected
    errors = [
        count_edits(text.split(), answer.split()).errors
        for text, answer in zip(corpus.texts(rows), answers, strict=True)
    ]
    assert len(found["mistakes"]) == min(MISTAKES, np.count_nonzero(errors))
    assert [one["errors"] for one in found["mistakes"]] == sorted(errors, reverse=True)[: len(found["mistakes"])]
    assert all(one["answer"] == "bad bad" for one in found["mistakes"])
    assert found["train"]["rows"] == corpus.parts.train.sum()


def test_the_baseline_stands_beside_it_where_words_are_said_alone(corpus: Corpus) -> None:
    found = Judgement(corpus, cast(Transcriber, Parrot(corpus, 1000)), seed=0).baseline(Reporter(quiet=True))
    assert found["baseline"]["wer"] < 0.2 and found["baseline"]["wer_ci95"]
    assert found["paired"]["difference"] > 0.5
