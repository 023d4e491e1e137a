"""What is no tokenizer.json is refused, at every level, without a traceback."""

from __future__ import annotations

import json

import pytest

from recurra.errors import ArtefactError
from recurra.text.character_tokenizer import CharacterTokenizer
from recurra.text.piece_tokenizer import PieceTokenizer
from recurra.text.saved_tokenizer import tokenizer_from_json
from recurra.text.tokenizer import Tokenizer
from recurra.text.word_tokenizer import WordTokenizer

SAVED: dict[str, Tokenizer] = {
    "word": WordTokenizer(["a"], max_tokens=3),
    "char": CharacterTokenizer(["a"], max_tokens=3),
    "bpe": PieceTokenizer.fit(
        ["a b"] * 3, size=300, min_count=1, max_tokens=3, truncate="tail", fill=False, punctuation=True
    ),
}


@pytest.mark.parametrize("level", SAVED)
@pytest.mark.parametrize(
    "change",
    [
        {"pattern": "words-2"},
        {"pattern": ["words-1"]},
        {"pattern": None},
        {"max_tokens": 0},
        {"max_tokens": True},
        {"max_tokens": 10**9},
        {"truncate": "middle"},
        {"truncate": ["tail"]},
        {"fill": 1},
        {"punctuation": 1},
    ],
)
def test_values_that_every_level_has(level: str, change: dict[str, object]) -> None:
    plain = json.loads(SAVED[level].to_json())
    tokenizer_from_json(json.dumps(plain))
    with pytest.raises(ArtefactError, match="again"):
        tokenizer_from_json(json.dumps(plain | change))


@pytest.mark.parametrize(
    ("level", "change"),
    [
        *(("word", {"words": value}) for value in (["a", "a"], ["a", 3], "ab", None, {"a": 1})),
        *(("word", {"subwords": value}) for value in (-1, 0.5, True, "7", None, [7], 2**21 + 1, 10**18)),
        *(("char", {"characters": value}) for value in (["a", "a"], ["a", 3], "ab", None)),
        *(("bpe", {"merges": value}) for value in (["a"], ["a b c"], ["ab c"], ["a b", "a b"], [3], None, 3, "ab")),
        *(("bpe", {"pieces": value}) for value in ([0, 0], [-1], [10**6], [True], ["a"], 3, None)),
    ],
)
def test_a_vocabulary_that_is_none(level: str, change: dict[str, object]) -> None:
    plain = json.loads(SAVED[level].to_json())
    with pytest.raises(ArtefactError, match="again"):
        tokenizer_from_json(json.dumps(plain | change))


@pytest.mark.parametrize("broken", ["", "[]", "{}", "3", "[" * 100_000, '{"pattern": "pieces-of-words-1"}'])
def test_what_is_no_json_of_this_kind(broken: str) -> None:
    with pytest.raises(ArtefactError, match="Train the model again"):
        tokenizer_from_json(broken)


def test_a_tokenizer_of_before_reads_punctuation() -> None:
    plain = json.loads(SAVED["word"].to_json())
    del plain["punctuation"]
    assert tokenizer_from_json(json.dumps(plain)).encode("a!").tokens == 2
