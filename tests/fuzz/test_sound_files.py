"""Sound files of any bytes: the samples are those that Python's own `wave` reads, or the file is refused in words."""

from __future__ import annotations

import functools
import io
import json
import tempfile
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from recurra.errors import ReadError
from recurra.tasks.transcribe.audio import LOUDEST, RATES, read_audio, sound
from support.damage import INTERESTING, damaged
from support.fuzzing import fuzzed
from support.live_models import write_transcriber
from support.speech import spoken
from support.whole_commands import in_sentences, in_words, run

soundfile = pytest.importorskip("soundfile")

RATE = 8000
KINDS = {
    "wav": ("WAV", "PCM_16", ".wav"), "bytes": ("WAV", "PCM_U8", ".wav"), "wide": ("WAV", "PCM_24", ".wav"),
    "floats": ("WAV", "FLOAT", ".wav"), "doubles": ("WAV", "DOUBLE", ".wav"), "law": ("WAV", "ULAW", ".wav"),
    "adpcm": ("WAV", "IMA_ADPCM", ".wav"), "extensible": ("WAVEX", "PCM_16", ".wav"),
    "aiff": ("AIFF", "PCM_16", ".aif"),
    "au": ("AU", "PCM_16", ".au"), "w64": ("W64", "PCM_16", ".w64"), "caf": ("CAF", "PCM_16", ".caf"),
    "flac": ("FLAC", "PCM_16", ".flac"), "ogg": ("OGG", "VORBIS", ".ogg"), "opus": ("OGG", "OPUS", ".opus"),
    "mp3": ("MP3", "MPEG_LAYER_III", ".mp3"),
}  # fmt: skip
QUIET = tuple(sorted(KINDS.keys() - {"mp3"}))
"""Without the kind whose library writes remarks on standard error."""
NUMBERS = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\1\0", b"\0\0\xc0\x7f", b"\xff" * 8)
WORDS = (*INTERESTING, *NUMBERS, b"RIFF", b"data", b"fmt ", b"fLaC", b"OggS", b"ID3", b"LIST", b"\xff\xfb")


@functools.cache
def good(kind: str, channels: int, seconds: float) -> bytes:
    """Return a file of speech of a kind."""
    format, subtype, _ = KINDS[kind]
    samples = spoken("bad idea")[: round(seconds * RATE)]
    file = io.BytesIO()
    soundfile.write(file, np.stack([samples / (n + 1) for n in range(channels)], 1), RATE, subtype, format=format)
    return file.getvalue()


@st.composite
def files(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(sorted(KINDS))) -> tuple[str, bytes]:
    """Draw (suffix, content): speech of any kind, damaged, half of the time where its header is."""
    kind = draw(st.sampled_from(kinds))
    channels = draw(st.sampled_from((1, 1, 2) if kind in ("adpcm", "mp3") else (1, 1, 2, 5)))
    whole = good(kind, channels, draw(st.sampled_from((0.01, 0.1, 0.8))))
    head = draw(st.sampled_from((64, len(whole))))
    content = draw(damaged(whole[:head], WORDS)) + whole[head:]
    name = draw(st.sampled_from((kind, kind, *KINDS)))
    return KINDS[name][2], content


def read(source: Any, rate: int, **more: Any) -> np.ndarray[Any, Any] | None:
    """Return the samples of a file that lasts ten minutes at most, which must be sound; None where it is refused."""
    try:
        samples = read_audio(io.BytesIO(source) if isinstance(source, bytes) else source, rate, longest=600, **more)
    except ReadError as error:
        in_sentences(str(error))
        return None
    assert samples.dtype == np.float32 and samples.ndim == 1 and len(samples) and np.isfinite(samples).all()
    return samples


def by_wave(content: bytes) -> np.ndarray[Any, Any] | None:
    """Return the samples [N] of 16-bit PCM as Python reads it; None for what it does not read."""
    try:
        with wave.open(io.BytesIO(content)) as file:
            if file.getsampwidth() != 2 or content[34:36] != b"\x10\0":
                return None
            frames = file.readframes(file.getnframes())
            values = np.frombuffer(frames[: len(frames) // 2 * 2], "<i2")
            return (
                values[: len(values) // file.getnchannels() * file.getnchannels()]
                .reshape(-1, file.getnchannels())
                .mean(axis=1)
                / 32768
            )
    except (wave.Error, EOFError, ZeroDivisionError):
        return None


@fuzzed(120, file=files(), other=st.sampled_from((4000, 8000, 11025, 48000)))
def test_read(file: tuple[str, bytes], other: int) -> None:
    suffix, content = file
    try:
        said = sound(io.BytesIO(content))
    except ReadError as error:
        in_sentences(str(error))
        assert read(content, RATE) is None
        return
    assert RATES[0] <= said.rate <= RATES[1] and said.channels >= 1 and said.seconds > 0
    whole, resampled = read(content, said.rate), read(content, other)
    assert (whole is None) == (resampled is None)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        path.write_bytes(content)
        of_path = read(path, said.rate)
        assert path.read_bytes() == content
    if whole is None or resampled is None:
        return
    assert len(whole) == round(said.seconds * said.rate) and np.abs(whole).max() <= LOUDEST
    assert abs(len(resampled) - max(1, said.seconds * other)) <= 2
    assert of_path is None or np.array_equal(of_path, whole)
    if (expected := by_wave(content)) is not None:
        both = min(len(whole), len(expected))  # where the header contradicts itself they believe other parts of it
        np.testing.assert_allclose(whole[:both], expected[:both], atol=1e-6)


@fuzzed(80, file=files(), start=st.floats(0, 0.9), length=st.floats(0, 0.9))
def test_read_a_part(file: tuple[str, bytes], start: float, length: float) -> None:
    _, content = file
    try:
        said = sound(io.BytesIO(content))
    except ReadError:
        return
    whole = read(content, said.rate)
    part = read(content, said.rate, start=start, end=start + length)
    if whole is not None and part is not None:
        first = min(round(start * said.rate), len(whole) - 1)
        np.testing.assert_array_equal(part, whole[first : max(first + 1, round((start + length) * said.rate))])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_transcriber(tmp_path_factory.mktemp("models") / "model")


@fuzzed(30, file=files(QUIET), table=st.booleans())
def test_predict(model: Path, file: tuple[str, bytes], table: bool) -> None:
    suffix, content = file
    with tempfile.TemporaryDirectory() as folder:
        source, listing, output = Path(folder) / f"a{suffix}", Path(folder) / "list.csv", Path(folder) / "out.csv"
        source.write_bytes(content)
        listing.write_text(f"path\n{source.name}\n")
        whole = read(source, RATE)
        if table:
            ended = run("predict", model, "--input", listing, "--output", output, "--json")
        else:
            ended = run("predict", model, source, "--json")
        if suffix != ".mp3":
            in_words(ended)
        assert source.read_bytes() == content
        assert (ended.status == 0) == (whole is not None)
        if whole is not None and not table:
            (answer,) = json.loads(ended.out)["predictions"]
            assert abs(answer["seconds"] - len(whole) / RATE) < 1e-6
            assert set(answer["text"]) <= set(" abdeio")
