"""Spoken digits: how often words are right for voices that training has heard and for voices that it has not.

    RECURRA_DATA=... python benchmarks/speech.py            # all parts, into benchmarks/results/speech.json
    ... --parts unseen --speakers theo,lucas --out FILE -- --epochs 10

On the Free Spoken Digit Dataset (six speakers, one English digit a file at 8 kHz, takes 5 to 49; its official test
part, takes 0 to 4, is not read):

- unseen: each speaker is held out in turn, and the others' recordings are trained on. Beside it the baseline, the
  nearest template by dynamic time warping.
- strings: 100 strings of 3 to 7 takes of the speaker who was held out, equally loud, with 50 to 300 ms before, between
  and after them, and white noise 15 to 30 dB below, drawn by a fixed seed; transcribed by the same model, which was
  trained on single words, and by pocketsphinx (its English model, at 16 kHz, with a grammar of digits; it was made for
  wideband sound, and above 4 kHz these recordings have none).
- known: takes 5 to 13 of all speakers are held out, and the others are trained on.

`recurra train` and `recurra evaluate` are run with their defaults; what follows `--` goes to the former. Figures are of
one seed. Needs `pip install 'recurra[train,audio]'`, and pocketsphinx for its part.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from record import RESULTS, machine

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
RATE, SPHINX_RATE = 8_000, 16_000
PARTS = ("unseen", "strings", "known")
KNOWN_HELD_OUT = range(5, 14)
STRINGS, SHORTEST, LONGEST, SEED = 100, 3, 7, 20
PAUSE, LOUDNESS, SIGNAL_TO_NOISE = (0.05, 0.3), 0.05, (15.0, 30.0)
GRAMMAR = f"#JSGF V1.0; grammar digits; public <digits> = ( {' | '.join(WORDS)} )+ ;"


class Take(NamedTuple):
    """A recording of one word."""

    path: Path
    word: str
    speaker: str
    number: int


def takes(folder: Path) -> list[Take]:
    """Return all recordings, by name."""
    found = []
    for path in sorted(folder.glob("*_*_*.*")):
        digit, speaker, number = path.stem.split("_")
        found.append(Take(path, WORDS[int(digit)], speaker, int(number)))
    return found


def write_list(path: Path, rows: Iterable[tuple[Path, str, str]]) -> Path:
    """Write a list of recordings: path, transcript, speaker."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("path", "transcript", "speaker"), *rows])
    return path


def write_strings(folder: Path, chosen: Sequence[Take], count: int, seed: int) -> list[tuple[Path, str, str]]:
    """Write strings of takes of one speaker as WAV files of 16 bits, and return their rows."""
    import soundfile

    folder.mkdir()
    rng, rows = np.random.default_rng((SEED, seed)), []
    sounds = {take: soundfile.read(take.path, dtype="float32")[0] for take in chosen}
    for number in range(count):
        said = [chosen[i] for i in rng.integers(len(chosen), size=rng.integers(SHORTEST, LONGEST + 1))]
        pieces = [_silence(rng)]
        for take in said:
            sound = sounds[take]
            pieces += [sound * (LOUDNESS / np.sqrt(np.mean(sound**2))), _silence(rng)]
        joined = np.concatenate(pieces)
        noise = LOUDNESS * 10 ** (-rng.uniform(*SIGNAL_TO_NOISE) / 20)
        joined += noise * rng.standard_normal(len(joined)).astype(np.float32)
        path = folder / f"{said[0].speaker}_{number}.wav"
        soundfile.write(path, joined.clip(-1, 1), RATE, subtype="PCM_16")
        rows.append((path, " ".join(take.word for take in said), said[0].speaker))
    return rows


def _silence(rng: np.random.Generator) -> NDArray[np.float32]:
    return np.zeros(int(rng.uniform(*PAUSE) * RATE), dtype=np.float32)


def recurra(*arguments: object) -> dict[str, Any]:
    """Run a command and return what it prints as JSON."""
    command = [sys.executable, "-m", "recurra.cli", *map(str, arguments), "--json"]
    printed = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    result: dict[str, Any] = json.loads(printed)
    return result


def train(training: Path, test: Path, model: Path, more: Sequence[str]) -> dict[str, Any]:
    """Train a model, and return its figures on the test part."""
    started, used = time.perf_counter(), os.times()
    metrics = recurra("train", training, "--task", "transcribe", "--test", test, "--out", model, *more)
    wall, after = time.perf_counter() - started, os.times()
    test_part, baseline = metrics["test"], metrics["baseline"]
    return {
        "rows": test_part["rows"],
        "word_accuracy": test_part["word_accuracy"],
        "wer": test_part["wer"],
        "cer": test_part["cer"],
        "real_time_factor": test_part["real_time_factor"],
        "baseline_name": baseline and baseline["name"],
        "baseline_word_accuracy": baseline and 1 - baseline["wer"],
        "confusions": test_part["confusions"][:5],
        "epochs": len(metrics["history"]) if "history" in metrics else None,
        "train_seconds": round(metrics["timing"]["train"], 1),
        "wall_seconds": round(wall, 1),
        "cpu_seconds": round(
            after.children_user + after.children_system - used.children_user - used.children_system, 1
        ),
    }


SCORES = ("rows", "words", "wer", "insertions", "deletions", "substitutions", "real_time_factor")


def evaluate(model: Path, test: Path, *more: str) -> dict[str, Any]:
    """Return the figures of a model on a list of recordings."""
    scores = recurra("evaluate", model, test, *more)
    return {name: scores[name] for name in SCORES}


def sphinx(rows: Sequence[tuple[Path, str, str]]) -> dict[str, Any] | None:
    """Return the figures of pocketsphinx with its own English model and a grammar of digits; None without it."""
    try:
        from pocketsphinx import Decoder
    except ImportError:
        return None
    import soundfile
    import soxr

    from recurra.tasks.transcribe.metrics import score_transcripts

    decoder = Decoder(samprate=float(SPHINX_RATE), lm=None, loglevel="FATAL")
    decoder.add_jsgf_string("digits", GRAMMAR)
    decoder.activate_search("digits")
    heard, seconds, started = [], 0.0, time.perf_counter()
    for path, _, _ in rows:
        sound = soxr.resample(soundfile.read(path, dtype="float32")[0], RATE, SPHINX_RATE)
        seconds += len(sound) / SPHINX_RATE
        decoder.start_utt()
        decoder.process_raw((sound * 32767).astype(np.int16).tobytes(), no_search=False, full_utt=True)
        decoder.end_utt()
        heard.append(decoder.hyp().hypstr.strip() if decoder.hyp() else "")
    took = time.perf_counter() - started
    scores = score_transcripts([text for _, text, _ in rows], heard, [speaker for *_, speaker in rows])
    return {name: scores[name] for name in SCORES[:-1]} | {"real_time_factor": took / seconds}


def _means(figures: Sequence[dict[str, Any]], names: Sequence[str]) -> dict[str, float]:
    return {
        name: float(np.mean([each[name] for each in figures]))
        for name in names
        if figures and all(each[name] is not None for each in figures)
    }


def main() -> None:
    """Measure, and write one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default=",".join(PARTS), help="some of these; strings come with unseen")
    parser.add_argument("--speakers", default=",".join(SPEAKERS), help="who is held out in turn")
    parser.add_argument("--out", type=Path, default=RESULTS / "speech.json")
    parser.add_argument("more", nargs="*", help="options of recurra train, after --")
    given = parser.parse_args()
    parts, load = given.parts.split(","), os.getloadavg()[0]
    everything = takes(Path(os.environ["RECURRA_DATA"]) / "fsdd" / "recordings")
    metrics: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="recurra-speech-") as directory:
        folder = Path(directory)

        def held_out(name: str, chosen: set[Take]) -> dict[str, Any]:
            """Train on all but these takes, and return the figures on them."""
            training = write_list(folder / f"{name}-train.csv", (take[:3] for take in everything if take not in chosen))
            test = write_list(folder / f"{name}-test.csv", (take[:3] for take in everything if take in chosen))
            return train(training, test, folder / name, given.more)

        folds, strings, others = [], [], []
        for speaker in given.speakers.split(",") if "unseen" in parts else ():
            own = [take for take in everything if take.speaker == speaker]
            folds.append({"speaker": speaker, **held_out(speaker, set(own))})
            print(f"{speaker}: {folds[-1]['word_accuracy']:.1%}", file=sys.stderr, flush=True)
            if "strings" in parts:
                rows = write_strings(folder / f"{speaker}-strings", own, STRINGS, SPEAKERS.index(speaker))
                heard = evaluate(folder / speaker, write_list(folder / f"{speaker}-strings.csv", rows))
                strings.append({"speaker": speaker, **heard})
                others.append(sphinx(rows))
                theirs = others[-1] and f"{others[-1]['wer']:.1%}"
                print(f"{speaker}, strings: WER {heard['wer']:.1%} {theirs}", file=sys.stderr, flush=True)
        if folds:
            names = ("word_accuracy", "baseline_word_accuracy", "real_time_factor", "train_seconds", "cpu_seconds")
            metrics["unseen"] = {"mean": _means(folds, names), "folds": folds}
        if strings:
            metrics["strings"] = {"mean": _means(strings, ("wer", "real_time_factor")), "folds": strings}
            known = [each for each in others if each]
            metrics["pocketsphinx"] = {"mean": _means(known, ("wer", "real_time_factor")), "folds": known}
        if "known" in parts:
            metrics["known"] = held_out("known", {take for take in everything if take.number in KNOWN_HELD_OUT})
            print(f"known speakers: {metrics['known']['word_accuracy']:.1%}", file=sys.stderr, flush=True)
    command = ["python", "benchmarks/speech.py", "--parts", given.parts, "--speakers", given.speakers]
    result = {
        "name": "speech",
        "command": shlex.join([*command, *(["--", *given.more] if given.more else [])]),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "load_average_before": round(load, 1),
        "metrics": metrics,
    }
    given.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"{given.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
