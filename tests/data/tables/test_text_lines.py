"""Physical lines against a plain split, given back and taken again, and bounded in length."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recurra.data.tables.text_lines import RowTooLong, TextLines

quickly = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
TEXT = st.text(st.sampled_from("ab\u2028é\r\n\x0b"), max_size=40)


def split(text: str) -> list[str]:
    """Return the lines of a text, each with its end."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", text)


@quickly
@given(TEXT)
def test_lines_keep_their_ends_and_a_byte_order_mark_is_dropped(tmp_path: Path, text: str) -> None:
    path = tmp_path / "text.txt"
    for mark in (b"", b"\xef\xbb\xbf"):
        path.write_bytes(mark + text.encode())
        with TextLines(path, "utf-8") as lines:
            assert list(lines) == split(text)
            assert lines.number == len(split(text))
            assert lines.share() == (1 if path.stat().st_size else 0)


@quickly
@given(TEXT, st.integers(0, 5))
def test_lines_that_are_given_back_come_again(tmp_path: Path, text: str, back: int) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(text.encode())
    expected = split(text)
    with TextLines(path, "utf-8") as lines:
        lines.begin_row()
        taken = [line for line, _ in zip(lines, range(back), strict=False)]
        lines.give_back(lines.taken)
        assert lines.number == 0
        assert list(lines) == expected
    assert taken == expected[:back]


def test_a_row_beyond_the_limit_is_dropped_up_to_its_line_end(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("abc\n" + "x" * 100 + "\nend\n")
    with TextLines(path, "utf-8", limit=10) as lines:
        assert next(lines) == "abc\n"
        lines.begin_row()
        with pytest.raises(RowTooLong):
            next(lines)
        lines.begin_row()
        assert next(lines) == "end\n"
