"""Numbers and texts as a report writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.report.wording import clean, count, duration, percent, probability, shortened

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.9214, "92.1"),
        (0.0, "0.0"),
        (1.0, "100.0"),
        (0.99999, "over 99.9"),
        (0.00001, "under 0.1"),
        (None, "not measured"),
    ],
)
def test_percent_never_claims_more_than_is_so(share: float | None, text: str) -> None:
    assert percent(share).removesuffix(f"{NBSP}%") == text


def test_plain_words() -> None:
    assert count(1, "row") == f"1{NBSP}row"
    assert count(4500, "row") == f"4,500{NBSP}rows"
    assert [duration(s) for s in (0.44, 12.2, 185)] == [f"0.4{NBSP}s", f"12{NBSP}s", f"3{NBSP}min 05{NBSP}s"]
    assert [probability(p).replace(NBSP, " ") for p in (1e-9, 0.0312, 1.0)] == ["p < 0.0001", "p = 0.031", "p = 1"]


@given(st.text(st.characters(), max_size=40), st.integers(1, 20))
def test_any_text_can_be_written_and_is_cut(text: str, limit: int) -> None:
    assert len(shortened(text, limit)) <= limit
    whole = clean(text)
    assert whole.encode("utf-8") and not set(whole) & set(map(chr, [0, 1, 8, 11, 27, 127])) if text else whole == ""
