"""What holds at every level: offsets, streams in any pieces, the JSON form, and that nothing but the text counts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.text.character_tokenizer import CharacterTokenizer
from recurra.text.piece_tokenizer import PieceTokenizer
from recurra.text.saved_tokenizer import tokenizer_from_json
from recurra.text.tokenizer import FILL, UNKNOWN, Tokenizer
from recurra.text.word_tokenizer import WordTokenizer
from recurra.text.words import is_word, split

TEXTS = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("aZéßtheΣς'’ \n<br/>中あ我ไทย\u0e31\u0301\u093f,.!_\u0130\U0001f600\ud800\udc00\u200b\x1c"),
    ),
    max_size=60,
)
CORPUS = [
    "The other film isn't good, the others are!",
    "ภาษาไทยไม่มีช่องว่าง the",
    "我喜欢这个电影 e\u0301te\u0301 Σς",
    "<br />a_b thethe",
]


def words(*, max_tokens: int | None = None, punctuation: bool = True, fill: bool = False) -> Tokenizer:
    tokens = [token.lower() for text in CORPUS for token in split(text) if punctuation or is_word(token)]
    known = dict.fromkeys(tokens)
    return WordTokenizer(list(known), max_tokens=max_tokens, punctuation=punctuation, fill=fill)


def pieces(*, max_tokens: int | None = None, punctuation: bool = True, fill: bool = False) -> Tokenizer:
    return PieceTokenizer.fit(
        CORPUS, size=280, min_count=2, max_tokens=max_tokens, truncate="tail", fill=fill, punctuation=punctuation
    )


def characters(*, max_tokens: int | None = None, punctuation: bool = True, fill: bool = False) -> Tokenizer:
    return CharacterTokenizer.fit(
        CORPUS, size=500, min_count=1, max_tokens=max_tokens, truncate="tail", fill=fill, punctuation=punctuation
    )


MAKE: dict[str, Callable[..., Tokenizer]] = {"word": words, "bpe": pieces, "char": characters}
TOKENIZERS = {(level, signs): make(punctuation=signs) for level, make in MAKE.items() for signs in (True, False)}
every = pytest.mark.parametrize("key", TOKENIZERS, ids=str)


def streamed(tokenizer: Tokenizer, parts: list[str]) -> list[int]:
    """The ids of a text that arrives in parts, as a session reads them."""
    ids: list[int] = []
    pending = ""
    for part in parts:
        text = pending + part
        ready = tokenizer.stable_length(text)
        ids += tokenizer.ids(text[:ready], begun=bool(ids)).tolist()
        pending = tokenizer.shorten_tail(text[ready:])
        assert tokenizer.stable_length(pending) == 0
        assert tokenizer.shorten_tail(pending) == pending
        assert len(pending) < 140
    return ids + tokenizer.ids(pending, begun=bool(ids)).tolist()


@every
@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS, max_size=6))
def test_a_text_in_any_pieces_has_the_ids_of_the_whole(key: tuple[str, bool], parts: list[str]) -> None:
    tokenizer = TOKENIZERS[key]
    assert streamed(tokenizer, parts) == tokenizer.ids("".join(parts)).tolist()


@every
@pytest.mark.parametrize("unit", ["a", "ไ", "中", "x\u0301", " ", "<br ", "!", "don't", "\U0001f600", "İ"])
def test_a_long_text_without_a_place_to_cut_too(key: tuple[str, bool], unit: str) -> None:
    tokenizer, text = TOKENIZERS[key], f"the {unit * 400} the"
    for size in (1, 7, 128, 129):
        parts = [text[start : start + size] for start in range(0, len(text), size)]
        assert streamed(tokenizer, parts) == tokenizer.ids(text).tolist()


@every
@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_offsets_are_of_the_text_as_given(key: tuple[str, bool], text: str) -> None:
    tokenizer = TOKENIZERS[key]
    encoding, offsets = tokenizer.encode_with_offsets(text)
    assert encoding.ids.tolist() == tokenizer.encode(text).ids.tolist()
    assert len(offsets) == encoding.tokens
    assert all(0 <= start < end <= len(text) for start, end in offsets)
    assert all(left <= right for left, right in pairwise(offsets))
    covered = {place for start, end in offsets for place in range(start, end)}
    uncovered = "".join(character for place, character in enumerate(text) if place not in covered)
    if key[1]:  # nothing but white space and line breaks is outside
        assert not [token for token in split(uncovered) if token.lower().strip("<br/>")]


@every
@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_what_is_shown_as_one_lies_apart_from_the_next(key: tuple[str, bool], text: str) -> None:
    tokenizer = TOKENIZERS[key]
    _, offsets = tokenizer.encode_with_offsets(text)
    numbers = tokenizer.spans(text, offsets)
    assert len(numbers) == len(offsets)
    shown: dict[int, tuple[int, int]] = {}
    for number, (start, end) in zip(numbers.tolist(), offsets, strict=True):
        if number >= 0:
            shown[number] = (shown.get(number, (start, 0))[0], end)
    assert list(shown) == list(range(len(shown)))
    assert all(left[1] <= right[0] for left, right in pairwise(shown.values()))
    assert all(text[start:end].strip() for start, end in shown.values())


@every
@settings(max_examples=100, deadline=None)
@given(TEXTS, TEXTS)
def test_json_there_and_back(key: tuple[str, bool], text: str, before: str) -> None:
    tokenizer = TOKENIZERS[key]
    again = tokenizer_from_json(tokenizer.to_json())
    again.ids(before)  # what was read before changes nothing
    assert (again.level, again.size, again.punctuation) == (key[0], tokenizer.size, key[1])
    assert again.ids(text).tolist() == tokenizer.ids(text).tolist()
    assert again.to_json() == tokenizer.to_json()


@every
@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_ids_are_of_the_vocabulary(key: tuple[str, bool], text: str) -> None:
    tokenizer = TOKENIZERS[key]
    ids = tokenizer.ids(text)
    assert ids.dtype == np.int32
    assert FILL not in ids
    assert all(UNKNOWN <= number < tokenizer.size for number in ids.tolist())


@pytest.mark.parametrize("level", MAKE)
def test_training_texts_have_nothing_unknown(level: str) -> None:
    for text in CORPUS:
        assert UNKNOWN not in TOKENIZERS[level, True].ids(text)


@pytest.mark.parametrize("level", MAKE)
def test_white_space_at_the_ends_and_its_kind_do_not_count(level: str) -> None:
    tokenizer = TOKENIZERS[level, True]
    plain = tokenizer.ids("the other film").tolist()
    assert tokenizer.ids("  the\n\tother <br/> film\u3000<br>").tolist() == plain
    assert tokenizer.ids("THE Other film").tolist() == plain


@pytest.mark.parametrize("level", MAKE)
def test_a_text_without_tokens_is_one_unknown_of_which_nothing_is_known(level: str) -> None:
    for text in ("", " \n", "<br />"):
        encoding = TOKENIZERS[level, True].encode(text)
        assert (encoding.ids.tolist(), encoding.tokens, encoding.nothing_known) == ([UNKNOWN], 0, True)


@pytest.mark.parametrize("level", MAKE)
def test_a_script_that_training_rows_lack_is_unknown(level: str) -> None:
    assert TOKENIZERS[level, True].encode("Ωδ Жж").nothing_known
    assert not TOKENIZERS[level, True].encode("Ωδ Жж the").nothing_known


@pytest.mark.parametrize("level", MAKE)
def test_cut_and_filled_by_the_same_rule(level: str) -> None:
    whole = TOKENIZERS[level, True].ids("the other film").tolist()
    filled = MAKE[level](max_tokens=len(whole) + 2, fill=True)
    assert filled.encode("the other film").ids.tolist() == [FILL, FILL, *whole]
    shorter = filled.cut_to(2)
    assert (shorter.encode("the other film").ids.tolist(), shorter.encode("the").tokens) == (
        whole[-2:],
        len(filled.ids("the")),
    )
    assert FILL not in shorter.encode("!").ids
    assert filled.encode("the").ids[0] == FILL  # the one it was made of is as it was
