"""The tokenizer of words: vocabulary from training rows, truncation, and the JSON form."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.options.network import Truncate
from recurra.text import word_tokenizer
from recurra.text.saved_tokenizer import tokenizer_from_json
from recurra.text.subwords import subwords
from recurra.text.tokenizer import FILL, FIRST_WORD, UNKNOWN
from recurra.text.word_tokenizer import TokenCounter, WordTokenizer
from recurra.text.words import split

TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from("aZéß'’ \n<br/>中あ\u0301\u093f,.!\u0130\U0001f600")), max_size=60
)


def counted(texts: list[str]) -> tuple[TokenCounter, list[np.ndarray]]:
    counter = TokenCounter()
    return counter, [counter.number(text) for text in texts]


@given(st.lists(st.text("abcABC .", max_size=12), min_size=1, max_size=8), st.integers(1, 5), st.integers(1, 3))
def test_the_vocabulary_is_that_of_a_plain_count(texts: list[str], size: int, min_count: int) -> None:
    counter, ids = counted(["other zzz words first", *texts])
    words, table = counter.vocabulary(ids[1:], size=size, min_count=min_count)
    plain = Counter(token.lower() for text in texts for token in split(text))
    expected = sorted((w for w, n in plain.items() if n >= min_count), key=lambda w: (-plain[w], w))[:size]
    assert words == expected
    tokenizer = WordTokenizer(words, max_tokens=None)
    for text, provisional in zip(texts, ids[1:], strict=True):
        if len(provisional):
            assert tokenizer.encode(text).ids.tolist() == table[provisional].tolist()


def test_rows_that_do_not_train_change_no_id() -> None:
    training = ["b a a c", "c a"]
    vocabularies = []
    for others in (["x y z"], ["c c c c q", "İ i̇"]):
        counter, ids = counted([*others, *training])
        vocabularies.append(counter.vocabulary(ids[len(others) :], size=9, min_count=1)[0])
    assert vocabularies[0] == vocabularies[1] == ["a", "c", "b"]


@pytest.mark.parametrize(
    ("truncate", "expected"), [("head", [2, 3, 4, 5, 6]), ("tail", [7, 8, 9, 10, 11]), ("both", [2, 3, 9, 10, 11])]
)
def test_truncation_keeps_the_part_it_names(truncate: str, expected: list[int]) -> None:
    words = list("abcdefghij")
    tokenizer = WordTokenizer(words, max_tokens=5, truncate=truncate)  # type: ignore[arg-type]
    encoding = tokenizer.encode(" ".join(words))
    assert encoding.ids.tolist() == expected
    assert (encoding.tokens, encoding.truncated, encoding.unknown) == (10, True, 0)
    assert not tokenizer.encode("a b c d e").truncated


def test_padding_is_in_front_and_is_no_truncation() -> None:
    encoding = WordTokenizer(["a", "b"], max_tokens=4, fill=True).encode("B what")
    assert encoding.ids.tolist() == [FILL, FILL, 3, UNKNOWN]
    assert (encoding.tokens, encoding.truncated, encoding.unknown) == (2, False, 1)


@given(st.lists(TEXTS, max_size=4), TEXTS)
def test_punctuation_can_be_left_out(texts: list[str], text: str) -> None:
    words = [token for token in split(text) if any(c.isalnum() for c in token)]
    counter = TokenCounter(punctuation=False)
    ids = [counter.number(given) for given in [*texts, text]]
    chosen, table = counter.vocabulary(ids, size=100, min_count=1)
    tokenizer = WordTokenizer(chosen, max_tokens=None, punctuation=False)
    assert len(ids[-1]) == len(words)
    assert not [word for word in chosen if not any(c.isalnum() for c in word)]
    encoding, offsets = tokenizer_from_json(tokenizer.to_json()).encode_with_offsets(text)
    assert [text[start:end] for start, end in offsets] == words
    assert encoding.ids.tolist() == tokenizer.encode(text).ids.tolist() == (table[ids[-1]].tolist() or [UNKNOWN])


def test_a_text_without_tokens_is_one_unknown() -> None:
    encoding = WordTokenizer(["a"], max_tokens=3).encode(" \n")
    assert encoding.ids.tolist() == [UNKNOWN]
    assert (encoding.tokens, encoding.truncated) == (0, False)


@given(st.lists(st.text(min_size=1, max_size=5), unique=True, max_size=6), TEXTS)
def test_json_there_and_back(words: list[str], text: str) -> None:
    tokenizer = WordTokenizer(words, max_tokens=7, truncate="both", fill=True)
    again = tokenizer_from_json(tokenizer.to_json())
    assert again.size == tokenizer.size == len(words) + FIRST_WORD
    assert again.encode(text).ids.tolist() == tokenizer.encode(text).ids.tolist()


def test_the_memory_of_spellings_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_tokenizer, "_CACHE_LIMIT", 3)
    tokenizer, counter = WordTokenizer(["a"], max_tokens=None), TokenCounter()
    text = " ".join(f"w{i} W{i}" for i in range(50))
    assert tokenizer.encode(text).unknown == 100
    assert len(tokenizer._lookup) <= 1 + 3
    numbers = counter.number(text)
    assert numbers.tolist() == [i // 2 for i in range(100)]
    assert len(counter._lookup) <= 3


@given(TEXTS, st.one_of(st.none(), st.integers(1, 7)), st.sampled_from(["head", "tail", "both"]), st.booleans())
def test_an_open_vocabulary_numbers_the_unknown_words(
    text: str, limit: int | None, truncate: Truncate, fill: bool
) -> None:
    words = ["a", "é", ".", "b"]
    rules: dict[str, Any] = {"max_tokens": limit, "truncate": truncate, "fill": fill and limit is not None}
    closed, opened = WordTokenizer(words, **rules), WordTokenizer(words, **rules, subwords=97)
    plain, found = closed.encode(text), opened.encode(text)
    assert np.where(found.ids >= closed.size, UNKNOWN, found.ids).tolist() == plain.ids.tolist()
    assert (found.tokens, found.unknown, found.nothing_known) == (plain.tokens, plain.unknown, plain.nothing_known)
    read = np.array(split(text), dtype=object)[closed.kept(plain.tokens)].tolist()
    own = [token.lower() for token in read if token.lower() not in words]
    numbered = found.ids[found.ids >= closed.size].tolist()
    distinct = list(dict.fromkeys(own))
    assert numbered == [closed.size + distinct.index(word) for word in own]
    assert [grams.tolist() for grams in found.novel] == [subwords(word, 97).tolist() for word in distinct]
    with_offsets, offsets = opened.encode_with_offsets(text)
    assert with_offsets.ids.tolist() == found.ids.tolist() and len(offsets) == found.tokens
    assert [grams.tolist() for grams in with_offsets.novel] == [grams.tolist() for grams in found.novel]


@given(TEXTS)
def test_pieces_of_a_text_are_opened_one_by_one(text: str) -> None:
    opened = WordTokenizer(["a", "é"], max_tokens=None, subwords=97)
    ids, unknown = opened.ids_and_unknown(text)
    assert ids.tolist() == opened.ids(text).tolist() and len(unknown) == (ids == UNKNOWN).sum()
    changed, novel = opened.opened(ids, unknown)
    if len(ids):
        assert changed.tolist() == opened.encode(text).ids.tolist()
    assert [grams.tolist() for grams in novel] == [grams.tolist() for grams in opened.encode(text).novel]
    closed = WordTokenizer(["a", "é"], max_tokens=None)
    assert closed.opened(*closed.ids_and_unknown(text))[0].tolist() == ids.tolist()


def test_without_punctuation_an_open_vocabulary_reads_no_sign() -> None:
    opened = WordTokenizer(["a"], max_tokens=None, subwords=97, punctuation=False)
    encoding = opened.encode("A, zork! a zork?")
    assert encoding.ids.tolist() == [2, 3, 2, 3] and len(encoding.novel) == 1


def test_an_open_vocabulary_is_saved() -> None:
    closed = WordTokenizer(["a"], max_tokens=4)
    opened = closed.with_subwords(97)
    assert closed.subwords == 0 and "subwords" not in closed.to_json(), "as the first version wrote it"
    again = tokenizer_from_json(opened.to_json())
    assert again.subwords == 97 and again.encode("a b").ids.tolist() == opened.encode("a b").ids.tolist() == [2, 3]
    assert tokenizer_from_json(closed.to_json()).encode("a b").ids.tolist() == [2, UNKNOWN]
