"""The tokenizer of words: vocabulary from training rows, truncation, and the JSON form."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.text import word_tokenizer
from recurra.text.saved_tokenizer import tokenizer_from_json
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
