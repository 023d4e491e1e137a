"""The model card of a model that gives several labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurra.many_to_one.continued_facts import continued_sentences
from recurra.many_to_one.slice_facts import slice_sentences
from recurra.report import card
from recurra.report.card import bullets, escaped
from recurra.report.wording import percent
from recurra.tasks.multilabel.learn.report import report_page, rule_in_words

_MOST_LABELS = 100

_USE = (
    '```python\nimport recurra\n\nmodel = recurra.load(".")\n'
    'model.predict(["some text"])  # the labels of each text, the most probable first\n'
    'model.predict_proba(["some text"])  # a column for each label\n```\n\n'
    '```sh\nrecurra predict . "some text"\n```\n\nNo training framework is needed: it runs on ONNX Runtime, '
    "or on the recurrent kernel where that is built."
)


def model_card(metrics: Mapping[str, Any]) -> str:
    """Return README.md in Markdown, from the content of metrics.json; any part of it may be missing."""
    labels = metrics.get("labels") or []
    more = f" and {len(labels) - _MOST_LABELS} more" if len(labels) > _MOST_LABELS else ""
    names = ", ".join(escaped(label) for label in labels[:_MOST_LABELS])
    given = f"\n\nIt gives any of {len(labels)} labels, or none: {names}{more}." if labels else ""
    findings = (metrics.get("hygiene") or {}).get("findings") or []
    thresholds = metrics.get("thresholds")
    sections = [("Thresholds", escaped(rule_in_words(thresholds), 600))] if thresholds else []
    if rows := (metrics.get("test") or {}).get("per_label"):
        sections.append(("Its labels", _table(rows)))
    slices = slice_sentences(metrics.get("test") or {})
    sections += [("Slices", bullets(slices))] if slices else []
    went_on = continued_sentences(metrics.get("continued"))
    sections += [("Before and after", bullets(went_on))] if went_on else []
    sections += [("Data quality", bullets(findings))] if findings else []
    return card.model_card(metrics, report_page(metrics), use=_USE + given, sections=sections)


def _table(rows: list[Mapping[str, Any]]) -> str:
    """Return the labels as a table, the weakest first."""
    ordered = sorted(rows, key=lambda row: -1.0 if row["f1"] is None else row["f1"])[:_MOST_LABELS]
    lines = ["| label | precision | recall | F1 | threshold | held-out rows |", "|---|---:|---:|---:|---:|---:|"]
    for row in ordered:
        shares = ["–" if row[name] is None else percent(row[name]) for name in ("precision", "recall", "f1")]
        cells = [escaped(row["label"]), *shares, f"{row['threshold']:.3f}", f"{row['support']:,}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
