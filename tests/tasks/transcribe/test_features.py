"""Features of sound, against Kaldi's own."""

from __future__ import annotations

import os
from pathlib import Path

import kaldi_native_fbank
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.errors import OptionError
from recurra.tasks.transcribe.features import CHANGE_SCALE, RANGE, FrontEnd, StreamingFrontEnd, changes, filterbank

RECORDINGS = Path(os.environ.get("RECURRA_DATA", "../shared/data")) / "fsdd" / "recordings"


def sound(samples: int, rate: int, seed: int = 0) -> np.ndarray:
    """Tones that come and go, in noise, with a constant offset."""
    random = np.random.default_rng(seed)
    time = np.arange(samples) / rate
    tones = sum(
        np.sin(2 * np.pi * (frequency * time + 20 * np.sin(5 * time))) * (1 + np.sin(7 * time + i)) / 16
        for i, frequency in enumerate(random.uniform(100, rate / 2.5, 5))
    )
    return (tones + random.normal(0, 0.003, samples) + 0.05).astype(np.float32)


def of_kaldi(samples: np.ndarray, front_end: FrontEnd) -> np.ndarray:
    """The features [F, M] of kaldi-native-fbank, which takes samples at the scale of 16 bits."""
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0
    options.frame_opts.samp_freq = front_end.rate
    options.mel_opts.num_bins = front_end.mels
    options.mel_opts.low_freq, options.mel_opts.high_freq = front_end.low, front_end.high
    fbank = kaldi_native_fbank.OnlineFbank(options)
    fbank.accept_waveform(front_end.rate, (samples * 32768).tolist())
    fbank.input_finished()
    return np.stack([fbank.get_frame(i) for i in range(fbank.num_frames_ready)])


@pytest.mark.parametrize(
    "front_end",
    [
        FrontEnd(rate=8_000, mels=40),
        FrontEnd(rate=8_000, mels=23, low=100, high=3_700),
        FrontEnd(rate=11_025, mels=30, low=0),
        FrontEnd(rate=16_000, mels=80),
        FrontEnd(rate=44_100, mels=64, high=20_000),
    ],
    ids=lambda front_end: f"{front_end.rate}-{front_end.mels}",
)
def test_features_are_those_of_kaldi(front_end: FrontEnd) -> None:
    for seed, seconds in enumerate((0.025, 0.0349, 0.31, 7.77)):
        samples = sound(int(seconds * front_end.rate), front_end.rate, seed)
        expected = of_kaldi(samples, front_end)
        features = front_end.log_mel(samples)
        assert features.dtype == np.float32
        assert features.shape == expected.shape
        np.testing.assert_allclose(features, expected, atol=5e-3)  # the least ones are rounded most, by either
        assert np.abs(features - expected).mean() < 1e-4


def test_features_of_recorded_speech_are_those_of_kaldi() -> None:
    soundfile = pytest.importorskip("soundfile")
    files = sorted(RECORDINGS.glob("*_1?.flac"))
    if not files:
        pytest.skip("the recordings of FSDD are not here")
    front_end = FrontEnd(rate=8_000)
    for file in files[::50]:
        samples, _ = soundfile.read(file, dtype="float32")
        np.testing.assert_allclose(front_end.log_mel(samples), of_kaldi(samples, front_end), atol=5e-3)


def test_digital_silence_has_the_least_energy_of_kaldi() -> None:
    front_end = FrontEnd(rate=8_000)
    silence = np.zeros(1_000, dtype=np.float32)
    np.testing.assert_allclose(front_end.log_mel(silence), of_kaldi(silence, front_end), atol=1e-5)
    assert np.abs(front_end(silence)).max() < 1e-3


@given(samples=st.integers(0, 5_000), stack=st.integers(1, 5), rate=st.sampled_from([8_000, 16_000]))
@settings(max_examples=60, deadline=None)
def test_steps_are_as_many_as_counted(samples: int, stack: int, rate: int) -> None:
    front_end = FrontEnd(rate=rate, mels=13, stack=stack)
    steps = front_end(sound(samples, rate))
    assert steps.shape == (front_end.steps(samples), stack * 13) == (front_end.steps(samples), front_end.width)
    assert np.isfinite(steps).all()


def test_a_sound_shorter_than_a_frame_has_one() -> None:
    front_end = FrontEnd(rate=8_000, mels=20, stack=3)
    short = sound(77, 8_000)
    padded = np.concatenate([short, np.zeros(123, dtype=np.float32)])
    np.testing.assert_array_equal(front_end.log_mel(short), front_end.log_mel(padded))
    assert front_end(short).shape == (1, 60)


def test_frames_are_stacked_in_order_and_the_last_is_repeated() -> None:
    front_end = FrontEnd(mels=2, stack=3)
    features = np.arange(14, dtype=np.float32).reshape(7, 2)
    expected = [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11], [12, 13, 12, 13, 12, 13]]
    np.testing.assert_array_equal(front_end.stacked(features), expected)


def test_a_recording_has_the_same_features_however_loud_it_is() -> None:
    front_end = FrontEnd(rate=8_000, stack=1)
    samples = sound(20_000, 8_000)
    features = front_end(samples)
    log_mel = front_end.log_mel(samples)
    raised = np.maximum(log_mel, log_mel.max() - RANGE)
    np.testing.assert_allclose(features - raised, (features - raised)[0, 0], atol=1e-5)
    assert np.log(np.exp(features.mean(axis=1)).mean()) == pytest.approx(0, abs=1e-4)
    np.testing.assert_allclose(front_end(samples / 50), features, atol=1e-2)


def test_pauses_do_not_change_the_features_of_speech() -> None:
    front_end = FrontEnd(rate=8_000, stack=1)
    speech = sound(16_000, 8_000)
    pause = 1e-4 * sound(16_000, 8_000, seed=1)
    alone, among = front_end(speech), front_end(np.concatenate([pause, speech, pause]))
    shift = (among[210:390] - alone[10:190]).mean()
    assert 0 < shift < np.log(3.1)  # the mean over three times as many frames


def test_silence_around_speech_is_no_further_below_it_than_its_range() -> None:
    front_end = FrontEnd(rate=8_000, stack=1)
    samples = np.concatenate([np.zeros(8_000, dtype=np.float32), sound(8_000, 8_000)])
    log_mel = front_end.log_mel(samples)
    assert log_mel.max() - log_mel.min() > 2 * RANGE
    features = front_end(samples)
    assert features.max() - features.min() == pytest.approx(RANGE, abs=1e-3)


def test_changes_are_the_slope_of_a_line_through_five_frames() -> None:
    features = np.random.default_rng(0).standard_normal((30, 4)).astype(np.float32)
    found = changes(features) / CHANGE_SCALE
    for frame in range(2, 28):
        slopes = np.polyfit(np.arange(-2, 3), features[frame - 2 : frame + 3], 1)[0]
        np.testing.assert_allclose(found[frame], slopes, atol=1e-5)


def test_what_is_added_to_all_frames_alike_is_not_in_the_changes() -> None:
    features = np.random.default_rng(0).standard_normal((30, 4)).astype(np.float32)
    np.testing.assert_allclose(changes(features + np.float32([1, 0, -2, 5])), changes(features), atol=1e-5)


@pytest.mark.parametrize("samples", [0, 1, 77, 500, 9_000])
def test_changes_stand_beside_each_frame(samples: int) -> None:
    front_end, plain = FrontEnd(rate=8_000, mels=13, stack=2, changes=True), FrontEnd(rate=8_000, mels=13, stack=2)
    steps = front_end(sound(samples, 8_000)).reshape(-1, 2, 26)
    np.testing.assert_array_equal(steps[:, :, :13].reshape(-1, 26), plain(sound(samples, 8_000)))
    if samples:
        features = plain.levelled(plain.log_mel(sound(samples, 8_000)))
        np.testing.assert_array_equal(steps.reshape(-1, 26)[: len(features), 13:], changes(features))
    with pytest.raises(OptionError, match="stream"):
        FrontEnd(level="running", changes=True)


def test_power_summed_under_the_triangles_is_the_features() -> None:
    front_end = FrontEnd(rate=8_000, mels=23)
    samples = sound(9_000, 8_000)
    power = front_end.power(samples)
    assert power.shape == (front_end.frames(9_000), front_end.bins)
    np.testing.assert_allclose(front_end.log_mel_of(power), front_end.log_mel(samples), atol=1e-5)
    assert front_end.power(np.empty(0, dtype=np.float32)).shape == (0, front_end.bins)


def test_a_warped_tone_is_heard_as_a_higher_one() -> None:
    front_end = FrontEnd(rate=8_000, mels=40)
    time = np.arange(8_000) / 8_000
    tones = {pitch: np.sin(2 * np.pi * pitch * time).astype(np.float32) for pitch in (1_000, 1_100)}
    power = front_end.power(tones[1_000])
    loudest = {
        name: int(features.mean(axis=0).argmax())
        for name, features in {
            "plain": front_end.log_mel(tones[1_000]),
            "warped": front_end.log_mel_of(power, 1.1),
            "higher": front_end.log_mel(tones[1_100]),
        }.items()
    }
    assert loudest["plain"] < loudest["warped"] == loudest["higher"]
    for warp in (0.8, 1.0, 1.25):
        weights = filterbank(front_end, warp)
        assert weights.shape == (front_end.bins, 40) and (weights >= 0).all() and weights.any(axis=0).all()
    np.testing.assert_array_equal(filterbank(front_end, 1.0), filterbank(front_end))


def running(log_mel: np.ndarray, stack: int) -> np.ndarray:
    """The running level, one step after the other, in plain words."""
    power, frames, peak = np.exp(9.0), 20.0, -np.inf
    rows = []
    for start in range(0, len(log_mel), stack):
        step = log_mel[start : start + stack].astype(np.float64)
        peak = max(peak, step.max())
        step = np.maximum(step, peak - RANGE)
        filled = np.concatenate([step, np.repeat(step[-1:], stack - len(step), axis=0)])
        frames = min(frames + stack, 1_000)
        power = power + (np.exp(filled.mean(axis=1)).mean() - power) * stack / frames
        rows.append(step - np.log(power))
    return np.concatenate(rows)


@pytest.mark.parametrize("stack", [1, 3])
def test_a_running_level_knows_only_what_was_heard(stack: int) -> None:
    front_end = FrontEnd(rate=8_000, mels=23, stack=stack, level="running")
    log_mel = front_end.log_mel(sound(8_000 * 13 + 55, 8_000))
    np.testing.assert_allclose(front_end.levelled(log_mel), running(log_mel, stack), atol=1e-4)
    half = len(log_mel) // (2 * stack) * stack
    np.testing.assert_allclose(front_end.levelled(log_mel)[:half], front_end.levelled(log_mel[:half]), atol=1e-6)


@given(pieces=st.lists(st.integers(0, 900), max_size=12), stack=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_sound_in_pieces_makes_the_same_steps(pieces: list[int], stack: int) -> None:
    front_end = FrontEnd(rate=8_000, mels=13, stack=stack, level="running")
    samples = sound(sum(pieces), 8_000, seed=len(pieces))
    stream = StreamingFrontEnd(front_end)
    steps = [stream.feed(piece) for piece in np.split(samples, np.cumsum(pieces)[:-1])] if pieces else []
    steps.append(stream.finish())
    np.testing.assert_allclose(np.concatenate(steps), front_end(samples), atol=1e-4)


def test_steps_come_as_soon_as_their_sound_has() -> None:
    front_end = FrontEnd(rate=8_000, mels=13, stack=3, level="running")
    stream = StreamingFrontEnd(front_end)
    assert len(stream.feed(sound(359, 8_000))) == 0
    assert len(stream.feed(sound(1, 8_000))) == 1


def test_a_step_begins_where_the_one_before_it_ends() -> None:
    front_end = FrontEnd(rate=8_000, stack=3)
    samples = np.zeros(8_000, dtype=np.float32)
    samples[4_000:] = np.random.default_rng(0).normal(0, 0.1, 4_000)
    energy = front_end.log_mel(samples).mean(axis=1)
    first = int((energy > 0).argmax())
    assert front_end.seconds(first // 3) <= 0.5 <= front_end.seconds(first // 3 + 1)
    assert front_end.seconds(1) - front_end.seconds(0) == pytest.approx(0.03)


@pytest.mark.parametrize(
    "values",
    [
        {"rate": 100},
        {"rate": 10**9},
        {"mels": 0},
        {"mels": 256},
        {"stack": 0},
        {"low": -1.0},
        {"low": float("nan")},
        {"low": 5_000.0, "high": 3_000.0},
        {"high": 9_000.0},
        {"level": "none"},
    ],
    ids=str,
)
def test_values_that_make_no_features_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        FrontEnd(**values)


def test_a_stream_needs_a_running_level() -> None:
    with pytest.raises(OptionError, match="whole utterance"):
        StreamingFrontEnd(FrontEnd())
