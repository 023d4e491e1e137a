"""Speech from a synthesiser: digits, said by espeak-ng in voices of which some are held out.

    python benchmarks/espeak_speech.py FOLDER

Writes FOLDER/train.csv and FOLDER/test.csv (path, transcript, speaker) and the recordings that they name. A speaker is
a variant of espeak-ng, which is a timbre, in one of several accents; those of two timbres are all in test.csv, and no
recording of them is in train.csv. The same seed says the same.

`make demo-speech` trains on them. A synthesiser articulates alike each time, so that this is easier than people's
speech: nothing about those follows from the figure.
"""

from __future__ import annotations

import argparse
import csv
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

PROGRAM = "espeak-ng"
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ACCENTS = ("en-us", "en-gb", "en-gb-scotland", "en-029")
VARIANTS = (*(f"m{number}" for number in range(1, 8)), *(f"f{number}" for number in range(1, 6)))
HELD_OUT = ("m4", "f3")
SPEEDS = (120, 200)
"""Words a minute, from and to."""
PITCHES = (25, 75)
"""espeak-ng's own scale from 0 to 99."""
MOST_WORDS = 5
TIMEOUT = 60


@dataclass(frozen=True)
class Spoken:
    """What is said, and how. path: below the folder."""

    path: str
    transcript: str
    accent: str
    variant: str
    speed: int
    pitch: int

    @property
    def speaker(self) -> str:
        """The voice, in espeak-ng's own spelling."""
        return f"{self.accent}+{self.variant}"

    def command(self, folder: Path) -> list[str]:
        """Return what makes the recording."""
        how = ["-v", self.speaker, "-s", str(self.speed), "-p", str(self.pitch)]
        return [PROGRAM, *how, "-w", str(folder / self.path), self.transcript]


def utterances(of_each: int, seed: int) -> Iterator[Spoken]:
    """Give what each voice says: every digit once by itself, then strings, until it said `of_each`."""
    rng = random.Random(seed)
    for accent in ACCENTS:
        for variant in VARIANTS:
            for number in range(of_each):
                words = [WORDS[number]] if number < len(WORDS) else rng.choices(WORDS, k=rng.randint(2, MOST_WORDS))
                yield Spoken(
                    f"recordings/{accent}-{variant}-{number:02}.wav",
                    " ".join(words),
                    accent,
                    variant,
                    rng.randint(*SPEEDS),
                    rng.randint(*PITCHES),
                )


def say(spoken: Sequence[Spoken], folder: Path) -> None:
    """Make the recordings. Exits with a message where espeak-ng is missing or fails."""
    (folder / "recordings").mkdir(parents=True, exist_ok=True)

    def one(utterance: Spoken) -> None:
        subprocess.run(utterance.command(folder), check=True, capture_output=True, text=True, timeout=TIMEOUT)

    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(one, spoken))
    except FileNotFoundError:
        sys.exit(f"There is no {PROGRAM} here. Install it, on Debian and Ubuntu with `apt-get install {PROGRAM}`.")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{PROGRAM} could not say {error.cmd[-1]!r}: {error.stderr.strip()}")


def write_table(spoken: Sequence[Spoken], path: Path) -> None:
    """Write path, transcript and speaker of each."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "transcript", "speaker"))
        writer.writerows((one.path, one.transcript, one.speaker) for one in spoken)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the recordings and their tables go")
    parser.add_argument("--of-each", type=int, default=14, help="utterances of each voice")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    spoken = list(utterances(given.of_each, given.seed))
    say(spoken, given.folder)
    parts = {
        "train.csv": [one for one in spoken if one.variant not in HELD_OUT],
        "test.csv": [one for one in spoken if one.variant in HELD_OUT],
    }
    for name, part in parts.items():
        write_table(part, given.folder / name)
    counts = [f"{len(part):,} utterances of {len({one.speaker for one in part})} voices" for part in parts.values()]
    print(f"{given.folder}: {counts[0]} to learn from, {counts[1]} held out.")


if __name__ == "__main__":
    main()
