"""Spans marked by tags such as B-PER and I-PER, found as by the `conlleval` script and the seqeval package.

A span begins at B-, at S-, and wherever a tag inside a span (I-, E-) does not continue the tag before it: such tags
are accepted, as is usual.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

Span = tuple[str, int, int]
"""Kind of the span, its first word, its last word."""

OUTSIDE = "O"
_MARK = re.compile(r"([BIESLU])-(.+)", re.DOTALL)
_SAME = {"L": "E", "U": "S"}
"""The letters of the BILOU scheme as those of IOBES."""


def are_spans(tags: Iterable[str]) -> bool:
    """Return whether tags mark spans: all are O or a mark and a kind, and one is B- or I-."""
    several = set(tags)
    marked = all(map(marks_span, several))
    return marked and any(tag.startswith(("B-", "I-")) for tag in several)


def marks_span(tag: str) -> bool:
    """Return whether a tag is O, or a mark and a kind."""
    return tag == OUTSIDE or _MARK.fullmatch(tag) is not None


def spans(tags: Sequence[str]) -> list[Span]:
    """Return the spans of a sentence, in order. A tag that marks nothing is outside."""
    result: list[Span] = []
    before, kind_before, begin = OUTSIDE, "", 0
    for index, tag in enumerate([*tags, OUTSIDE]):
        mark, kind = parted(tag)
        inside = before != OUTSIDE
        if inside and (before in "ES" or mark in "BSO" or kind != kind_before):
            result.append((kind_before, begin, index - 1))
            inside = False
        if mark != OUTSIDE and not inside:
            begin = index
        before, kind_before = mark, kind
    return result


def parted(tag: str) -> tuple[str, str]:
    """Return the mark of a tag, as IOBES has it, and its kind; O and nothing for a tag that marks nothing."""
    if mark := _MARK.fullmatch(tag):
        return _SAME.get(mark[1], mark[1]), mark[2]
    return OUTSIDE, ""
