"""The report and the model card of a model that forecasts: how far off it is, beside what needs no model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from recurra.report import card, page, wording
from recurra.report.blocks import boxed, bullets, table, tiles
from recurra.report.page import ReportPage, Section
from recurra.report.quantity import Quantity
from recurra.report.verdict import SIGNIFICANT, Verdict
from recurra.tasks.forecast.learn.forecast_chart import CSS, forecast_chart, legend, step_chart
from recurra.tasks.forecast.terminal import TITLES

QUANTITIES: dict[str, Quantity] = {
    "mase": Quantity(
        TITLES["mase"],
        "Mean absolute error, divided by that of repeating the last season inside the history of each series (mean "
        "absolute scaled error).",
        higher_is_better=False,
    ),
    "smape": Quantity(
        TITLES["smape"],
        "Mean of twice the absolute error by the sum of the sizes of value and forecast.",
        higher_is_better=False,
        share=True,
    ),
    "crps": Quantity(
        TITLES["crps"],
        "How good the three quantiles are together, scaled as MASE is (continuous ranked probability score).",
        higher_is_better=False,
    ),
    "coverage": Quantity(
        TITLES["coverage"],
        "Share of the values between the 10 % and the 90 % quantile: 80 % would be right, more is too wide a band.",
        higher_is_better=None,
        share=True,
    ),
}
PINBALL = Quantity("Loss", "Pinball loss of the quantiles, what training minimises.", higher_is_better=False)
SHOWN = 10
"""Series with the largest errors that are listed."""

_USE = (
    '```python\nimport recurra\n\nmodel = recurra.load(".")\nmodel.predict([values])  # [series, steps, 3]: 10, 50 and '
    "90 %\n```\n\n```sh\nrecurra predict . history.csv\nrecurra predict . --input history.csv --output forecast.csv\n"
    "```\n\nIt needs no training framework."
)


def render(metrics: Mapping[str, Any]) -> str:
    """Return the report as HTML, from the content of metrics.json."""
    return page.render(metrics, report_page(metrics))


def model_card(metrics: Mapping[str, Any]) -> str:
    """Return the model card in Markdown, from the content of metrics.json."""
    return card.model_card(metrics, report_page(metrics), use=_USE)


def report_page(metrics: Mapping[str, Any]) -> ReportPage:
    """Return what a model that forecasts adds to the report and the card that all tasks share."""
    data, config = metrics.get("data") or {}, metrics.get("config") or {}
    details = []
    if data.get("frequency"):
        season = f"season {data['season']:,}" if data.get("season", 1) > 1 else "no season"
        details += [f"frequency {data['frequency']}", season]
    if config.get("horizon"):
        details.append(f"{wording.count(config['horizon'], 'step')} ahead")
    return ReportPage(
        title=f"{wording.shortened(data.get('name') or 'series', 60)} forecast",
        row="series",
        rows="series",
        details=details,
        verdict=_verdict(metrics),
        quantities=QUANTITIES,
        intervals="Intervals are from a bootstrap over the series: how far the means would be off with other ones.",
        loss=PINBALL,
        learner="the network that the share of its correction was chosen with",
        sections=[section for section in _sections(metrics) if section.body],
        css=CSS,
    )


def _verdict(metrics: Mapping[str, Any]) -> Verdict:
    test, baseline, paired = metrics.get("test") or {}, metrics.get("baseline") or {}, metrics.get("paired")
    cautions = tuple(_cautions(metrics))
    if not test:
        return Verdict("even", "Not evaluated yet.", (), cautions)
    if not paired or baseline.get("mase") is None or test.get("mase") is None:
        return Verdict("even", "It forecasts, without a baseline to compare with.", (), cautions)
    reason = (
        f"The baseline ({baseline['name']}) has a MASE of {wording.number(baseline['mase'])} on the same steps: a "
        f"difference of {paired['difference']:+.3f} ({wording.probability(paired['p_value'])})."
    )
    if paired["p_value"] >= SIGNIFICANT:
        headline = "It works, but it is not clearly better than a simple baseline."
        return Verdict("even", headline, (reason,), cautions)
    if paired["difference"] > 0:
        return Verdict("bad", "Not as it is: a simple baseline does better.", (reason,), cautions)
    return Verdict("good", "Yes: it beats a simple baseline, and not by luck.", (reason,), cautions)


def _cautions(metrics: Mapping[str, Any]) -> list[str]:
    test = metrics.get("test") or {}
    cautions = [str(finding) for finding in (metrics.get("hygiene") or {}).get("findings") or []]
    nominal, interval = test.get("nominal_coverage"), test.get("coverage_ci95")
    if nominal is not None and interval and not interval[0] <= nominal <= interval[1]:
        way = "too narrow" if test["coverage"] < nominal else "wider than it needs to be"
        cautions.append(
            f"The band is {way}: {wording.percent(test['coverage'])} of the values were in it instead of "
            f"{wording.percent(nominal, 0)}."
        )
    if test:
        cautions.append("One horizon of each series is judged: how the forecasts do in another time may differ.")
    return cautions


def _sections(metrics: Mapping[str, Any]) -> list[Section]:
    steps = metrics.get("by_step") or []
    charts = [
        found
        for name, reference in (("mase", 1.0), ("coverage", (metrics.get("test") or {}).get("nominal_coverage") or 0.8))
        if (found := step_chart(steps, name, QUANTITIES[name], reference))
    ]
    return [
        Section("Forecasts", _forecasts(metrics), "Series from the best forecast to the worst, at equal distances. The "
                "dashed upright is where the history ends; the band should hold four values of five."),
        Section("Step by step", boxed(*charts) if charts else Markup(""), "How far off each step of the horizon is, in "
                "units of repeating the last season, and how many of the values were in the band."),
        Section("Beside other methods", _baselines(metrics), "The baseline is the simple method that was better on the "
                "horizon before. A negative difference is in favour of the model; methods that answer some of the "
                "series only are compared on those."),
        Section("Network and smoothings", _correction(metrics), "The forecast is a mean of exponential smoothings, "
                "which a recurrent network corrects; how much of its correction counts was chosen on steps that it had "
                "not learnt from."),
        Section("Largest errors", _worst(metrics), "The series with the largest scaled error."),
        Section("Data", _data(metrics), (metrics.get("split") or {}).get("how", "").capitalize()),
    ]  # fmt: skip


def _forecasts(metrics: Mapping[str, Any]) -> Markup:
    cards = Markup("").join(
        Markup('<div class="card"><h3><bdi>{}</bdi>{}</h3>{}</div>').format(
            wording.shortened(one["series"], 40),
            "" if one.get("mase") is None else f" · MASE {wording.number(one['mase'], 2)}",
            forecast_chart(one),
        )
        for one in metrics.get("drawn") or []
    )
    return legend() + Markup('<div class="forecasts">{}</div>').format(cards) if cards else Markup("")


def _baselines(metrics: Mapping[str, Any]) -> Markup:
    others, test = metrics.get("baselines") or [], metrics.get("test") or {}
    if not others:
        return Markup("")
    rows = [["this model", wording.count(test["rows"]), *_scores(test), ""]]
    rows += [
        [
            one["name"] + (" (the baseline)" if one["chosen"] else ""),
            wording.count(one["rows"]),
            *_scores(one),
            _paired(one),
        ]
        for one in others
    ]
    return boxed(
        table(["method", "series", "MASE", "sMAPE", "CRPS", "coverage", "difference in MASE"], rows, numbers=6)
    )


def _scores(scores: Mapping[str, Any]) -> list[str]:
    return [
        QUANTITIES[name].show(scores[name]) if scores.get(name) is not None else "–"
        for name in ("mase", "smape", "crps", "coverage")
    ]


def _paired(row: Mapping[str, Any]) -> str:
    paired = row.get("paired")
    return f"{paired['difference']:+.3f} ({wording.probability(paired['p_value'])})" if paired else "–"


def _correction(metrics: Mapping[str, Any]) -> Markup:
    correction = metrics.get("correction")
    if not correction:
        return Markup("")
    return tiles(
        [
            ("windows learnt from", wording.count(correction["windows"])),
            ("share of the correction, of a new series", wording.percent(correction["share"], 0)),
            ("error that the correction saves", wording.percent(max(0.0, correction["gain"]))),
            ("factor of the band", wording.number(correction["band"], 2)),
        ]
    )


def _worst(metrics: Mapping[str, Any]) -> Markup:
    known = [one for one in metrics.get("per_series") or [] if one.get("mase") is not None]
    if len(known) < 2:
        return Markup("")
    worst = sorted(known, key=lambda one: -float(one["mase"]))[:SHOWN]
    rows = [[wording.shortened(one["series"], 60), *_scores(one)] for one in worst]
    return boxed(table(["series", "MASE", "sMAPE", "CRPS", "coverage"], rows, numbers=4))


def _data(metrics: Mapping[str, Any]) -> Markup:
    data, findings = metrics.get("data") or {}, (metrics.get("hygiene") or {}).get("findings") or []
    if not data.get("steps"):
        return bullets(findings) if findings else Markup("")
    steps = data["steps"]
    facts = [
        ("series", wording.count(data["rows"])),
        ("steps to learn from, median", f"{steps['median']:,.0f}"),
        ("steps, fewest to most", f"{steps['least']:,} to {steps['most']:,}"),
        ("missing values", wording.count(data["missing_values"])),
    ]
    kinds = {"past": "known up to now", "future": "known beforehand", "static": "of the series"}
    named = [f"Covariates {kinds[kind]}: {', '.join(names)}." for kind, names in (data.get("covariates") or {}).items()]
    return tiles(facts) + bullets([*named, *findings]) if named or findings else tiles(facts)
