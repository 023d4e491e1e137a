"""The reliability chart draws every bin that holds rows."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

from recurra.report.reliability_chart import reliability_chart


def test_reliability_draws_each_filled_bin(binary: dict[str, Any]) -> None:
    bins = binary["test"]["reliability"]
    root = ElementTree.fromstring(str(reliability_chart(bins)))
    filled = sum(bool(b["count"]) for b in bins)
    assert len(list(root.iter("circle"))) == filled + 1  # and the legend's
    assert reliability_chart([]) is None
    assert reliability_chart([{"low": 0, "high": 1, "count": 0, "confidence": None, "accuracy": None}]) is None
