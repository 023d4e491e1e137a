"""Edits against the textbook's recursion."""

from __future__ import annotations

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from recurra.tasks.transcribe.edits import aligned, count_edits

texts = st.text(alphabet="abc", max_size=9)


def naive(reference: str, heard: str) -> tuple[int, int]:
    """The fewest errors, and of the ways with as few the fewest substitutions."""

    @cache
    def cost(row: int, column: int) -> tuple[int, int]:
        if not row or not column:
            return row + column, 0
        errors, substitutions = cost(row - 1, column - 1)
        if reference[row - 1] != heard[column - 1]:
            errors, substitutions = errors + 1, substitutions + 1
        gaps = [(errors + 1, kept) for errors, kept in (cost(row - 1, column), cost(row, column - 1))]
        return min((errors, substitutions), *gaps)

    return cost(len(reference), len(heard))


@given(texts, texts)
def test_counts_are_those_of_the_recursion(reference: str, heard: str) -> None:
    edits = count_edits(reference, heard)
    assert (edits.errors, edits.substitutions) == naive(reference, heard)
    assert edits.insertions - edits.deletions == len(heard) - len(reference)
    assert min(edits.insertions, edits.deletions, edits.substitutions) >= 0
    assert edits.length == len(reference)


@given(texts, texts)
def test_an_alignment_is_of_both_texts_and_has_as_many_edits(reference: str, heard: str) -> None:
    pairs = aligned(list(reference), list(heard))
    assert "".join(one for one, _ in pairs if one is not None) == reference
    assert "".join(other for _, other in pairs if other is not None) == heard
    assert (None, None) not in pairs
    edits = count_edits(reference, heard)
    assert sum(one is None for one, _ in pairs) == edits.insertions
    assert sum(other is None for _, other in pairs) == edits.deletions
    assert sum(one != other for one, other in pairs) == edits.errors


def test_words_are_compared_whole() -> None:
    edits = count_edits(["one", "two", "three", "four"], ["one", "too", "three", "for", "five"])
    assert (edits.insertions, edits.deletions, edits.substitutions, edits.length) == (1, 0, 2, 4)


def test_a_match_is_preferred_to_two_substitutions() -> None:
    assert aligned(["one", "two"], ["two", "three"]) == [("one", None), ("two", "two"), (None, "three")]
