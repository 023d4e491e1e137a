from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.tasks.transcribe.features import FrontEnd, changes, filterbank
from recurra.tasks.transcribe.learn import augment
from recurra.tasks.transcribe.learn.augment import SpeechAugmentation, stretched


def speech(samples: int, seed: int = 0) -> np.ndarray:
    """Noise that grows and fades."""
    rng = np.random.default_rng(seed)
    return (0.2 * rng.standard_normal(samples) * np.sin(np.linspace(0, np.pi, samples))).astype(np.float32)


def of(front_end: FrontEnd) -> SpeechAugmentation:
    return SpeechAugmentation(front_end, np.zeros(front_end.mels, dtype=np.float32))


@pytest.mark.parametrize("steepness", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_noise_has_the_mean_and_the_spread_of_noise_that_is_heard(rate: int, steepness: float) -> None:
    front_end, rng = FrontEnd(rate=rate), np.random.default_rng(1)
    spectrum = np.fft.rfft(rng.standard_normal(200 * rate))
    spectrum *= np.maximum(np.arange(len(spectrum)) / len(spectrum), 20 / rate) ** (-steepness / 2)
    heard = front_end.power(np.fft.irfft(spectrum).astype(np.float32)) @ filterbank(front_end)
    made = of(front_end).noise(20_000, 1.0, steepness, rng)
    above = 4  # the lowest triangles hold a frequency or two, over which the window and the steepness blur
    heard_mean, made_mean = heard.mean(axis=0)[above:], made.mean(axis=0)[above:]
    np.testing.assert_allclose(made_mean / made_mean.mean(), heard_mean / heard_mean.mean(), rtol=0.1)
    np.testing.assert_allclose(made.std(axis=0)[above:] / made_mean, heard.std(axis=0)[above:] / heard_mean, rtol=0.25)


def test_noise_is_as_strong_as_asked() -> None:
    augmentation, rng = of(FrontEnd(rate=8_000)), np.random.default_rng(0)
    one, four = (augmentation._density(augmentation.noise(20_000, density, 1.0, rng)) for density in (1.0, 4.0))
    assert one == pytest.approx(1, rel=0.03)
    assert four == pytest.approx(4, rel=0.03)


@given(st.integers(2, 50), st.floats(0.5, 2), st.integers(0, 100))
def test_another_tempo_interpolates_between_frames(frames: int, tempo: float, seed: int) -> None:
    power = np.random.default_rng(seed).random((frames, 3), dtype=np.float32)
    got = stretched(power, tempo)
    assert len(got) == max(2, round(frames / tempo))
    places = np.linspace(0, frames - 1, len(got))
    for band in range(3):
        np.testing.assert_allclose(got[:, band], np.interp(places, np.arange(frames), power[:, band]), atol=1e-4)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(0, 5_000), min_size=1, max_size=4),
    st.sampled_from([8_000, 16_000]),
    st.sampled_from([1, 2, 3]),
    st.sampled_from(["utterance", "running"]),
    st.integers(0, 1_000),
)
def test_any_lengths_make_finite_steps_and_no_fewer_than_without(
    lengths: list[int], rate: int, stack: int, level: str, seed: int
) -> None:
    front_end = FrontEnd(rate=rate, stack=stack, level=level)  # type: ignore[arg-type]
    steps = of(front_end)([speech(length) for length in lengths], np.random.default_rng(seed))
    assert steps.dtype == np.float32
    assert steps.shape[1] == front_end.width
    assert len(steps) >= -(-sum(map(front_end.frames, lengths)) // stack)
    assert np.isfinite(steps).all()


def test_changes_are_those_of_what_was_varied() -> None:
    front_end = FrontEnd(rate=8_000, stack=1, changes=True)
    mean = np.zeros(2 * front_end.mels, dtype=np.float32)
    steps = SpeechAugmentation(front_end, mean)([speech(4_000)], np.random.default_rng(0))
    np.testing.assert_array_equal(steps[:, front_end.mels :], changes(steps[:, : front_end.mels]))


def test_the_generator_alone_decides() -> None:
    augmentation, parts = of(FrontEnd(rate=8_000)), [speech(4_000), speech(3_000, 1)]
    first, again, other = (augmentation(parts, np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert first.shape != other.shape or not np.allclose(first, other)


def test_how_loud_a_recording_is_changes_nothing() -> None:
    augmentation = of(FrontEnd(rate=8_000))
    for seed in range(10):
        loud, quiet = (augmentation([speech(4_000) * by], np.random.default_rng(seed)) for by in (1.0, 0.1))
        np.testing.assert_allclose(loud, quiet, atol=2e-3)


def test_with_nothing_to_vary_it_is_the_front_end(monkeypatch: pytest.MonkeyPatch) -> None:
    for amount in ("WARP", "TEMPO", "CUT", "EDGES", "EQUALISER", "NOISE", "BAND_MASKS", "TIME_MASKS"):
        monkeypatch.setattr(augment, amount, 0)
    front_end = FrontEnd(rate=8_000)
    np.testing.assert_allclose(
        of(front_end)([speech(4_000)], np.random.default_rng(0)), front_end(speech(4_000)), atol=1e-5
    )


def test_masks_hold_the_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    for amount in ("WARP", "TEMPO", "CUT", "EDGES", "EQUALISER", "NOISE"):
        monkeypatch.setattr(augment, amount, 0)
    front_end = FrontEnd(rate=8_000, stack=1)
    mean = np.linspace(5, 6, front_end.mels, dtype=np.float32)
    plain, masked = front_end(speech(4_000)), 0
    for seed in range(20):
        steps = SpeechAugmentation(front_end, mean)([speech(4_000)], np.random.default_rng(seed))
        changed = ~np.isclose(steps, plain, atol=1e-4)
        np.testing.assert_array_equal(steps[changed], np.broadcast_to(mean, steps.shape)[changed])
        masked += int(changed.any())
    assert masked > 10


def test_short_utterances_are_joined_with_none_to_two_others_and_long_ones_never() -> None:
    augmentation, rng = of(FrontEnd(rate=8_000)), np.random.default_rng(0)
    counts = Counter(augmentation.joined(8_000, rng) for _ in range(2_000))
    assert set(counts) == {0, 1, 2}
    assert counts[0] == pytest.approx(1_000, abs=100)
    assert not any(augmentation.joined(40_000, rng) for _ in range(100))
