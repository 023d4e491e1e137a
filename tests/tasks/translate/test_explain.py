"""An alignment as values and as lines: each written word with the words that it attended to."""

from __future__ import annotations

import json

import numpy as np
import pytest

from recurra.tasks.translate.explain import GIVEN, plain, print_alignment
from recurra.tasks.translate.model import Alignment

ALIGNMENT = Alignment(
    ("der", "[b]Hund[/b]", "läuft"),
    ("the", "dog\x1b[2J"),
    np.array([[0.8, 0.15, 0.05], [0.1, 0.1, 0.1]], dtype=np.float32),
)


def test_values_are_json() -> None:
    values = json.loads(json.dumps(plain(ALIGNMENT), allow_nan=False))
    assert values == {
        "source": ["der", "[b]Hund[/b]", "läuft"],
        "target": ["the", "dog\x1b[2J"],
        "attention": [[0.8, 0.15, 0.05], [0.1, 0.1, 0.1]],
    }


def test_words_are_named_with_their_share_and_are_no_mark_up(capsys: pytest.CaptureFixture[str]) -> None:
    print_alignment(ALIGNMENT, 10)
    first, blank, the, dog = capsys.readouterr().out.splitlines()
    assert first.startswith("the dog") and blank == "" and "\x1b" not in first + dog
    assert the.split("  ")[-1].strip() == "der 80%, [b]Hund[/b] 15%"
    assert dog.endswith("  der 10%")  # the largest is named even where none is large


def test_fewer_words_are_named_where_they_are_asked_for_and_a_given_translation_is_said_to_be_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_alignment(ALIGNMENT, 1, given=True)
    _, given, _, the, _ = capsys.readouterr().out.splitlines()
    assert the.split("  ")[-1].strip() == "der 80%"
    assert given == GIVEN
    print_alignment(ALIGNMENT, 1)
    assert GIVEN not in capsys.readouterr().out


def test_nothing_written_is_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_alignment(Alignment(("a",), (), np.zeros((0, 1), dtype=np.float32)), 10)
    assert capsys.readouterr().out.strip() == ""
