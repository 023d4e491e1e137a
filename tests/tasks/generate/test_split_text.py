"""A text in two: nothing lost, pieces from everywhere, whole lines where there is room."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.tasks.generate.split_text import split_text


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("length", [180, 2_000, 100_000])
def test_the_validation_text_comes_from_everywhere(length: int, lines: bool) -> None:
    rng = np.random.default_rng(length)
    text = "".join(chr(number) for number in rng.permutation(0x4E00 + np.arange(min(length, 20_000))))  # each once
    text = text[:length] if not lines else "\n".join(text[start : start + 39] for start in range(0, length, 39))
    training, steering = split_text(text, 0.05, most=10**6)
    assert sorted(training + steering) == sorted(text)
    assert len(steering) == pytest.approx(0.05 * len(text), rel=0.3, abs=10)
    places = [text.find(character) / len(text) for character in steering if character != "\n"]
    assert places == sorted(places)
    if len(text) >= 10_000:
        assert places[0] < 0.5 < places[-1]
    assert training[-1] == text[-1]  # what comes right before the held-out text is learnt
    assert not lines or length < 10_000 or all(piece in text.split("\n") for piece in steering.split("\n"))


def test_the_validation_text_is_bounded() -> None:
    assert len(split_text("ab\n" * 30_000, 0.5, most=1_000)[1]) == pytest.approx(1_000, rel=0.3)


@pytest.mark.parametrize("share", [0.001, 0.3, 0.6, 0.95, 0.999])
@pytest.mark.parametrize("length", [1, 2, 500, 40_000])
def test_any_share_loses_nothing(share: float, length: int) -> None:
    rng = np.random.default_rng(length)
    text = "".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz\n"), length))
    training, steering = split_text(text, share, most=10**6)
    assert sorted(training + steering) == sorted(text)
    assert steering
