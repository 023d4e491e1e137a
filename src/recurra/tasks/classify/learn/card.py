"""The model card of a classifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurra.report import card
from recurra.report.card import bullets, escaped
from recurra.tasks.classify.learn.report import report_page

_MOST_LABELS = 100

_USE = (
    '```python\nimport recurra\n\nmodel = recurra.load(".")\n'
    'model.predict(["some text"])\nmodel.predict_proba(["some text"])  # a column for each class\n```\n\n'
    '```sh\nrecurra predict . "some text"\n```\n\nNo training framework is needed: it runs on ONNX Runtime, '
    "or on the recurrent kernel where that is built."
)


def model_card(metrics: Mapping[str, Any]) -> str:
    """Return README.md in Markdown, from the content of metrics.json; any part of it may be missing."""
    labels = metrics.get("labels") or []
    more = f" and {len(labels) - _MOST_LABELS} more" if len(labels) > _MOST_LABELS else ""
    names = ", ".join(escaped(label) for label in labels[:_MOST_LABELS])
    classes = f"\n\nIt predicts one of {len(labels)} classes: {names}{more}." if labels else ""
    findings = (metrics.get("hygiene") or {}).get("findings") or []
    sections = [("Data quality", bullets(findings))] if findings else []
    return card.model_card(metrics, report_page(metrics), use=_USE + classes, sections=sections)
