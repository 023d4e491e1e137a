"""The page of an explanation: harmless, and with a place for each moment."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from recurra.tasks.transcribe.explain import Character, Explanation, explain
from recurra.tasks.transcribe.explanation_page import MOST_ROWS, page
from recurra.tasks.transcribe.explanation_text import GIVEN, PART
from support.heard_tones import HeardTones, tones
from support.outline import HOSTILE, Outline, assert_harmless
from support.speech import write_wav


def drawn(characters: tuple[Character, ...], **changes: object) -> Explanation:
    fields = {
        "recording": HOSTILE, "text": HOSTILE, "given": True, "seconds": 1.0, "whole": False, "log_probability": -0.7,
        "words": (), "characters": characters, "moments": np.array([(0.0, 0.5), (0.5, 1.0)]),
        "text_losses": np.array([-0.5, 2.0]), "losses": np.tile([[0.01, 4.0]], (len(characters), 1)),
        "levels": np.random.default_rng(0).random((10, 23)), "ends": np.linspace(0, 1, 11),
    }  # fmt: skip
    return Explanation(**{**fields, **changes})


def test_user_text_is_text_and_nothing_is_loaded() -> None:
    source = page(drawn((Character(HOSTILE, 0.5, 0.6, 0.9, ((HOSTILE, 0.1),), None),)), 10)
    assert_harmless(source)
    text = Outline(source).text
    assert GIVEN in text and "only its beginning is explained" in text and PART in text


def test_a_real_explanation_has_a_row_a_character_and_a_bar_a_moment(tmp_path: Path) -> None:
    found = explain(HeardTones(), str(write_wav(tmp_path / "a.wav", tones("abc"))))  # type: ignore[arg-type]
    source = page(found, 2)
    assert_harmless(source)
    assert len(re.findall('class="bar"', source)) == len(found.moments)
    assert len(re.findall('class="at"', source)) == 3
    assert len(re.findall('<tr><th scope="row">', source)) == 2
    assert "The 2 characters of which it was least sure" in source
    assert len(re.findall('class="cell"', source)) >= 3
    assert GIVEN not in source and PART not in source


def test_faint_moments_are_left_out_and_gains_have_no_bar() -> None:
    source = page(drawn((Character("a", 0.5, 0.6, 0.9, (), (0.5, 1.0)),)), 10)
    assert len(re.findall('class="cell"', source)) == 1
    assert re.findall('class="bar".*?height="([0-9.]+)"', source) == ["0.0", "60.0"]


def test_a_long_text_has_as_many_rows_as_can_be_seen_and_an_empty_one_none() -> None:
    many = tuple(Character("a", 0.1, 0.2, 0.9, (), None) for _ in range(MOST_ROWS + 5))
    source = page(drawn(many), 10)
    assert len(re.findall('class="at"', source)) == MOST_ROWS
    assert f"The first {MOST_ROWS} of {MOST_ROWS + 5} characters" in source
    empty = page(drawn((), text="", levels=np.zeros((10, 8))), 10)
    assert_harmless(empty)
    assert "(nothing was understood)" in empty
