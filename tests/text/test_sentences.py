"""The plain rule for sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.text.sentences import sentences
from recurra.text.words import split_with_offsets


def shown(text: str) -> list[str]:
    offsets = [(start, end) for _, start, end in split_with_offsets(text)]
    return [text[offsets[part][0][0] : offsets[part][-1][1]] for part in sentences(text, offsets)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  ", []),
        ("One film", ["One film"]),
        ("One. Two! Three? Four…", ["One.", "Two!", "Three?", "Four…"]),
        ("Really?! Yes...no... well.", ["Really?!", "Yes...no...", "well."]),
        ("He said \"no.\" She left.", ["He said \"no.\"", "She left."]),
        ("It cost 3.50 in all. e.g. this", ["It cost 3.50 in all.", "e.g.", "this"]),
        ("one<br />two<BR>three", ["one", "two", "three"]),
        ("End.<br /><br />Start", ["End.", "Start"]),
        ("a line\ngoes on\n\nanother one", ["a line\ngoes on", "another one"]),
        ("好电影。很长！", ["好电影。", "很长！"]),
        ("... . !", ["...", ".", "!"]),
    ],
)  # fmt: skip
def test_sentences(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@given(st.lists(st.sampled_from(["a", ".", "!", " ", "\n", "<br />", '"', "。", "wörd", "…", "\n\n"]), max_size=20))
def test_every_token_is_in_one_sentence_and_none_is_empty(pieces: list[str]) -> None:
    offsets = [(start, end) for _, start, end in split_with_offsets("".join(pieces))]
    parts = sentences("".join(pieces), offsets)
    assert [place for part in parts for place in range(part.start, part.stop)] == list(range(len(offsets)))
    assert all(part.stop > part.start for part in parts)
