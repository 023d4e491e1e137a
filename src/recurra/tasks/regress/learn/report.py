"""The report and the model card of a model of numbers: errors, intervals, parts of the rows, mistakes, data quality."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from recurra.evaluation.regression import METRICS
from recurra.many_to_one.continued_facts import continued_sentences
from recurra.many_to_one.learn.continued_report import before_and_after
from recurra.many_to_one.learn.feature_section import feature_section
from recurra.many_to_one.learn.slice_sections import slice_sections
from recurra.many_to_one.slice_facts import slice_sentences
from recurra.report import card, page, wording
from recurra.report.blocks import boxed, bullets, quotes, table, tiles
from recurra.report.card import bullets as listed
from recurra.report.charts import Bar, interval_chart
from recurra.report.page import ReportPage, Section
from recurra.report.quantity import Quantity
from recurra.tasks.regress.learn.number_charts import CSS, histogram, scatter
from recurra.tasks.regress.learn.verdict import verdict

UNBOUNDED: dict[str, float | None] = {"r2": None, "spearman": None}
"""Quantities that may be below 0."""
SHOWN = 6
"""Mistakes that are shown."""
TEXT_CHARACTERS = 600

QUANTITIES: dict[str, Quantity] = {
    **{
        name: Quantity(metric.title, metric.meaning, metric.higher_is_better, lowest=UNBOUNDED.get(name, 0.0))
        for name, metric in METRICS.items()
    },
    "median_error": Quantity("Median absolute error", "Half of the predictions are off by less.", False),
    "bias": Quantity("Bias", "The mean of prediction less truth; 0 is right.", None, lowest=None),
    "coverage": Quantity("Coverage", "The share of the truths that lie in their interval.", None, share=True),
    "width": Quantity("Interval width", "The mean width of an interval.", False),
}
SQUARED_ERROR = Quantity(
    "Loss", "Half the squared error, of numbers divided by their deviation.", higher_is_better=False
)

_USE = (
    '```python\nimport recurra\n\nmodel = recurra.load(".")\nmodel.predict(["some text"])\n'
    'model.predict_interval(["some text"])  # the ends of an interval\n```\n\n'
    '```sh\nrecurra predict . "some text"\n```\n\nNo training framework is needed: it runs on ONNX Runtime, '
    "or on the recurrent kernel where that is built."
)


def render(metrics: Mapping[str, Any]) -> str:
    """Return the report as HTML, from the content of metrics.json; any part of it may be missing."""
    return page.render(metrics, report_page(metrics))


def model_card(metrics: Mapping[str, Any]) -> str:
    """Return the model card in Markdown, from the content of metrics.json; any part of it may be missing."""
    intervals, findings = metrics.get("intervals"), (metrics.get("hygiene") or {}).get("findings") or []
    range_ = (
        f"\n\nIt answers with a number between {intervals['lowest']:g} and {intervals['highest']:g}, the least and the "
        "largest of training, and with an interval about it."
        if intervals
        else ""
    )
    slices = slice_sentences(metrics.get("test") or {})
    sections = [("Slices", listed(slices))] if slices else []
    went_on = continued_sentences(metrics.get("continued"))
    sections += [("Before and after", listed(went_on))] if went_on else []
    sections += [("Data quality", listed(findings))] if findings else []
    return card.model_card(metrics, report_page(metrics), use=_USE + range_, sections=sections)


def report_page(metrics: Mapping[str, Any]) -> ReportPage:
    """Return what a model of numbers adds to the report and the card that all tasks share."""
    data, constant = metrics.get("data") or {}, metrics.get("constant")
    name = wording.shortened(data.get("name") or "text", 60)
    return ReportPage(
        title=f"{name} regression",
        details=[f"of the column “{wording.shortened(data['target'], 40)}”"] if data.get("target") else [],
        verdict=verdict(metrics),
        quantities=QUANTITIES,
        simpler=[] if constant is None else [Bar("Always the median", constant["mae"], constant.get("mae_ci95"))],
        intervals="Intervals are from a bootstrap over the rows; that of the coverage is Wilson's.",
        loss=SQUARED_ERROR,
        sections=[section for section in _sections(metrics) if section.body],
        css=CSS,
    )


def _sections(metrics: Mapping[str, Any]) -> list[Section]:
    """Return the sections; the body of one is empty where the metrics hold nothing for it."""
    test = metrics.get("test") or {}
    charts = [drawn for drawn in (scatter(test.get("points") or []), histogram(test.get("errors") or {})) if drawn]
    return [
        Section(
            "Predictions and truths",
            boxed(*charts) if charts else Markup(""),
            "Where predictions lie beside the truth, and how errors are spread. Predictions are drawn towards the "
            "middle: what a text does not tell is guessed as the mean of such texts.",
        ),
        Section(
            "When to trust an answer",
            _intervals(test),
            "Each number comes with an interval, whose width was fitted on validation rows (split conformal "
            "prediction): of rows like those, it holds the stated share of the truths, whatever the model. Where "
            "groups of predictions have widths of their own, it does so in each.",
        ),
        Section(
            "Where it errs",
            _slices(test),
            "The mean absolute error of short and long texts, and of small and large numbers. A bias is the mean of "
            "prediction less truth.",
        ),
        *slice_sections(test, QUANTITIES),
        Section("What its members are worth", _members(metrics), "Each row is one network of the ensemble alone."),
        Section("Largest errors", _mistakes(metrics), "The held-out rows whose number is furthest off."),
        before_and_after(metrics),
        Section(
            "How the baseline was chosen",
            _baseline(metrics.get("baseline") or {}),
            "Each was trained on the training rows and judged on the validation rows; the best then had both. Alpha is "
            "the penalty of the ridge regression.",
        ),
        feature_section(metrics),
        Section(
            "Data quality",
            _data_quality(metrics.get("hygiene") or {}),
            "Checked before training: what the numbers are, gaps, and repeats that could leak from training to test.",
        ),
    ]


def _intervals(test: Mapping[str, Any]) -> Markup:
    slices = (test.get("slices") or {}).get("prediction") or []
    if test.get("coverage") is None:
        return Markup("")
    facts = [
        ("asked for", wording.percent(test["level"])),
        ("of held-out numbers inside", wording.percent(test["coverage"])),
        ("95 % interval of that", wording.percent_interval(test["coverage_ci95"])),
        ("mean width", wording.number(test["width"])),
    ]
    rows = [[one["name"], wording.count(one["rows"]), wording.percent(one["coverage"])] for one in slices]
    return tiles(facts) + (boxed(table(["prediction", "rows", "inside"], rows, numbers=2)) if rows else Markup(""))


def _slices(test: Mapping[str, Any]) -> Markup:
    by_feature = test.get("slices") or {}
    lengths = by_feature.get("length") or []
    bars = [
        Bar(part["name"], part["mae"], part.get("mae_ci95"), "valid", wording.count(part["rows"], "row"))
        for part in lengths
    ]
    body = (
        boxed(interval_chart("Error by length", bars, QUANTITIES["mae"], test.get("mae"), "all rows"))
        if bars
        else Markup("")
    )
    rows = [
        [one["name"], wording.count(one["rows"]), wording.number(one["mae"]), f"{one['bias']:+.3f}"]
        for one in by_feature.get("target") or []
    ]
    return body + (boxed(table(["truth", "rows", "error", "bias"], rows, numbers=3)) if rows else Markup(""))


def _members(metrics: Mapping[str, Any]) -> Markup:
    ensemble, test = metrics.get("ensemble"), metrics.get("test")
    if not ensemble or not test:
        return Markup("")
    rows = [["All together", wording.number(test["mae"]), wording.number_interval(test["mae_ci95"])]]
    rows += [
        [f"Seed {one['seed']}", wording.number(one["mae"]), wording.number_interval(one["mae_ci95"])]
        for one in ensemble["members"]
    ]
    return boxed(table(["network", "mean absolute error", "95 % interval"], rows, numbers=2))


def _mistakes(metrics: Mapping[str, Any]) -> Markup:
    mistakes = (metrics.get("mistakes") or [])[:SHOWN]
    if not mistakes:
        return Markup("")
    return quotes(
        [
            (
                [
                    ("row", wording.count(one["row"])),
                    ("truth", f"{one['truth']:.6g}"),
                    ("predicted", f"{one['predicted']:.4g}"),
                    ("interval", f"{one['lo']:.4g} to {one['hi']:.4g}"),
                ],
                wording.shortened(one.get("text") or "(no text)", TEXT_CHARACTERS),
            )
            for one in mistakes
        ]
    )


def _baseline(baseline: Mapping[str, Any]) -> Markup:
    grid = baseline.get("grid") or []
    rows = [
        [
            one["name"] + (" (chosen)" if (one["name"], one["alpha"]) == (baseline["name"], baseline["alpha"]) else ""),
            f"{one['alpha']:g}",
            wording.number(one["mae"]),
        ]
        for one in grid
    ]
    return boxed(table(["features", "alpha", "validation error"], rows, numbers=2)) if rows else Markup("")


def _data_quality(hygiene: Mapping[str, Any]) -> Markup:
    findings, numbers = hygiene.get("findings") or [], hygiene.get("numbers")
    body = bullets(findings) if findings else Markup("")
    if numbers:
        least, low, middle, high, most = numbers["quarters"]
        facts = [
            ("rows", wording.count(numbers["rows"])),
            ("different numbers", wording.count(numbers["distinct"])),
            ("least to largest", f"{least:g} to {most:g}"),
            ("half from", f"{low:g} to {high:g}"),
            ("median", f"{middle:g}"),
            ("mean", f"{numbers['mean']:.4g}"),
            ("deviation", f"{numbers['deviation']:.4g}"),
        ]
        body += tiles(facts)
    return body
