"""The model card of a classifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurra.many_to_one.continued_facts import continued_sentences
from recurra.many_to_one.ensemble_facts import members_sentence
from recurra.many_to_one.slice_facts import slice_sentences
from recurra.many_to_one.unlabelled_facts import unlabelled_sentences
from recurra.report import card
from recurra.report.card import bullets, escaped
from recurra.report.wording import count, percent
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
    taught = unlabelled_sentences(metrics)
    ensemble = metrics.get("ensemble")
    sections = [("Its members", members_sentence(ensemble))] if ensemble else []
    went_on = continued_sentences(metrics.get("continued"))
    sections += [("Before and after", bullets(went_on))] if went_on else []
    slices = slice_sentences(metrics.get("test") or {})
    sections += [("Slices", bullets(slices))] if slices else []
    sections += [("Unlabelled texts", bullets(taught))] if taught else []
    sections += (
        [("How the baseline was chosen", chosen)] if (chosen := _baseline(metrics.get("baseline") or {})) else []
    )
    sections += [("Data quality", bullets(findings))] if findings else []
    return card.model_card(metrics, report_page(metrics), use=_USE + classes, sections=sections)


def _baseline(baseline: Mapping[str, Any]) -> str:
    """Return what was tried for the baseline, best of each kind of features, and what was chosen; "" without a grid."""
    best: dict[str, Mapping[str, Any]] = {}
    for tried in baseline.get("grid") or []:
        if tried["name"] not in best or tried["accuracy"] > best[tried["name"]]["accuracy"]:
            best[tried["name"]] = tried
    if not best:
        return ""
    kinds = "; ".join(
        f"{escaped(name)} {percent(tried['accuracy'])} (C = {tried['c']:g})" for name, tried in best.items()
    )
    return (
        f"{escaped(baseline['name'])} with C = {baseline['c']:g} is the best of {len(baseline['grid'])} on "
        f"{count(baseline['valid_rows'], 'validation row')}, trained on {count(baseline['rows_used'], 'row')}. "
        f"Validation accuracy of the best of each kind: {kinds}."
    )
