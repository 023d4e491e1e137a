"""Sound in pieces: the transcript is that of the whole, whatever the pieces; what is stable stays."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recurra.errors import OptionError
from recurra.storage import model_directory
from recurra.tasks.transcribe.decoding import Decoder
from recurra.tasks.transcribe.model import Transcriber
from recurra.tasks.transcribe.recording import Samples
from recurra.tasks.transcribe.stream import Heard, TranscriptStream
from recurra.tasks.transcribe.transcript import Transcript
from recurra.tasks.transcribe.words import WordList
from support.live_models import write_transcriber
from support.speech import WORDS, spoken

RATE = 8000


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Transcriber:
    return opened(write_transcriber(tmp_path_factory.mktemp("model") / "model", direction="forward", seed=3))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Transcriber:
    return opened(write_transcriber(tmp_path_factory.mktemp("model") / "model", seed=5))


def opened(directory: Path) -> Transcriber:
    return Transcriber.from_artefact(model_directory.read(directory))


def sound(seconds: float, seed: int = 0, rate: int = RATE) -> NDArray[np.float32]:
    """Return words of tones with pauses between them."""
    rng = np.random.default_rng(seed)
    parts: list[NDArray[np.float32]] = []
    while sum(map(len, parts)) < seconds * rate:
        parts += [spoken(str(rng.choice(WORDS)), int(rng.integers(1000)), rate), 0 * spoken("a", rate=rate)]
    return np.concatenate(parts)[: round(seconds * rate)]


def alike(one: Transcript, other: Transcript) -> None:
    assert one.text == other.text and one.seconds == pytest.approx(other.seconds, abs=1e-9)
    assert [word.text for word in one.words] == [word.text for word in other.words]
    times = [[(word.start, word.end, word.confidence) for word in it.words] for it in (one, other)]
    np.testing.assert_allclose(times[0], times[1], atol=1e-3)


def fed(session: TranscriptStream, samples: NDArray[Any], cuts: list[int], rate: int = RATE) -> list[Heard]:
    return [session.feed(part, rate) for part in np.split(samples, sorted(cuts))]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_pieces_give_the_transcript_of_the_whole(model: Transcriber, data: st.DataObject) -> None:
    samples = sound(data.draw(st.sampled_from([0.004, 0.03, 0.4, 2.5, 6.0])), data.draw(st.integers(0, 5)))
    cuts = data.draw(st.lists(st.integers(0, len(samples)), max_size=12))
    session = model.session()
    heard = fed(session, samples, cuts)
    (whole,) = model.transcribe([Samples(samples, RATE)])
    alike(session.finish(), whole)
    assert heard[-1].seconds == pytest.approx(len(samples) / RATE) and not heard[-1].stable


@pytest.mark.parametrize(
    ("kind", "given_rate", "seconds"),
    [("session", 8000, 80), ("session", 44_100, 50), ("repeated_session", 16_000, 40)],
)
def test_long_sound_is_cut_as_the_whole_is_and_what_is_stable_stays(
    model: Transcriber, both: Transcriber, kind: str, given_rate: int, seconds: float
) -> None:
    chosen = both if kind == "repeated_session" else model
    samples, rng = sound(seconds, 3, given_rate), np.random.default_rng(0)
    session: TranscriptStream = getattr(chosen, kind)()
    heard = fed(session, samples, rng.integers(0, len(samples), 60).tolist(), given_rate)
    (whole,) = chosen.transcribe([Samples(samples, given_rate)])
    found = session.finish()
    alike(found, whole)
    assert len(found.words) > 5
    assert len({one.stable for one in heard}) > seconds // 30 and heard[-1].stable
    for earlier, later in itertools.pairwise(heard):
        assert later.stable.startswith(earlier.stable)
    assert found.text.startswith(heard[-1].stable)
    assert sum(bool(one.changing) for one in heard) > len(heard) / 2
    assert len(session._waiting) == 0 and len(session._words) == len(found.words)


@pytest.mark.parametrize("seconds", [70, 31])
def test_one_feed_of_all_is_taken_in_parts(model: Transcriber, seconds: float) -> None:
    samples = sound(seconds, 1)
    session = model.session()
    session.feed(samples, RATE)
    alike(session.finish(), model.transcribe([Samples(samples, RATE)])[0])


def test_the_text_so_far_is_that_of_all_that_was_heard(model: Transcriber) -> None:
    samples = sound(4, 2)
    session, seen = model.session(), set()
    for end in range(0, len(samples), 4000):
        heard = session.feed(samples[end : end + 4000], RATE)
        so_far = model.session()
        so_far.feed(samples[: end + 4000], RATE)
        assert heard.text == so_far.feed(samples[:0], RATE).text
        seen.add(heard.text)
    assert len(seen) > 4
    assert sorted(seen, key=len)[-1].split()[0] in session.finish().text


def test_a_decoder_of_ones_own_is_used_throughout(model: Transcriber) -> None:
    samples, words = sound(5, 4), WordList(["bad", "do"], model.alphabet)
    for decoder in (Decoder(1), Decoder(4), Decoder(8, words)):
        session = model.session(decoder)
        fed(session, samples, [100, 9000, 9001, 30_000])
        found = session.finish()
        alike(found, model.transcribe([Samples(samples, RATE)], decoder)[0])
    assert {word.text for word in found.words} <= {"bad", "do"}


def test_kinds_of_samples(model: Transcriber) -> None:
    samples = np.round(sound(2, 5) * 32768).clip(-32768, 32767).astype(np.int16)
    found = []
    for given_samples in (samples, samples / 32768, np.stack([samples, samples], axis=1)):
        session = model.session()
        fed(session, given_samples, [5000])
        found.append(session.finish())
    assert found[0] == found[1] == found[2] and found[0].text


def test_no_sound_has_no_words(model: Transcriber) -> None:
    session = model.session()
    assert session.feed(np.zeros(0, np.float32), 16_000) == Heard("", "", 0.0)
    assert session.finish() == Transcript("", (), None, 0.0)
    assert model.session().finish() == Transcript("", (), None, 0.0)


@pytest.mark.parametrize(
    ("samples", "rate", "word"),
    [
        (np.array([np.nan], np.float32), RATE, "finite"),
        (np.array([1, 2]), RATE, "16-bit"),
        (np.zeros((2, 2, 2), np.float32), RATE, r"\[N\]"),
        (np.zeros(3, np.float32), 10, "rate must be from"),
        (np.zeros(3, np.float32), True, "rate must be a whole"),
        (np.zeros(3, np.float32), 8000.5, "rate must be a whole"),
        (np.zeros(3, np.float32), 16_000, "began with 8,000"),
    ],
)
def test_what_is_no_sound_is_refused_and_changes_nothing(
    model: Transcriber, samples: NDArray[Any], rate: Any, word: str
) -> None:
    session = model.session()
    session.feed(sound(1), RATE)
    with pytest.raises(OptionError, match=word):
        session.feed(samples, rate)
    alike(session.finish(), model.transcribe([Samples(sound(1), RATE)])[0])
    for call in (session.finish, lambda: session.feed(sound(1), RATE)):
        with pytest.raises(OptionError, match="finished"):
            call()


def test_a_model_that_reads_both_ways_says_so(both: Transcriber) -> None:
    with pytest.raises(OptionError, match="--direction forward"):
        both.session()


def test_it_goes_with_a_text_from_a_folder(model: Transcriber, tmp_path: Path) -> None:
    from support.speech import write_wav

    path = write_wav(tmp_path / "a.wav", sound(3, 6))
    import soundfile

    samples, rate = soundfile.read(path, dtype="float32")
    session = model.session()
    fed(session, samples, [1000], rate)
    alike(session.finish(), model.transcribe([path])[0])
