"""The section of a report on the columns beside the texts."""

from __future__ import annotations

from recurra.many_to_one.learn.feature_section import feature_section


def test_the_column_that_counts_most_comes_first_and_names_are_escaped() -> None:
    columns = [
        {"name": "brand", "kind": "category", "loss": 0.01, "spread": 0.002},
        {"name": "<b>", "kind": "number", "loss": 0.2, "spread": 0.01},
    ]
    body = str(feature_section({"features": {"measure": "accuracy", "columns": columns}}).body)
    assert body.index("&lt;b&gt;") < body.index("brand") and "loss of accuracy" in body and "+0.2" in body
    assert not feature_section({}).body
