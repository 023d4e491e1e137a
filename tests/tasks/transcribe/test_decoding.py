"""What the decoding options choose: the beam, the words, and the language model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recurra.errors import OptionError, ReadError
from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.ctc import greedy
from recurra.tasks.transcribe.decoding import Decoder, decoder, language_model, listed_words
from recurra.tasks.transcribe.options import DecodingOptions

ALPHABET = Alphabet(" abt", "words", ["at", "bat"])


def heard(text: str, others: str = "", sure: float = 0.9) -> np.ndarray:
    """Log-probabilities in which each character of a text is likeliest, or the one of `others` at its place nearly."""
    rows = []
    for place, character in enumerate(text):
        row = np.full(5, 0.01)
        row[ALPHABET.symbols(character)] = sure  # type: ignore[index]
        if others and others[place] != character:
            row[ALPHABET.symbols(others[place])] = 0.95 * sure  # type: ignore[index]
        rows += [row / row.sum(), np.array([0.96, 0.01, 0.01, 0.01, 0.01])]
    return np.log(np.array(rows)).astype(np.float32)


def written(found: Decoder, log_probabilities: np.ndarray) -> str:
    return ALPHABET.text(found(log_probabilities).symbols.tolist())


def test_a_beam_of_one_takes_the_likeliest_symbols() -> None:
    log_probabilities = np.log(np.random.default_rng(0).dirichlet(np.ones(5), 12)).astype(np.float32)
    assert Decoder(1)(log_probabilities).symbols.tolist() == greedy(log_probabilities).symbols.tolist()


def test_the_words_of_the_model_are_the_only_ones_unless_others_are_given(tmp_path: Path) -> None:
    log_probabilities = heard("ta bat")
    assert written(decoder(ALPHABET), log_probabilities) in {"at bat", "bat bat", "at at", "bat at"}
    assert written(decoder(ALPHABET, DecodingOptions(word_list="none")), log_probabilities) == "ta bat"
    path = tmp_path / "words.txt"
    path.write_text("Ta\nBAT!\n")
    assert written(decoder(ALPHABET, DecodingOptions(word_list=str(path))), log_probabilities) == "ta bat"
    assert listed_words("auto", ALPHABET) == ["at", "bat"] == listed_words(None, ALPHABET)
    assert listed_words(None, Alphabet(" a")) is None


def test_a_language_model_decides_between_what_sounds_alike(tmp_path: Path) -> None:
    plain = Alphabet(" abt")
    log_probabilities = heard("ta tab", others="at tab")
    assert written(decoder(plain), log_probabilities) == "ta tab"
    text = tmp_path / "text.txt"
    text.write_text("At, tab!\nat tab\nat tab\n")
    options = DecodingOptions(language_model=str(text), language_weight=2.0)
    assert written(decoder(plain, options), log_probabilities) == "at tab"
    from recurra.tasks.transcribe.arpa import write_arpa

    arpa = tmp_path / "model.arpa"
    write_arpa(language_model(text, plain), arpa)
    options = DecodingOptions(language_model=str(arpa), language_weight=2.0)
    assert written(decoder(plain, options), log_probabilities) == "at tab"


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="nowhere"):
        decoder(ALPHABET, DecodingOptions(word_list="nowhere.txt"))
    with pytest.raises(ReadError, match="nowhere"):
        decoder(ALPHABET, DecodingOptions(language_model="nowhere.arpa"))
    path = tmp_path / "words.txt"
    path.write_text("zebra\n")
    with pytest.raises(OptionError, match="zebra"):
        decoder(ALPHABET, DecodingOptions(word_list=str(path)))
