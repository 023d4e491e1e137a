"""The made speech of `make demo-speech`: which voices are held out, and that a recording is made of every row."""

from __future__ import annotations

import csv
import shutil
import wave
from pathlib import Path

import espeak_speech
import pytest
from espeak_speech import ACCENTS, HELD_OUT, VARIANTS, WORDS, Spoken, utterances

FAKE = """#!/bin/sh
while [ "$1" != -w ]; do shift; done
echo "$3" > "$2"
"""


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An espeak-ng that writes what it should say."""
    path = tmp_path / "bin" / "espeak-ng"
    path.parent.mkdir()
    path.write_text(FAKE)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")
    return path


def test_each_voice_says_each_digit_and_then_strings() -> None:
    said = list(utterances(12, seed=0))
    assert len(said) == 12 * len(ACCENTS) * len(VARIANTS) and said == list(utterances(12, seed=0))
    assert said != list(utterances(12, seed=1))
    first = [one.transcript for one in said if one.speaker == "en-us+m1"]
    assert first[:10] == list(WORDS)
    assert all(2 <= len(text.split()) <= 5 and set(text.split()) <= set(WORDS) for text in first[10:])
    assert len({one.path for one in said}) == len(said)


def test_held_out_voices_are_in_no_training_row(
    program: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    espeak_speech.main([str(tmp_path / "speech"), "--of-each", "11"])
    train, test = (table(tmp_path / "speech" / f"{part}.csv") for part in ("train", "test"))
    assert list(train[0]) == ["path", "transcript", "speaker"]
    assert not {row["speaker"] for row in train} & {row["speaker"] for row in test}
    assert {row["speaker"].partition("+")[2] for row in test} == set(HELD_OUT)
    assert {row["speaker"].partition("+")[2] for row in train} == set(VARIANTS) - set(HELD_OUT)
    for row in (*train, *test):
        assert (tmp_path / "speech" / row["path"]).read_text() == f"{row['transcript']}\n"
    assert capsys.readouterr().out.endswith(
        f"speech: {len(train)} utterances of 40 voices to learn from, {len(test)} utterances of 8 voices held out.\n"
    )


def test_without_the_program_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"There is no espeak-ng here. Install it, .* `apt-get install espeak-ng`"):
        espeak_speech.main([str(tmp_path / "speech")])
    assert not list(tmp_path.rglob("*.csv"))


def test_a_program_that_fails_is_quoted(program: Path, tmp_path: Path) -> None:
    program.write_text("#!/bin/sh\necho 'no such voice' >&2\nexit 1\n")
    with pytest.raises(SystemExit, match=r"espeak-ng could not say '.*': no such voice"):
        espeak_speech.main([str(tmp_path / "speech")])


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
def test_the_real_program_speaks(tmp_path: Path) -> None:
    said = [Spoken(f"recordings/{speed}.wav", "four two", "en-gb", "f3", speed, 50) for speed in (120, 200)]
    espeak_speech.say(said, tmp_path)
    seconds = []
    for one in said:
        with wave.open(str(tmp_path / one.path)) as sound:
            seconds.append(sound.getnframes() / sound.getframerate())
            assert any(sound.readframes(sound.getnframes()))
    assert 2 > seconds[0] > seconds[1] > 0.3
