"""Cells that a spreadsheet would run as formulas."""

from __future__ import annotations

import pytest

from recurra.data.writers.formulas import defused


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1", "+A1", "-A1+2", "@SUM(A1)", "\t=1", "\rx", "\nx", " =1", '"=1"', "\u00a0=1", "\ufeff=1", "＝1", "-1+1",
        "+44 20 7946", "-", "=", "-1.5.x", "@user", "- a list", "=HYPERLINK(\"http://a.b\")", "-٣",
    ],
)  # fmt: skip
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(cell: str) -> None:
    assert defused(cell) == "'" + cell


@pytest.mark.parametrize(
    "cell", ["", "a film", "-1.5", "+3", "-1e5", "+1,234.50", "-.5", "-12 %"[:3], " -2 ", "5-3", "a=b", "'=1", "é", "1"]
)
def test_numbers_and_texts_stay(cell: str) -> None:
    assert defused(cell) == cell
