"""Tokens: the splitting rule, offsets, vocabulary from training rows, truncation, and the JSON form."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import ArtefactError
from recurra.text import words as word_patterns
from recurra.text.words import FILL, FIRST_WORD, UNKNOWN, TokenCounter, Tokenizer, split, split_with_offsets

TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from("aZéß'’ \n<br/>中あ\u0301\u093f,.!\u0130\U0001f600")), max_size=60
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's GOOD, isn’t it?", ["It's", "GOOD", ",", "isn’t", "it", "?"]),
        ("one<br />two<BR>three<br/>", ["one", "two", "three"]),
        ("<b>bold</b>", ["<", "b", ">", "bold", "<", "/", "b", ">"]),
        ("3.5/10 stars_x", ["3", ".", "5", "/", "10", "stars_x"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("我喜欢 film 这个", ["我", "喜", "欢", "film", "这", "个"]),
        ("e\u0301te\u0301", ["e\u0301te\u0301"]),
        ("'quoted'", ["'", "quoted", "'"]),
        ("   ", []),
        ("", []),
        ("\ud800 lone", ["\ud800", "lone"]),
    ],
)
def test_split(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@given(TEXTS)
def test_offsets_point_into_the_text_as_given(text: str) -> None:
    found = split_with_offsets(text)
    assert [token for token, _, _ in found] == split(text)
    assert all(text[start:end] == token for token, start, end in found)
    assert all(before[2] <= after[1] for before, after in pairwise(found))


@given(TEXTS)
def test_nothing_but_white_space_and_breaks_is_lost(text: str) -> None:
    rest = re.sub(r"<br\s*/?\s*>", "", text, flags=re.IGNORECASE)
    assert "".join(split(text)) == "".join(c for c in rest if not c.isspace() and not re.match(r"\s", c))


@given(TEXTS)
def test_the_fast_rule_is_the_careful_rule(text: str) -> None:
    search, careful = word_patterns._special()
    if not search.search(text):
        assert word_patterns._PLAIN.tokens.findall(text) == careful.tokens.findall(text)


@given(TEXTS, st.integers(0, 12))
def test_a_long_text_is_split_in_blocks_as_in_one_piece(text: str, block: int) -> None:
    whole = [token for token, _, _ in split_with_offsets(text)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(word_patterns, "BLOCK_CHARACTERS", block)
        assert split(text) == whole


@pytest.mark.parametrize("unit", ["a", "it's ", "<br ", "中", "a\u0301", " ", "....", "don’", "\U0001f600"])
def test_long_texts_without_a_place_to_cut_are_split_alike(unit: str) -> None:
    text = unit * (3 * word_patterns.BLOCK_CHARACTERS)
    assert split(text) == [token for token, _, _ in split_with_offsets(text)]


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
    tokenizer = Tokenizer(words, max_tokens=None)
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
    tokenizer = Tokenizer(words, max_tokens=5, truncate=truncate)  # type: ignore[arg-type]
    encoding = tokenizer.encode(" ".join(words))
    assert encoding.ids.tolist() == expected
    assert (encoding.tokens, encoding.truncated, encoding.unknown) == (10, True, 0)
    assert not tokenizer.encode("a b c d e").truncated


def test_padding_is_in_front_and_is_no_truncation() -> None:
    encoding = Tokenizer(["a", "b"], max_tokens=4, fill=True).encode("B what")
    assert encoding.ids.tolist() == [FILL, FILL, 3, UNKNOWN]
    assert (encoding.tokens, encoding.truncated, encoding.unknown) == (2, False, 1)


@given(st.lists(TEXTS, max_size=4), TEXTS)
def test_punctuation_can_be_left_out(texts: list[str], text: str) -> None:
    words = [token for token in split(text) if any(c.isalnum() for c in token)]
    counter = TokenCounter(punctuation=False)
    ids = [counter.number(given) for given in [*texts, text]]
    chosen, table = counter.vocabulary(ids, size=100, min_count=1)
    tokenizer = Tokenizer(chosen, max_tokens=None, punctuation=False)
    assert len(ids[-1]) == len(words)
    assert not [word for word in chosen if not any(c.isalnum() for c in word)]
    encoding, offsets = Tokenizer.from_json(tokenizer.to_json()).encode_with_offsets(text)
    assert [text[start:end] for start, end in offsets] == words
    assert encoding.ids.tolist() == tokenizer.encode(text).ids.tolist() == (table[ids[-1]].tolist() or [UNKNOWN])


def test_a_tokeniser_of_before_reads_punctuation() -> None:
    plain = json.loads(Tokenizer(["a"], max_tokens=3).to_json())
    del plain["punctuation"]
    assert Tokenizer.from_json(json.dumps(plain)).encode("a!").ids.tolist() == [2, UNKNOWN]


def test_a_text_without_tokens_is_one_unknown() -> None:
    encoding = Tokenizer(["a"], max_tokens=3).encode(" \n")
    assert encoding.ids.tolist() == [UNKNOWN]
    assert (encoding.tokens, encoding.truncated) == (0, False)


@given(st.lists(st.text(min_size=1, max_size=5), unique=True, max_size=6), TEXTS)
def test_json_there_and_back(words: list[str], text: str) -> None:
    tokenizer = Tokenizer(words, max_tokens=7, truncate="both", fill=True)
    again = Tokenizer.from_json(tokenizer.to_json())
    assert again.size == tokenizer.size == len(words) + FIRST_WORD
    assert again.encode(text).ids.tolist() == tokenizer.encode(text).ids.tolist()


@pytest.mark.parametrize(
    "change",
    [
        {"pattern": "words-2"},
        {"max_tokens": 0},
        {"max_tokens": True},
        {"truncate": "middle"},
        {"fill": 1},
        {"punctuation": 1},
        {"words": ["a", "a"]},
        {"words": ["a", 3]},
        {"words": "ab"},
    ],
)
def test_json_that_is_no_tokeniser_is_refused(change: dict[str, object]) -> None:
    plain = json.loads(Tokenizer(["a"], max_tokens=3).to_json())
    with pytest.raises(ArtefactError):
        Tokenizer.from_json(json.dumps(plain | change))
    for broken in ("", "[]", "{}", "[" * 100_000):
        with pytest.raises(ArtefactError):
            Tokenizer.from_json(broken)


def test_the_memory_of_spellings_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_patterns, "_CACHE_LIMIT", 3)
    tokenizer, counter = Tokenizer(["a"], max_tokens=None), TokenCounter()
    text = " ".join(f"w{i} W{i}" for i in range(50))
    assert tokenizer.encode(text).unknown == 100
    assert len(tokenizer._lookup) <= 1 + 3
    numbers = counter.number(text)
    assert numbers.tolist() == [i // 2 for i in range(100)]
    assert len(counter._lookup) <= 3
