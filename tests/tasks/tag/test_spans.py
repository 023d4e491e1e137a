"""Spans against seqeval, the field's own reading of B-, I- and O."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.tasks.tag.spans import are_spans, spans


def test_spans_of_well_formed_tags() -> None:
    tags = ["B-PER", "I-PER", "O", "B-LOC", "B-LOC", "I-LOC", "O"]
    assert spans(tags) == [("PER", 0, 1), ("LOC", 3, 3), ("LOC", 4, 5)]
    assert spans(["O", "I-PER", "I-LOC", "B-LOC"]) == [("PER", 1, 1), ("LOC", 2, 2), ("LOC", 3, 3)]
    assert spans(["S-A", "B-A", "I-A", "E-A", "E-B"]) == [("A", 0, 0), ("A", 1, 3), ("B", 4, 4)]
    assert spans(["U-A", "B-A", "L-A"]) == [("A", 0, 0), ("A", 1, 2)]
    assert spans([]) == []


@given(
    st.lists(st.sampled_from(["O", *(f"{mark}-{kind}" for mark in "BIES" for kind in ("A", "B", "A-B"))]), max_size=9)
)
@settings(max_examples=300, deadline=None)
def test_spans_equal_seqeval(tags: list[str]) -> None:
    oracle = pytest.importorskip("seqeval.metrics.sequence_labeling")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert spans(tags) == oracle.get_entities(tags)


@pytest.mark.parametrize(
    ("tags", "yes"),
    [
        (["O", "B-PER", "I-PER"], True),
        (["I-NP", "O"], True),
        (["O", "S-PER"], False),
        (["NOUN", "VERB"], False),
        (["B-NP", "-LRB-"], False),
        (["O"], False),
        ([], False),
    ],
)
def test_what_marks_spans(tags: list[str], yes: bool) -> None:
    assert are_spans(tags) is yes
