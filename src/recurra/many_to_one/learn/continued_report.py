"""The section of a report on a model whose training went on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from recurra.many_to_one.continued_facts import continued_rows, continued_sentences
from recurra.report.blocks import bullets, table
from recurra.report.page import Section


def before_and_after(metrics: Mapping[str, Any]) -> Section:
    """Return the section; its body is empty of a model that began anew."""
    continued = metrics.get("continued")
    told = continued_sentences(continued)
    columns, rows = continued_rows(continued)
    body = bullets(told) if told else Markup("")
    return Section(
        "Before and after",
        body + table(columns, rows, numbers=5) if rows else body,
        "The model went on from a trained one, on new rows alone. Both answered the same held-out rows: those that the "
        "old one was judged by show what was forgotten, the new ones what was learnt.",
    )
