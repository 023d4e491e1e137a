"""Word lists: which texts they allow, and what the beam search makes of them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import OptionError, ReadError
from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.beam_search import beam_search, hypotheses
from recurra.tasks.transcribe.words import WordList, read_words

ALPHABET = Alphabet(" abc")
WORDS = ["ab", "abc", "c", "ba"]


def allows(words: WordList, text: str) -> bool:
    state: int | None = words.start
    for symbol in ALPHABET.symbols(text) if text else ():
        state = words.step(state, int(symbol))
        if state is None:
            return False
    return words.final(state)


@given(st.text(alphabet="abc ", max_size=8))
def test_texts_are_words_with_a_space_between_them(text: str) -> None:
    assert allows(WordList(WORDS, ALPHABET), text) == (text == "" or all(word in WORDS for word in text.split(" ")))
    assert allows(WordList(WORDS, ALPHABET, single=True), text) == (text in WORDS)
    assert allows(WordList([*WORDS, "a  c"], ALPHABET, single=True), text) == (text in [*WORDS, "a c"])


@pytest.mark.parametrize("seed", range(3))
def test_the_beam_writes_the_likeliest_of_the_texts_that_there_are(seed: int) -> None:
    logits = np.random.default_rng(seed).normal(size=(6, 5))
    log_probs = np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)), dtype=np.float32)
    every = hypotheses(log_probs, 5000)
    for words in (WordList(WORDS, ALPHABET), WordList(WORDS, ALPHABET, single=True)):
        best = next(one for one in every if allows(words, ALPHABET.text(one.symbols)))
        assert ALPHABET.text(beam_search(log_probs, 300, words).symbols) == ALPHABET.text(best.symbols)
        assert allows(words, ALPHABET.text(beam_search(log_probs, 1, words).symbols))


def test_words_that_cannot_be_spelt_and_no_words_are_refused() -> None:
    with pytest.raises(OptionError, match="2 of the words have characters that the model cannot write: 'dab', 'é'"):
        WordList(["ab", "dab é"], ALPHABET)
    with pytest.raises(OptionError, match="no word"):
        WordList([" "], ALPHABET)


def test_a_file_has_a_word_a_line(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes("\ufeffone\r\n\r\n two \nturn on\none\n".encode())
    assert read_words(path) == ["one", "two", "turn on"]
    packed = tmp_path / "words.txt.gz"
    packed.write_bytes(gzip.compress(b"one\ntwo"))
    assert read_words(packed) == ["one", "two"]


@pytest.mark.parametrize(("content", "message"), [(b"\n \n", "no word"), (b"caf\xe9", "utf-8"), (b"", "empty")])
def test_what_is_no_list_is_one_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(content)
    with pytest.raises(ReadError, match=message):
        read_words(path)
    with pytest.raises(ReadError, match="does not exist"):
        read_words(tmp_path / "absent.txt")


def test_a_line_without_an_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("one\n" + "x" * 1_000_001)
    with pytest.raises(ReadError, match="line 2, has more than 1,000,000 characters"):
        read_words(path)
