"""Shallow fusion against the enumeration of all texts."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.errors import OptionError
from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.beam_search import beam_search, hypotheses
from recurra.tasks.transcribe.language_model import END, FusedLanguageModel
from recurra.tasks.transcribe.witten_bell import estimate
from recurra.tasks.transcribe.words import WordList

ALPHABET = Alphabet(" ab")
TEXTS = ["a b", "a b", "b a a", "ab", "ab b"]


def random_log_probs(steps: int, seed: int) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(scale=1.5, size=(steps, 4))
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), dtype=np.float32)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_a_text_gains_what_the_model_says_of_its_words(order: int, seed: int) -> None:
    model, weight, bonus = estimate(TEXTS, order), 0.7, 0.4
    log_probs = random_log_probs(6, seed)
    heard = {one.symbols: one.log_probability for one in hypotheses(log_probs, 5000)}
    expected = {
        symbols: value + weight * model.of_text(words) + bonus * len(words)
        for symbols, value in heard.items()
        for words in [ALPHABET.text(symbols).split()]
    }
    fused = FusedLanguageModel(model, ALPHABET, weight, bonus)
    found = hypotheses(log_probs, 5000, None, fused)
    assert {one.symbols: pytest.approx(one.score, abs=1e-4) for one in found} == expected
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    listed = beam_search(log_probs, 300, WordList(["a", "b"], ALPHABET), fused)
    legal = [
        symbols for symbols in expected if (text := ALPHABET.text(symbols)) == "" or set(text.split(" ")) <= {"a", "b"}
    ]
    assert tuple(listed.symbols.tolist()) == max(legal, key=expected.__getitem__)


def test_the_model_decides_what_sounds_alike() -> None:
    """After "a", the words "a" and "b" are heard equally well, and the model knows "a b"."""
    log_probs = np.log(
        np.array([[0.02, 0.02, 0.94, 0.02], [0.02, 0.94, 0.02, 0.02], [0.02, 0.02, 0.48, 0.48]], dtype=np.float32)
    )
    for texts, expected in ((["a b"] * 5 + ["b a"], "a b"), (["a a"] * 5 + ["b b"], "a a")):
        fused = FusedLanguageModel(estimate(texts), ALPHABET)
        assert ALPHABET.text(beam_search(log_probs, 8, None, fused).symbols) == expected


def test_spaces_without_a_word_add_nothing() -> None:
    fused = FusedLanguageModel(estimate(TEXTS), ALPHABET, weight=0.7, word_bonus=0.4)
    state, added = fused.step(fused.start, ALPHABET.space)
    assert (state, added) == (fused.start, 0.0)
    assert fused.final(state) == pytest.approx(0.7 * estimate(TEXTS).of_text([]))
    assert END in estimate(TEXTS).words


def test_a_model_in_another_spelling_is_refused() -> None:
    with pytest.raises(OptionError, match=r"None of the 2 words of the language model can be written.*'A', 'B'"):
        FusedLanguageModel(estimate(["A B"]), ALPHABET)
    FusedLanguageModel(estimate(["A B a"]), ALPHABET)
