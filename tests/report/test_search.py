"""The part of a report on a search for options."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.report.page import ReportPage, render
from recurra.report.search import HEADING, body, lead
from recurra.report.verdict import Verdict


@pytest.fixture
def found() -> dict[str, Any]:
    return {
        "metric": "log_loss",
        "higher_is_better": False,
        "validation_rows": 1_234,
        "trials": 40,
        "pruned": 12,
        "failed": 1,
        "best": {"trial": 7, "value": 0.25, "options": {"hidden": 96, "cell": "gru<b>"}},
        "defaults": {"trial": 0, "value": 0.5, "options": {"hidden": 64}},
        "space": {"cell": ["gru", "lstm"], "hidden": {"low": 8, "high": 128, "log": True}},
        "importance": {"hidden": 0.75},
    }


def test_each_option_with_its_values_the_weightiest_first(found: dict[str, Any]) -> None:
    html = str(body(found))
    assert html.index("--hidden") < html.index("--cell")
    assert '<td class="number">96</td><td class="number">64</td>' in html and "75" in html
    assert "gru&lt;b&gt;" in html and "<b>" not in html
    assert ">0.25<" in html and ">0.5<" in html
    assert "1,234" in lead(found) and "12 pruned, 1 failed" in lead(found) and "None was better" not in lead(found)


def test_where_nothing_was_better(found: dict[str, Any]) -> None:
    found["best"] = {"trial": 0, "value": 0.5, "options": {}}
    found["importance"] = {}
    assert "None was better" in lead(found)
    assert '<td class="number">64</td><td class="number">64</td>' in str(body(found))


def test_it_is_in_the_report_of_any_task(found: dict[str, Any]) -> None:
    page = ReportPage("a model", Verdict("good", "It works.", [], []), {})
    assert HEADING in render({"tuning": found}, page)
    assert HEADING not in render({}, page)
