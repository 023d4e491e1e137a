"""Sound files of many kinds, as one channel at one rate."""

from __future__ import annotations

import io
import sys
import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.errors import OptionError, ReadError
from recurra.tasks.transcribe.audio import audio_blocks, duration, read_audio, sound


def tones(samples: int, rate: int) -> np.ndarray:
    """Two channels [N, 2] of tones below 3 kHz, as 64-bit floats."""
    time = np.arange(samples) / rate
    left = 0.3 * np.sin(2 * np.pi * 440 * time) + 0.1 * np.sin(2 * np.pi * 2_600 * time)
    return np.stack([left, 0.2 * np.cos(2 * np.pi * 1_000 * time)], axis=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "tones.wav", tones(24_000, 8_000), 8_000)
    return tmp_path


def test_samples_are_those_that_were_written(tmp_path: Path) -> None:
    whole = np.random.default_rng(0).integers(-32_768, 32_768, (5_000, 3)).astype("<i2")
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(3)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(whole.tobytes())
    samples = read_audio(tmp_path / "a.wav", 16_000)
    assert samples.dtype == np.float32
    np.testing.assert_allclose(samples, whole.mean(axis=1) / 32_768, atol=1e-6)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize(
    ("name", "subtype", "error"),
    [
        ("a.wav", "PCM_U8", 1e-2),
        ("a.wav", "PCM_16", 1e-4),
        ("a.wav", "PCM_24", 1e-5),
        ("a.wav", "FLOAT", 1e-5),
        ("a.wav", "DOUBLE", 1e-5),
        ("a.wav", "ULAW", 2e-2),
        ("a.flac", "PCM_24", 1e-5),
        ("a.ogg", "VORBIS", 1e-2),
        ("a.mp3", None, 1e-2),
    ],
)
def test_any_rate_width_and_kind_is_the_same_sound(
    name: str, subtype: str | None, error: float, rate: int, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / name, tones(2 * rate, rate), rate, subtype=subtype)
    samples = read_audio(tmp_path / name, 16_000)
    assert len(samples) == 32_000
    expected = tones(32_000, 16_000).mean(axis=1)
    inner = slice(800, -800)  # a filter and a codec bend the ends
    difference = np.abs(samples - expected)[inner]
    assert difference.mean() < error + 1e-4
    assert difference.max() < 10 * error + 1e-3
    with (tmp_path / name).open("rb") as file:
        np.testing.assert_array_equal(read_audio(io.BytesIO(file.read()), 16_000), samples)


def test_opus_is_read(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.opus", tones(48_000, 48_000), 48_000, format="OGG", subtype="OPUS")
    samples = read_audio(tmp_path / "a.opus", 16_000)
    np.testing.assert_allclose(samples[800:-800], tones(16_000, 16_000).mean(axis=1)[800:-800], atol=5e-2)


def test_what_is_above_half_the_rate_is_filtered_out(tmp_path: Path) -> None:
    time = np.arange(44_100) / 44_100
    soundfile.write(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 11_000 * time), 44_100)
    assert np.abs(read_audio(tmp_path / "a.wav", 16_000)[500:-500]).max() < 1e-3


def test_blocks_are_resampled_as_the_whole_is(tmp_path: Path) -> None:
    stereo = np.random.default_rng(0).normal(0, 0.1, (200_000, 2)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", stereo, 44_100, subtype="FLOAT")
    blocks = list(audio_blocks(tmp_path / "a.wav", 16_000))
    assert len(blocks) > 3
    expected = soxr.resample(stereo.mean(axis=1), 44_100, 16_000)
    np.testing.assert_allclose(np.concatenate(blocks)[: len(expected)], expected[: sum(map(len, blocks))], atol=1e-5)
    assert abs(len(expected) - sum(map(len, blocks))) <= 1


def test_a_long_file_needs_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    with soundfile.SoundFile(tmp_path / "long.flac", "w", 44_100, 2) as file:
        for _ in range(150):
            file.write(np.zeros((44_100 * 4, 2), dtype=np.float32))
    tracemalloc.start()
    try:
        samples = sum(len(block) for block in audio_blocks(tmp_path / "long.flac", 16_000))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert samples == 600 * 16_000
    assert most < 4 << 20


@given(start=st.integers(0, 23_998), length=st.integers(1, 24_000))
@settings(max_examples=30, deadline=None)
def test_a_segment_is_that_part_of_the_whole(start: int, length: int) -> None:
    whole = tones(24_000, 8_000).mean(axis=1)
    file = io.BytesIO()
    soundfile.write(file, tones(24_000, 8_000), 8_000, format="FLAC", subtype="PCM_24")
    file.seek(0)
    end = min(start + length, 24_000)
    samples = read_audio(file, 8_000, start=start / 8_000, end=end / 8_000)
    np.testing.assert_allclose(samples, whole[start:end], atol=1e-6)


@pytest.mark.parametrize("name", ["a.ogg", "a.mp3"])
def test_a_segment_of_a_compressed_file_is_where_it_should_be(name: str, tmp_path: Path) -> None:
    rate = 16_000
    time = np.arange(3 * rate) / rate
    soundfile.write(tmp_path / name, 0.3 * np.sin(2 * np.pi * (200 * time + 300 * time**2)), rate)
    segment = read_audio(tmp_path / name, rate, start=1.25, end=2.5)
    np.testing.assert_allclose(segment, read_audio(tmp_path / name, rate)[20_000:40_000], atol=1e-4)


def test_an_end_that_was_rounded_up_is_that_of_the_sound(folder: Path) -> None:
    assert len(read_audio(folder / "tones.wav", 8_000, start=2.5, end=3.04)) == 4_000


@pytest.mark.parametrize(
    ("start", "end", "says"),
    [
        (3.0, None, "lasts 3.00 s"),
        (7.0, 9.0, "lasts 3.00 s"),
        (2.0, 3.2, "lasts 3.00 s"),
        (2.0, 2.0, "cannot go from 2 s to 2 s"),
        (2.0, 1.0, "cannot go from 2 s to 1 s"),
        (-1.0, 1.0, "cannot go from -1 s"),
        (float("nan"), 1.0, "cannot go from nan s"),
        (0.0, float("inf"), "lasts 3.00 s"),
    ],
)
def test_a_segment_that_is_not_in_the_file_is_refused(
    start: float | None, end: float | None, says: str, folder: Path
) -> None:
    with pytest.raises(ReadError, match=says) as caught:
        read_audio(folder / "tones.wav", 8_000, start=start, end=end)
    assert "tones.wav" in str(caught.value)


def test_the_length_is_read_without_the_samples(folder: Path) -> None:
    assert duration(folder / "tones.wav") == 3.0
    said = sound(folder / "tones.wav")
    assert (said.rate, said.channels, said.seconds) == (8_000, 2, 3.0)


def test_more_than_is_allowed_is_refused_before_it_is_read(folder: Path) -> None:
    with pytest.raises(ReadError, match=r"lasts 3\.0 s; at most 2 s"):
        read_audio(folder / "tones.wav", 8_000, longest=2)
    assert len(read_audio(folder / "tones.wav", 8_000, longest=2, start=1.5)) == 12_000


def test_a_single_sample_is_sound(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full(1, 0.5), 44_100)
    assert len(read_audio(tmp_path / "a.wav", 8_000)) == 1
    assert len(read_audio(tmp_path / "a.wav", 44_100)) == 1


BAD = {
    "missing.wav": (None, "does not exist"),
    "tonse.wav": (None, "Did you mean 'tones.wav'?"),
    "empty.wav": (b"", "0 bytes"),
    "text.wav": (b"This is a text.\n" * 50, "cannot be read as sound"),
    "list.csv": (b"path,text\na.wav,yes\n", "cannot be read as sound"),
    "samples.raw": (bytes(1_000), "samples without a header"),
    "zeros.mp3": (bytes(1_000), "cannot be read as sound"),
    "page.mp3": (b"<html>404</html>", "(Format not recognised)"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_sound_is_refused_in_a_sentence_with_its_name(name: str, folder: Path) -> None:
    content, says = BAD[name]
    if content is not None:
        (folder / name).write_bytes(content)
    for reading in (lambda path: read_audio(path, 8_000), duration):
        with pytest.raises(ReadError) as caught:
            reading(folder / name)
        assert says in str(caught.value)
        assert name in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_link_to_nothing_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / "a.wav").symlink_to(tmp_path / "gone")
    with pytest.raises(ReadError, match=r"a\.wav does not exist\.$"):
        read_audio(tmp_path / "a.wav", 8_000)


def test_folders_and_devices_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="is a folder"):
        read_audio(tmp_path, 8_000)
    with pytest.raises(ReadError, match="not a regular file"):
        read_audio(Path("/dev/null"), 8_000)


def test_what_is_sent_has_no_name() -> None:
    for content in (b"", b"RIFF", b"hello" * 100):
        with pytest.raises(ReadError, match=r"^The file cannot be read as sound"):
            read_audio(io.BytesIO(content), 8_000)


def test_a_place_before_the_beginning_ends_in_no_traceback(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    class Asked(io.BytesIO):
        refused = 0

        def seek(self, offset: int, whence: int = 0) -> int:
            self.refused += whence == 0  # as if it were -1
            return super().seek(-1 if whence == 0 else offset, whence)

    file = Asked((folder / "tones.wav").read_bytes())
    with pytest.raises(ReadError, match=r"^The file"):
        read_audio(file, 8_000)
    assert file.refused and not capfd.readouterr().err


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "none.wav", np.empty((0, 2)), 8_000)
    with pytest.raises(ReadError, match=r"none\.wav holds no samples"):
        read_audio(tmp_path / "none.wav", 8_000)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_values_that_are_not_sound_are_refused_with_their_time(value: float, tmp_path: Path) -> None:
    samples = tones(400_000, 16_000)
    samples[300_000, 1] = value
    soundfile.write(tmp_path / "a.wav", samples, 16_000, subtype="FLOAT")
    with pytest.raises(ReadError, match=r"a\.wav has a sample that is no sound at 18\.750 s"):
        read_audio(tmp_path / "a.wav", 16_000)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3"])
def test_a_file_that_breaks_off_is_refused(name: str, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    soundfile.write(tmp_path / name, random.normal(0, 0.1, 100_000), 16_000)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ReadError, match=r"a\.\w+ (breaks off|is broken) after|breaks off: "):
        read_audio(tmp_path / name, 16_000)


def test_a_wav_file_written_into_a_pipe_is_whole(folder: Path) -> None:
    content = bytearray((folder / "tones.wav").read_bytes())
    position = content.find(b"data") + 4
    for size in (0xFFFF_FFFF, 0x7FFF_F000):  # the latter is written by espeak-ng
        content[position : position + 4] = size.to_bytes(4, "little")
        assert len(read_audio(io.BytesIO(bytes(content)), 8_000)) == 24_000


@pytest.mark.parametrize("rate", [1, 3_999, 2_000_000_000])
def test_impossible_rates_are_refused(rate: int, folder: Path) -> None:
    content = bytearray((folder / "tones.wav").read_bytes())
    content[24:28] = rate.to_bytes(4, "little")
    (folder / "tones.wav").write_bytes(bytes(content))
    with pytest.raises(ReadError, match="samples a second"):
        read_audio(folder / "tones.wav", 8_000)


@given(at=st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 255)), max_size=8), cut=st.integers(0, 4_100))
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize(("kind", "subtype"), [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS")])
def test_damaged_files_are_sound_or_one_sentence(kind: str, subtype: str, at: list[tuple[int, int]], cut: int) -> None:
    file = io.BytesIO()
    soundfile.write(file, tones(1_000, 8_000), 8_000, format=kind, subtype=subtype)
    content = bytearray(file.getvalue()[: cut + 100])
    for place, byte in at:
        content[place % len(content)] = byte
    try:
        samples = read_audio(io.BytesIO(bytes(content)), 8_000, longest=3_600)
    except ReadError:
        return
    assert samples.dtype == np.float32 and np.isfinite(samples).all()


@pytest.mark.parametrize("package", ["soundfile", "soxr"])
def test_without_the_extra_the_command_that_installs_it_is_named(
    package: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(OptionError, match=r"soundfile and soxr.*pip install '\.\[audio\]'"):
        read_audio(folder / "tones.wav", 8_000)


def test_a_file_of_very_many_values_a_second_is_not_taken(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    many, fast = tmp_path / "many.wav", tmp_path / "fast.wav"
    soundfile.write(many, np.zeros((100, 65), dtype=np.float32), 8_000)
    with pytest.raises(ReadError, match="65 channels"):
        read_audio(many, 8_000)
    soundfile.write(fast, np.zeros((60_000, 32), dtype=np.float32), 48_000)
    assert len(read_audio(fast, 8_000)) == 10_000
    with pytest.raises(ReadError, match="too many values"):
        read_audio(fast, 8_000, longest=1.3)
