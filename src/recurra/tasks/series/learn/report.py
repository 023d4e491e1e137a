"""The report and the model card of a model of series: what it confuses, or how far it is off, and its baselines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from recurra.evaluation.classification import METRICS as OF_LABELS
from recurra.evaluation.regression import METRICS as OF_NUMBERS
from recurra.report import card, page, wording
from recurra.report.blocks import boxed, bullets, table, tiles
from recurra.report.classes import class_sections, css
from recurra.report.page import ReportPage, Section
from recurra.report.quantity import CROSS_ENTROPY, Quantity
from recurra.report.reliability_chart import reliability_chart
from recurra.report.verdict import SIGNIFICANT, Verdict

SHARES = ("accuracy", "macro_f1")
UNBOUNDED: dict[str, float | None] = {"r2": None, "spearman": None}
"""Quantities that may be below 0."""
SHOWN = 10
"""Mistakes that are listed."""
MOST_CHANNELS = 8
"""Channels that are named."""

QUANTITIES: dict[str, Quantity] = {
    **{
        name: Quantity(metric.title, metric.meaning, metric.higher_is_better, share=name in SHARES)
        for name, metric in OF_LABELS.items()
    },
    **{
        name: Quantity(metric.title, metric.meaning, metric.higher_is_better, lowest=UNBOUNDED.get(name, 0.0))
        for name, metric in OF_NUMBERS.items()
    },
}
SQUARED_ERROR = Quantity(
    "Loss", "Half the squared error, of numbers divided by their deviation.", higher_is_better=False
)

_USE = (
    '```python\nimport recurra\n\nmodel = recurra.load(".")\nmodel.predict([values])  # [steps, channels]\n```\n\n'
    "```sh\nrecurra predict . new.parquet\nrecurra predict . --input new.parquet --output answers.csv\n```\n\n"
    "It needs no training framework."
)


def render(metrics: Mapping[str, Any]) -> str:
    """Return the report as HTML, from the content of metrics.json."""
    return page.render(metrics, report_page(metrics))


def model_card(metrics: Mapping[str, Any]) -> str:
    """Return the model card in Markdown, from the content of metrics.json."""
    return card.model_card(metrics, report_page(metrics), use=_USE)


def report_page(metrics: Mapping[str, Any]) -> ReportPage:
    """Return what a model of series adds to the report and the card that all tasks share."""
    labels = [str(label) for label in metrics.get("labels") or []]
    data = metrics.get("data") or {}
    kind = "classifier" if labels else "regression"
    channels = data.get("channels") or []
    details = [wording.count(len(channels), "channel")] if channels else []
    details += [wording.count(len(labels), "class", "classes")] if labels else []
    return ReportPage(
        title=f"{wording.shortened(data.get('name') or 'series', 60)} {kind}",
        row="series",
        rows="series",
        details=details,
        verdict=_verdict(metrics, labels),
        quantities=QUANTITIES,
        intervals="Accuracy has Wilson's interval, the others bootstrap intervals over the series."
        if labels
        else "Intervals are from a bootstrap over the series.",
        loss=CROSS_ENTROPY if labels else SQUARED_ERROR,
        learner="the network alone" if metrics.get("blend") else "",
        sections=[section for section in _sections(metrics, labels) if section.body],
        css=css(),
    )


def _verdict(metrics: Mapping[str, Any], labels: list[str]) -> Verdict:
    test, baseline, paired = metrics.get("test") or {}, metrics.get("baseline") or {}, metrics.get("paired")
    cautions = tuple(_cautions(metrics))
    if not test:
        return Verdict("even", "Not evaluated yet.", (), cautions)
    name = "accuracy" if labels else "mae"
    quantity = QUANTITIES[name]
    if labels and (test.get("accuracy_ci95") or [1.0])[0] <= _commonest(test):
        reason = f"Always answering with the commonest class would be right for {wording.percent(_commonest(test))}."
        return Verdict("bad", "No: it is not clearly better than the commonest class.", (reason,), cautions)
    if not labels and (test.get("r2_ci95") or [0.0])[0] <= 0:
        reason = "The interval of R² reaches down to 0, which is what always answering with the mean gets."
        return Verdict("bad", "No: it is not clearly better than the mean.", (reason,), cautions)
    if not paired or baseline.get(name) is None:
        return Verdict("even", "It has learned something, without a baseline to compare with.", (), cautions)
    gain = paired["difference"] if labels else -paired["difference"]
    by = f"{100 * paired['difference']:+.1f} points" if labels else f"{paired['difference']:+.4g}"
    reason = (
        f"The baseline ({baseline['name']}) has {quantity.title[0].lower()}{quantity.title[1:]} "
        f"{quantity.show(baseline[name])} on the same series: a difference of {by} "
        f"({wording.probability(paired['p_value'])})."
    )
    if paired["p_value"] >= SIGNIFICANT:
        headline = "It works, but it is not clearly better than a simple baseline."
        return Verdict("even", headline, (reason,), cautions)
    if gain < 0:
        return Verdict("bad", "Not as it is: a simple baseline does better.", (reason,), cautions)
    return Verdict("good", "Yes: it beats a simple baseline, and not by luck.", (reason,), cautions)


def _commonest(test: Mapping[str, Any]) -> float:
    """Return the share of the commonest class among the held-out series."""
    support = [row["support"] for row in test.get("per_class") or []]
    return max(support) / sum(support) if sum(support) else 0.0


def _cautions(metrics: Mapping[str, Any]) -> list[str]:
    cautions = [str(finding) for finding in (metrics.get("hygiene") or {}).get("findings") or []]
    if not (metrics.get("config") or {}).get("group"):
        cautions.append(
            "Series of one person, machine or day may be on both sides of the split, which flatters; where the data "
            "say whose they are, name the column with --group."
        )
    return cautions


def _sections(metrics: Mapping[str, Any], labels: list[str]) -> list[Section]:
    test = metrics.get("test") or {}
    reliability = reliability_chart(test.get("reliability") or [])
    return [
        Section(
            "When to trust an answer",
            boxed(reliability) if reliability else Markup(""),
            "Whether its confidence can be taken at its word.",
        ),
        *(class_sections(test, labels) if labels else []),
        Section("Baselines", _baselines(metrics, labels), "The one with the fewest errors on training series that it "
                "had not learnt from is the baseline."),
        Section("Network and convolutions", _blend(metrics), "The model adds the outputs of a recurrent network and "
                "those of a linear model of random convolutions; the weights were chosen on training series that "
                "neither had learnt from."),
        Section(
            "Confident mistakes" if labels else "Largest errors",
            _mistakes(metrics, labels),
            "The held-out series that it was most confident about and got wrong."
            if labels
            else "The held-out series whose number is furthest off.",
        ),
        Section("Data", _data(metrics), ""),
    ]  # fmt: skip


def _baselines(metrics: Mapping[str, Any], labels: list[str]) -> Markup:
    others, test = metrics.get("baselines") or [], metrics.get("test") or {}
    if not others:
        return Markup("")
    name = "accuracy" if labels else "mae"
    quantity = QUANTITIES[name]
    rows = [["this model", quantity.show(test[name]), _interval(test, name)]]
    rows += [
        [one["name"] + (" (the baseline)" if one["chosen"] else ""), quantity.show(one[name]), _interval(one, name)]
        for one in others
    ]
    return boxed(table(["model", quantity.title.lower(), "95 % interval"], rows, numbers=2))


def _interval(scores: Mapping[str, Any], name: str) -> str:
    ends = scores.get(f"{name}_ci95")
    return QUANTITIES[name].show_interval(ends) if ends else "–"


def _blend(metrics: Mapping[str, Any]) -> Markup:
    blend = metrics.get("blend")
    if not blend:
        return Markup("")
    return tiles([(name, wording.number(value, 2)) for name, value in blend.items()])


def _mistakes(metrics: Mapping[str, Any], labels: list[str]) -> Markup:
    mistakes = (metrics.get("mistakes") or [])[:SHOWN]
    if not mistakes:
        return Markup("")
    last = "confidence" if labels else "off by"
    rows = [
        [
            wording.shortened(str(one["series"]), 60),
            wording.count(one["steps"]),
            _value(one["truth"]),
            _value(one["predicted"]),
            wording.percent(one["probability"]) if labels else f"{one['predicted'] - one['truth']:+.4g}",
        ]
        for one in mistakes
    ]
    return boxed(table(["series", "frames", "truth", "predicted", last], rows, numbers=1 if labels else 3))


def _value(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else wording.shortened(str(value), 60)


def _data(metrics: Mapping[str, Any]) -> Markup:
    data, findings = metrics.get("data") or {}, (metrics.get("hygiene") or {}).get("findings") or []
    if not data.get("channels"):
        return bullets(findings) if findings else Markup("")
    steps, channels = data["steps"], data["channels"]
    names = ", ".join(channels[:MOST_CHANNELS]) + (" ..." if len(channels) > MOST_CHANNELS else "")
    facts = [
        ("series", wording.count(data["rows"])),
        ("channels", f"{len(channels)}"),
        ("frames, median", f"{steps['median']:,.0f}"),
        ("frames, fewest to most", f"{steps['least']:,} to {steps['most']:,}"),
        ("missing values", wording.count(data["missing_values"])),
    ]
    return tiles(facts) + bullets([f"Channels: {names}.", *findings])
