"""The tokenizer of pieces: merges from training rows alone, words in one piece, and what is unknown."""

from __future__ import annotations

import pytest

from recurra.errors import OptionError
from recurra.text.piece_tokenizer import LONGEST_RUN, PieceTokenizer
from recurra.text.tokenizer import UNKNOWN

TEXTS = ["The lowest newest widest", "the lower newer wider"] * 5 + ["ภาษาไทยภาษาไทย ภาษา", "我喜欢电影我喜欢"]


def fitted(
    texts: list[str] = TEXTS, *, size: int = 400, min_count: int = 2, punctuation: bool = True
) -> PieceTokenizer:
    return PieceTokenizer.fit(
        texts, size=size, min_count=min_count, max_tokens=None, truncate="tail", fill=False, punctuation=punctuation
    )


def shown(tokenizer: PieceTokenizer, text: str) -> list[str]:
    return [text[start:end] for start, end in tokenizer.ids_with_offsets(text)[1]]


def test_frequent_words_are_one_piece_and_a_new_one_is_made_of_known_ones() -> None:
    tokenizer = fitted(["the low lower lowest, the new newer newest"] * 5 + ["slow snew wer west er est"])
    assert shown(tokenizer, "The Newest") == ["The", "Newest"]
    assert shown(tokenizer, "slower") == ["s", "lo", "wer"]
    assert UNKNOWN not in tokenizer.ids("slower")
    assert tokenizer.ids("lowdest").tolist()[1:3] == [UNKNOWN, UNKNOWN]  # no training row has "d" and "e" by themselves


def test_scripts_without_spaces_have_pieces_of_several_characters() -> None:
    tokenizer = fitted()
    assert shown(tokenizer, "ภาษา我喜欢") == ["ภาษา", "我喜欢"]
    assert tokenizer.ids("我喜欢").tolist() == tokenizer.ids("!我喜欢").tolist()[1:]


def test_the_same_letters_inside_a_word_are_another_piece() -> None:
    tokenizer = fitted(["est widest est widest est widest est newest"] * 4, size=270)
    assert tokenizer.ids("est").tolist()[0] not in tokenizer.ids("widest").tolist()


def test_a_pair_that_is_rare_is_not_merged() -> None:
    assert len(fitted(["abc"] * 4, min_count=5).ids("abc")) == 4  # the space in front is one of them
    assert len(fitted(["abc"] * 5, min_count=5).ids("abc")) == 1


def test_bytes_that_training_lacks_are_unknown() -> None:
    tokenizer = fitted(["abc abd"] * 3)
    assert set(tokenizer.ids("Ж").tolist()) == {UNKNOWN, tokenizer.ids("a z").tolist()[1]}
    assert tokenizer.size < 20


def test_signs_can_be_left_out() -> None:
    tokenizer = fitted(["don't stop, it's!"] * 3, punctuation=False)
    assert shown(tokenizer, "don't, stop!") == ["don", "t", "stop"]


def test_runs_are_cut_where_a_stream_cuts_them() -> None:
    tokenizer = fitted()
    run = "ภาษา" * LONGEST_RUN
    assert tokenizer.stable_length("a " + run + "ภ") == 2 + len(run)
    assert tokenizer.ids(run).tolist() == tokenizer.ids(run[:LONGEST_RUN]).tolist() * 4


def test_a_size_that_does_not_hold_the_bytes() -> None:
    with pytest.raises(OptionError, match="at least 256"):
        fitted(size=255)
