"""The section of a report on the columns beside the texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from recurra.report.blocks import boxed, table
from recurra.report.page import Section


def feature_section(metrics: Mapping[str, Any]) -> Section:
    """Return how much each column counts; without a body where the model reads none or no row is held out."""
    found = metrics.get("features") or {}
    body = Markup("")
    if found:
        ordered = sorted(found["columns"], key=lambda one: -one["loss"])
        cells = [(one["name"], one["kind"], f"{one['loss']:+.4g}", f"{one['spread']:.2g}") for one in ordered]
        body = boxed(table(["column", "kind", f"loss of {found['measure']}", "spread"], cells, numbers=2))
    return Section(
        "What the columns beside the text are worth",
        body,
        "The cells of one column are dealt out to other held-out rows, and the rows answered again: by how much the "
        "answers are worse, over five deals. Columns that say the same stand in for each other.",
    )
