"""Speech of tones: each letter is a tone of its own, which a tiny transcriber learns in seconds."""

from __future__ import annotations

import csv
import io
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recurra.tasks.transcribe.learn.waveforms import Waveforms

RATE = 8000
LETTERS = "abdeio"
WORDS = ("bad", "do", "idea", "oboe", "aid")
PITCHES = {letter: 400 + 450 * number for number, letter in enumerate(LETTERS)}
SECONDS = 0.09
"""Of a letter; the pause between two words is as long."""


def spoken(text: str, seed: int = 0, rate: int = RATE) -> NDArray[np.float32]:
    """Return the samples of a text of `LETTERS` and spaces, in a voice and a noise of their own."""
    rng = np.random.default_rng(seed)
    voice, parts = rng.uniform(0.97, 1.03), []
    for letter in f" {text} ":
        time = np.arange(round(SECONDS * rate * rng.uniform(0.9, 1.1))) / rate
        swell = np.sin(np.pi * np.arange(len(time)) / len(time))
        pitch = PITCHES.get(letter, 0) * voice
        parts.append(0.4 * swell * np.sin(2 * np.pi * pitch * time) if pitch else 0 * time)
    samples = np.concatenate(parts)
    return (samples + 0.002 * rng.standard_normal(len(samples))).astype(np.float32)


def wav_bytes(samples: NDArray[np.float32], rate: int = RATE) -> bytes:
    """Return samples as a WAV file of 16 bits and one channel."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return content.getvalue()


def write_wav(path: Path, samples: NDArray[np.float32], rate: int = RATE) -> Path:
    """Write samples as 16-bit mono."""
    path.write_bytes(wav_bytes(samples, rate))
    return path


def texts(count: int, most: int = 3, seed: int = 0) -> list[str]:
    """Return texts of 1 to `most` words."""
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(1, most + 1))) for _ in range(count)]


def write_speech(
    folder: Path, transcripts: Sequence[str], speakers: int = 0, *, name: str = "list.csv", seed: int = 0
) -> Path:
    """Write recordings of the transcripts and their table path,transcript(,speaker) into `folder`; return the table."""
    (folder / "audio").mkdir(parents=True, exist_ok=True)
    rows = []
    for number, transcript in enumerate(transcripts):
        path = Path("audio") / f"{Path(name).stem}-{number}.wav"
        write_wav(folder / path, spoken(transcript, seed + number))
        rows.append([str(path), transcript, *([f"speaker{number % speakers}"] if speakers else [])])
    with (folder / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["path", "transcript", *(["speaker"] if speakers else [])], *rows])
    return folder / name


def noises(sizes: Sequence[int]) -> Waveforms:
    """Return waveforms of noise with so many samples each."""
    rng = np.random.default_rng(1)
    kept = Waveforms()
    for size in sizes:
        kept.append(rng.uniform(-0.5, 0.5, size).astype(np.float32))
    return kept


TINY = {
    "hidden": 24,
    "layers": 1,
    "mels": 16,
    "epochs": 14,
    "batch": 8,
    "learning_rate": 0.02,
    "threads": 1,
    "augment": False,
}
"""Options of a transcriber that learns the tones in a few seconds."""
