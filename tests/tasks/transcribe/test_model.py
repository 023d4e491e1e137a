"""A transcriber's answers: the same in any company and on any number of threads, with times, in bounded memory."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from recurra.tasks.transcribe import model as module
from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.decoding import Decoder
from recurra.tasks.transcribe.learn.graph import build
from recurra.tasks.transcribe.learn.network import TranscriberNetwork
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.recording import Samples
from recurra.tasks.transcribe.shape import TranscriberShape
from support.speech import RATE, spoken, texts

ALPHABET = Alphabet(" abdeio")


def transcriber(threads: int | None = None) -> Transcriber:
    """A network of random weights, which writes noise."""
    shape = TranscriberShape(
        rate=RATE, mels=8, stack=2, cell="gru", hidden=9, layers=2, direction="both", symbols=len(ALPHABET)
    )
    torch.manual_seed(3)
    network = TranscriberNetwork(shape).eval()
    with torch.no_grad():
        network.head.weight.mul_(8)
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    return Transcriber(shape, ALPHABET, build(shape, weights), threads=threads)


def sounds(count: int = 9) -> list[Samples]:
    return [Samples(spoken(text, seed), RATE) for seed, text in enumerate(texts(count))]


def test_a_recording_is_heard_alike_in_any_company() -> None:
    model = transcriber()
    alone = [model.transcribe([sound])[0] for sound in sounds()]
    together = model.transcribe(sounds())
    assert any(one.text for one in alone)
    for one, other in zip(alone, together, strict=True):
        assert one.text == other.text and one.seconds == other.seconds
        for first, second in zip(one.words, other.words, strict=True):
            assert (first.text, first.start, first.end) == (second.text, second.start, second.end)
            assert first.confidence == pytest.approx(second.confidence, abs=1e-4)


def test_words_have_times_and_confidence() -> None:
    for found in transcriber().transcribe(sounds()):
        assert found.text == " ".join(word.text for word in found.words)
        times = [time for word in found.words for time in (word.start, word.end)]
        assert times == sorted(times) and all(0 <= time <= found.seconds for time in times)
        assert all(0 < word.confidence <= 1 for word in found.words)
        if found.words:
            assert found.confidence == pytest.approx(np.mean([word.confidence for word in found.words]))
        else:
            assert found.confidence is None


def test_a_long_recording_is_answered_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    model = transcriber()
    long = np.concatenate([spoken(text, seed) for seed, text in enumerate(texts(70))])
    (whole,) = model.transcribe([Samples(long, RATE)])
    assert whole.seconds == pytest.approx(len(long) / RATE) and whole.seconds > 60
    assert whole.words[-1].start > 31 and whole.words[-1].end <= whole.seconds
    most = []
    heard = Transcriber.log_probabilities

    def counted(self: Transcriber, frames: list[np.ndarray]) -> list[np.ndarray]:
        most.append(sum(map(len, frames)))
        return heard(self, frames)

    monkeypatch.setattr(module, "SECONDS_IN_MEMORY", 20.0)
    monkeypatch.setattr(Transcriber, "log_probabilities", counted)
    (again, short) = model.transcribe([Samples(long, RATE), sounds(1)[0]])
    assert again.text == whole.text and short.text == model.transcribe(sounds(1))[0].text
    assert max(most) < 35 * 50 + 1  # steps of 20 ms


def test_answers_come_before_all_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS_IN_MEMORY", 2.0)
    read: list[int] = []

    def endless() -> object:
        for number in range(1_000):
            read.append(number)
            yield sounds(1)[0]

    answers = transcriber().transcribe_iter(endless())  # type: ignore[arg-type]
    assert next(answers).text == next(answers).text
    assert len(read) < 20


def test_threads_may_share_a_model() -> None:
    model = transcriber(threads=2)
    expected = [one.text for one in model.transcribe(sounds())]
    found: list[list[str]] = []
    workers = [
        threading.Thread(target=lambda: found.append([one.text for one in model.transcribe(sounds())]))
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [expected] * 4


def test_another_decoder_may_be_given() -> None:
    model = transcriber()
    assert [one.text for one in model.transcribe(sounds(), Decoder(1))] != [""] * 9
    assert model.transcribe([]) == []
