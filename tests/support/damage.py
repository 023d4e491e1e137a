"""Strategies that damage what was good: bytes by a few edits, JSON by a field of it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

INTERESTING = (
    b"\0", b"\r", b"\n", b"\r\n", b"\t", b'"', b'""', b"'", b",", b";", b"|", b"\\", b"\xff", b"\xfe\xff", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\x1f\x8b", b"\x1a", b"\x1b[31m", b"\x85", b"\xe2\x80\xa8", b"\xc3", b"\xed\xa0\x80",
    "é".encode(), "日本".encode(), "\U0001f600".encode(), "e\u0301".encode(), b"\xe2\x80\xae", b"=1+1", b"NaN", b"-1",
    b"1e999", b"\\ud800", b"{", b"}", b"[", b"]", b" ", b"<br", b"__label__", b"PAR1", b"-DOCSTART-", b"#",
)  # fmt: skip
"""What readers stumble over: line ends, quotes, byte-order marks, controls, marks of other formats."""


@st.composite
def damaged(draw: st.DrawFn, good: bytes, words: Sequence[bytes] = INTERESTING, most: int = 6) -> bytes:
    """Draw `good` after at most `most` edits: bytes changed, cut, doubled, moved or put in."""
    content = bytearray(good)
    for _ in range(draw(st.sampled_from([it for it in (0, 1, 1, 1, 2, 3, 6) if it <= most]))):
        place = draw(st.integers(0, len(content)))
        length = draw(st.integers(1, 24))
        match draw(st.integers(0, 5)):
            case 0:
                content[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
            case 1:
                del content[place : place + length]
            case 2:
                content[place:place] = draw(st.binary(max_size=12))
            case 3:
                content[place:place] = content[draw(st.integers(0, len(content))) :][:length]
            case 4:
                content[place:place] = draw(st.sampled_from(words)) * draw(st.sampled_from((1, 1, 1, 2, 40)))
            case _:
                del content[place:]
    return bytes(content)


NUMBERS: st.SearchStrategy[Any] = st.one_of(
    st.integers(-3, 3),
    st.sampled_from((2**31, 2**53, 2**63, 2**64, 10**18, 10**400, -(10**18), 0.5, -0.0, 1e-320, 1e308, 1e-9)),
    st.floats(allow_nan=False, allow_infinity=False),
)
TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(("", " ", "\u0130", "\ud800", "a" * 5000, "__proto__", "0", "null", "\u202e", "<br", "w1 w2", "/")),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=8,
)
"""Any JSON value; of numbers and texts rather those at the edges."""


@st.composite
def altered(draw: st.DrawFn, good: Any, most: int = 3) -> Any:
    """Draw the JSON value `good` after at most `most` changes: a value replaced, removed, doubled or added."""
    value = copy.deepcopy(good)
    for _ in range(draw(st.integers(0, most))):
        value = _altered_once(draw, value)
    return value


def _altered_once(draw: st.DrawFn, value: Any) -> Any:
    """Return `value` with one change at a random depth."""
    if isinstance(value, dict | list) and value and draw(st.integers(0, 6)):
        keys = sorted(value) if isinstance(value, dict) else list(range(len(value)))
        key = draw(st.sampled_from(keys))
        match draw(st.integers(0, 7)):
            case 0:
                del value[key]
            case 1 if isinstance(value, list):
                value.insert(draw(st.integers(0, len(value))), copy.deepcopy(value[key]))
            case 1:
                value[draw(TEXTS)] = copy.deepcopy(value[key])
            case 2:
                other = draw(st.sampled_from(keys))
                value[key], value[other] = value[other], value[key]
            case _:
                value[key] = _altered_once(draw, value[key])
        return value
    if isinstance(value, bool) or value is None:
        return draw(JSON)
    if isinstance(value, int | float) and draw(st.booleans()):
        return draw(st.one_of(NUMBERS, st.just(value + 1), st.just(-value), st.just(value * 2)))
    if isinstance(value, str) and value and draw(st.booleans()):
        place = draw(st.integers(0, len(value)))
        return value[:place] + draw(TEXTS) + value[place + draw(st.integers(0, 3)) :]
    return draw(JSON)
