"""Findings on the tags of a training file."""

from __future__ import annotations

import pytest

from recurra.tasks.tag.data_quality import held_out_findings, tag_findings

NER = {"O": 100, "B-PER": 9, "I-PER": 3}


@pytest.mark.parametrize(
    ("counts", "options", "expected"),
    [
        (NER, {}, []),
        ({"NOUN": 5, "VERB": 4, ".": 3}, {}, []),
        (
            NER | {"B-per": 2},
            {},
            ["Tags that differ only in case: 'B-PER' (9 words), 'B-per' (2 words). Each is learned"],
        ),
        (
            NER | {"B_PER": 2},
            {},
            [
                "hyphens, underscores and spaces: 'B-PER' (9 words), 'B_PER' (2 words).",
                "others do not ('B_PER'), so that no spans",
            ],
        ),
        (NER | {"0": 2}, {}, ["others do not ('0'), so that no spans are scored"]),
        ({"0": 9, "10": 2, "2": 1}, {"numbered": True}, ["are numbers ('0', '2', '10'), so that spans"]),
        ({"_": 9, "X": 2}, {}, ["9 words have the tag '_'"]),
        ({"_": 9, "X": 2}, {"named": True}, []),
    ],
)
def test_findings_name_the_tags(counts: dict[str, int], options: dict[str, bool], expected: list[str]) -> None:
    found = tag_findings(counts, **options)
    assert len(found) == len(expected)
    for finding, parts in zip(found, expected, strict=True):
        assert all(part in finding for part in parts.split(".*")), finding


def test_tags_without_a_held_out_word_are_named() -> None:
    assert held_out_findings({"A": 5, "B": 2}, {"B": 1, "A": 1}) == []
    (one,) = held_out_findings({"A": 5, "B": 2, "C": 1}, {"A": 1, "C": 3, "D": 1})
    assert one == (
        "No held-out sentence has the tag 'B': how well it is told is not known, and macro F1 is over the other 2."
    )
    (two,) = held_out_findings({"A": 5, "B": 2, "C": 7}, {"A": 1})
    assert two.startswith("No held-out sentence has the tags 'C', 'B': how well they are told")
