"""The estimated model against the formula written out recursively, and against what a distribution is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest

from recurra.errors import DataError
from recurra.tasks.transcribe.language_model import BEGIN, END, UNKNOWN
from recurra.tasks.transcribe.witten_bell import estimate

TEXTS = ["one two three", "one two", "", "two two  two one", "three", "one two four"]


def naive(texts: Sequence[str], history: tuple[str, ...], word: str) -> float:
    """Witten and Bell's formula, counting anew each time."""
    sentences = [(BEGIN, *text.split(), END) for text in texts if text.split()]
    seen = [
        sentence[place]
        for sentence in sentences
        for place in range(1, len(sentence))
        if place >= len(history) and sentence[place - len(history) : place] == history
    ]
    kinds = len(set(seen))
    below = naive(texts, history[1:], word) if history else 1 / (kinds + 1)
    return (seen.count(word) + kinds * below) / (len(seen) + kinds) if seen else below


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_probabilities_are_those_of_the_formula_and_add_up_to_one(order: int) -> None:
    model = estimate(TEXTS, order)
    words = ["one", "two", "three", "four", END, UNKNOWN]
    for length in range(order):
        for history in itertools.product([BEGIN, "one", "two", "four", UNKNOWN], repeat=length):
            if BEGIN in history[1:]:
                continue
            numbers = tuple(model.number(word) for word in history)
            found = [math.exp(model.log_probability(numbers, model.number(word))) for word in words]
            assert found == pytest.approx([naive(TEXTS, history, word) for word in words], rel=1e-9)
            assert sum(found) == pytest.approx(1.0)


def test_a_text_is_as_likely_as_its_words_in_turn() -> None:
    model = estimate(TEXTS)
    words = ["one", "two", "nine", "two"]
    expected, history = 1.0, (BEGIN,)
    for word in [*words, END]:
        spelt = word if word in model.words else UNKNOWN
        expected *= naive(TEXTS, history, spelt)
        history = (*history, spelt)[-2:]
    assert math.exp(model.of_text(words)) == pytest.approx(expected)
    assert model.perplexity([words]) == pytest.approx(expected ** (-1 / 5))


def test_a_longer_history_helps_where_words_depend_on_each_other() -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(str((start + place) % 10) for place in range(6)) for start in rng.integers(0, 10, size=300)]
    held_out = [text.split() for text in texts[:50]]
    perplexities = [estimate(texts[50:], order).perplexity(held_out) for order in (1, 2)]
    assert perplexities[0] > 7
    assert perplexities[1] < 2.5


def test_no_word_is_refused() -> None:
    with pytest.raises(DataError, match="no word"):
        estimate(["", "  "])
