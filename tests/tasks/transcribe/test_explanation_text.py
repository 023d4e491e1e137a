"""An explanation as lines, in which nothing is mark-up."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.tasks.transcribe.explain import Character, Explanation
from recurra.tasks.transcribe.explanation_text import GIVEN, PART, least_sure, print_explanation
from recurra.tasks.transcribe.timing import Word

CHARACTERS = (
    Character("n", 0.5, 0.53, 0.9, (("", 0.07), ("m", 0.02)), (0.4, 0.6)),
    Character("o", 0.6, 0.66, 0.55, (("[b]", 0.4),), (0.5, 0.7)),
    Character(" ", 0.7, 0.73, 0.99, (), None),
)


def explanation(characters: tuple[Character, ...] = CHARACTERS, **changes: object) -> Explanation:
    moments = np.array([(0.0, 0.5), (0.5, 1.0)])
    fields = {
        "recording": "a.wav", "text": "no[/b]", "given": False, "seconds": 1.0, "whole": True, "log_probability": -0.7,
        "words": (Word("no[/b]\x1b[2J", 0.5, 0.66, 0.55),), "characters": characters, "moments": moments,
        "text_losses": np.array([0.0, 2.0]), "losses": np.arange(2.0 * len(characters)).reshape(-1, 2),
        "levels": np.random.default_rng(0).random((10, 16)), "ends": np.linspace(0, 1, 11),
    }  # fmt: skip
    return Explanation(**{**fields, **changes})


def test_words_and_characters_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    print_explanation(explanation(), 10)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[0] == "no[/b]" and "\x1b" not in "".join(lines)
    assert lines[2].split()[1:] == ["0.50", "s", "0.66", "s", "55%"]
    shown = {line.split()[0]: " ".join(line.split()[1:]) for line in lines[5:]}
    assert shown == {
        "n": "0.50 s 90% 0.40-0.60 s (nothing) 7%, m 2%",
        "o": "0.60 s 55% 0.50-0.70 s [b] 40%",
        "(space)": "0.70 s 99% -",
    }


def test_the_least_sure_are_chosen_and_stay_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert [one.text for one in least_sure(explanation(), 2)] == ["n", "o"]
    print_explanation(explanation(given=True, whole=False), 1)
    out = capsys.readouterr().out
    assert GIVEN in out and PART in out and "The 1 characters of which it was least sure" in out
    assert "(space)" not in out


def test_nothing_understood_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    print_explanation(explanation((), text="", words=()), 10)
    assert "(nothing was understood)" in capsys.readouterr().out
