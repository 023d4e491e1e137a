"""The sections of a report on the rows of each value of a column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from recurra.many_to_one.slice_facts import measure_of
from recurra.report import wording
from recurra.report.blocks import boxed, table
from recurra.report.charts import Bar, interval_chart
from recurra.report.page import Section
from recurra.report.quantity import Quantity


def slice_sections(test: Mapping[str, Any], quantities: Mapping[str, Quantity]) -> list[Section]:
    """Return a section for each column by which the held-out rows were told apart: a chart, and small slices as a
    table. quantities: those of the task."""
    sections = []
    for column, found in ((test.get("slices") or {}).get("columns") or {}).items():
        slices = found["slices"]
        if not slices:
            continue
        name = measure_of(slices[0])
        quantity = quantities[name]
        bars = [
            Bar(
                wording.shortened(one["name"], 60),
                one[name],
                one[f"{name}_ci95"],
                "valid",
                wording.count(one["rows"], "row"),
            )
            for one in slices
            if not one["small"]
        ]
        rows = [
            [
                wording.shortened(one["name"], 60),
                wording.count(one["rows"]),
                quantity.show(one[name]),
                quantity.show_interval(one[f"{name}_ci95"]),
            ]
            for one in slices
            if one["small"]
        ]
        body = Markup("")
        if bars:
            title = f"{quantity.title} by {column}"
            body += boxed(interval_chart(title, bars, quantity, test.get(name), "all rows"))
        if rows:
            few = table([column, "rows", quantity.title.lower(), "95 % interval"], rows, numbers=3)
            told = f"{wording.count(len(rows), 'slice')} of so few rows that little can be said"
            body += Markup("<details{}><summary>{}</summary>{}</details>").format(
                Markup("") if bars else Markup(" open"), told, boxed(few)
            )
        ranges = ", cut into ranges of about equal size" if found["ranges"] else ""
        sections.append(
            Section(
                f"By {wording.shortened(column, 60)}",
                body,
                f"The held-out rows by their cell in the column {wording.shortened(column, 60)}{ranges}, the worst "
                "slices first. Where an interval lies wholly on the worse side of the dashed line, that is more than "
                "chance would do to one slice; of twenty, one does so by chance.",
            )
        )
    return sections
