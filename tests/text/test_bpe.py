"""Pieces of words: nothing is lost, ids are stable, and what is loaded is checked."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.errors import ArtefactError, OptionError
from recurra.text import bpe
from recurra.text.bpe import BYTES, Subwords

TEXTS = ["the lower the newest", "widest and lowest, the newest of all", "Über die Brücke, über Wasser"] * 5
SPECIALS = ("<s>", "</s>")
LEARNT = Subwords.train(TEXTS, 300, SPECIALS)


@given(st.text(st.characters(exclude_categories=["Cs"])))
@settings(max_examples=300, deadline=None)
def test_decoding_gives_back_every_text(text: str) -> None:
    ids = LEARNT.encode(text)
    assert LEARNT.decode(ids) == text
    assert all(len(SPECIALS) <= i < LEARNT.size for i in ids)
    assert b"".join(map(LEARNT.bytes_of, ids)) == text.encode()


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_a_saved_encoding_encodes_the_same(text: str) -> None:
    again = Subwords.from_json(LEARNT.to_json())
    assert again.encode(text) == LEARNT.encode(text)
    assert (again.size, again.specials) == (LEARNT.size, LEARNT.specials)


def test_merges_are_those_of_the_commonest_pairs() -> None:
    """Against the algorithm as it is published, on words small enough to count by hand."""
    words = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
    learnt = Subwords.train(["".join(f"{word}\n" * count for word, count in words.items())], BYTES + 3)
    pieces = [list(word) for word, count in words.items() for _ in range(count)]
    for left, right in learnt.merges:
        pairs = [pair for word in pieces for pair in itertools.pairwise(word)]
        assert pairs.count((left, right)) == max(pairs.count(pair) for pair in pairs)
        for word in pieces:
            for place in reversed(range(len(word) - 1)):
                if (word[place], word[place + 1]) == (left, right):
                    word[place : place + 2] = [left + right]
    assert learnt.pieces(learnt.encode("newest")) == pieces[7]


def test_special_symbols_are_not_spelled() -> None:
    assert LEARNT.special("</s>") == 1
    assert LEARNT.decode([0, *LEARNT.encode("<s> the"), 1]) == "<s> the"
    assert 0 not in LEARNT.encode("<s>")
    assert LEARNT.pieces([0, *LEARNT.encode("the")]) == ["<s>", "the"]


def test_part_of_a_character_and_a_lone_surrogate_are_replaced() -> None:
    first, *_ = LEARNT.encode("é")
    assert LEARNT.decode([first]) == "\N{REPLACEMENT CHARACTER}"
    assert LEARNT.decode(LEARNT.encode("a\ud800b")) == "a\N{REPLACEMENT CHARACTER}b"
    assert LEARNT.decode(LEARNT.encode("\ud83d\ude00")) == "\U0001f600"


def test_another_process_learns_the_same() -> None:
    code = (
        "import sys; from recurra.text.bpe import Subwords; "
        f"print(Subwords.train({TEXTS!r}, 300, {SPECIALS!r}).to_json())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == LEARNT.to_json()


def test_few_texts_give_fewer_pieces_and_too_small_a_size_is_refused() -> None:
    assert Subwords.train(["ab ab"], 1000, SPECIALS).size == BYTES + len(SPECIALS) + 2
    assert Subwords.train([], 1000).size == BYTES
    with pytest.raises(OptionError, match="at least 258 ids"):
        Subwords.train(["ab"], 257, SPECIALS)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "byte-pairs-9"},
        {"merges": ["a"]},
        {"merges": ["a b c"]},
        {"merges": ["ab c"]},
        {"merges": ["a b", "a b"]},
        {"merges": [3]},
        {"merges": None},
        {"specials": "ab"},
        {"specials": ["<s>", "<s>"]},
        {"specials": [1]},
    ],
)
def test_damaged_files_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ArtefactError, match=r"tokenizer\.json"):
        Subwords.from_json(json.dumps(json.loads(LEARNT.to_json()) | change))


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "[" * 10_000])
def test_what_is_no_tokeniser_is_refused(text: str) -> None:
    with pytest.raises(ArtefactError, match="not a tokeniser"):
        Subwords.from_json(text)


@given(st.text())
def test_a_long_text_is_encoded_like_a_short_one(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bpe, "LONG_TEXT", -1)
        ids = LEARNT.encode(text)
    assert ids == LEARNT.encode(text)


def test_a_character_is_whole_where_other_pairs_are_too_rare() -> None:
    texts = ["abab 电影 \U0001f600", "ab 影"] * 2
    strict = Subwords.train(texts, 400, min_count=100)
    assert [strict.bytes_of(number).decode() for number in strict.encode("影电a")] == ["影", "电", "a"]
    assert len(strict.encode("\U0001f600")) == 1
    assert len(strict.encode("abab")) == 4
    assert strict.decode(strict.encode("abab 电影 é")) == "abab 电影 é"
    again = Subwords.from_merges([f"{left} {right}" for left, right in strict.merges])
    assert again.encode(texts[0]) == strict.encode(texts[0])
    assert Subwords.train(texts, 258, min_count=100).size == 258
