"""Schemes of spans, against the strict reading of the seqeval package."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.scheme import BILOU, IOB1, IOB2, IOBES, Entities, auto_detect

from recurra.tasks.tag.schemes import SCHEMES, SchemeCount, converted, inner_tags, tags_of, written
from recurra.tasks.tag.spans import spans

ORACLES = {"iob1": IOB1, "iob2": IOB2, "iobes": IOBES, "bilou": BILOU}
KINDS = ["PER", "LOC", "B-x", "é"]


@st.composite
def sentences(draw: st.DrawFn) -> tuple[list[tuple[str, int, int]], int]:
    """Spans with gaps of 0 to 2 words between them, and the number of words."""
    found, place = [], 0
    for _ in range(draw(st.integers(0, 6))):
        first = place + draw(st.integers(0, 2))
        last = first + draw(st.integers(0, 3))
        found.append((draw(st.sampled_from(KINDS)), first, last))
        place = last + 1
    return found, place + draw(st.integers(0, 2))


@pytest.mark.parametrize("scheme", SCHEMES)
@given(sentence=sentences())
def test_seqeval_finds_the_spans_that_were_written(scheme, sentence) -> None:  # type: ignore[no-untyped-def]
    found, words = sentence
    tags = written(found, words, scheme)
    (strict,) = Entities([tags], scheme=ORACLES[scheme]).entities
    assert [(each.tag, each.start, each.end - 1) for each in strict] == found
    assert spans(tags) == found
    assert set(tags) <= set(tags_of(scheme, [f"I-{kind}" for kind in KINDS]))
    for other in SCHEMES:
        assert converted(converted(tags, other), scheme) == tags


@pytest.mark.parametrize("scheme", SCHEMES)
@given(several=st.lists(sentences(), min_size=1, max_size=5))
def test_a_scheme_is_told_from_the_others(scheme, several) -> None:  # type: ignore[no-untyped-def]
    count, tagged = SchemeCount(), [written(found, words, scheme) for found, words in several]
    for tags in tagged:
        count.add(tags, "here")
    marks = {tag[0] for tags in tagged for tag in tags}
    if marks & {"B", "I"}:
        assert count.findings() == []
        assert all(converted(tags, count.scheme) == tags for tags in tagged)
        if marks >= {"B", "I", "E", "S"} or marks >= {"B", "I", "L", "U"}:
            assert ORACLES[count.scheme] is auto_detect(tagged) is ORACLES[scheme]
    else:
        assert count.scheme is None


def test_a_likely_scheme_wins_where_the_tags_do_not_tell() -> None:
    for likely in SCHEMES:
        few = SchemeCount(likely)
        few.add(["O", "O"], "here")
        assert few.scheme == likely
    single = SchemeCount("iobes")
    single.add(["S-PER", "O"], "here")
    assert (single.scheme, single.findings()) == ("iobes", [])
    alone = SchemeCount()
    alone.add(["NOUN", "B-PER"], "here")
    assert alone.scheme is None and alone.facts() == {"scheme": None, "tags_out_of_scheme": 0}


def test_tags_that_break_the_scheme_are_counted_and_named() -> None:
    rng, count = random.Random(4), SchemeCount()
    for number in range(40):
        found = [("PER", 2 * n, 2 * n + rng.randint(0, 1)) for n in range(3)]
        count.add(written(found, 9, "iob2"), f"sentence {number}")
    count.add(["O", "I-LOC", "I-LOC", "B-PER", "I-LOC"], "the sentence at line 417")
    assert count.facts() == {"scheme": "iob2", "tags_out_of_scheme": 2}
    (finding,) = count.findings()
    assert finding == (
        "2 tags do not keep to IOB2, in which the others are written, in 1 sentence; the first is 'I-LOC' at word 2 of "
        "the sentence at line 417, where 'B-LOC' is expected. They are left as they are."
    )
    broken = ["O", "I-LOC", "I-LOC"]
    assert inner_tags(broken, "iob2") == inner_tags(broken, None) == broken
    assert inner_tags(broken, "iob1") == ["O", "B-LOC", "I-LOC"]
    assert inner_tags(["E-LOC", "B-PER"], "iobes") == ["B-LOC", "B-PER"]
