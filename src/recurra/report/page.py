"""The report of any task: one self-contained page, made from the content of metrics.json and what the task hands in.

It loads nothing and runs no script; every text is escaped. Any part of the metrics may be missing: what would be made
of it is left out. Its parts, from top to bottom: the verdict with the first quantity drawn large, model and baseline on
one axis, learning curves, the task's own sections, all quantities, and how to reproduce the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from recurra.report import folds, search, wording
from recurra.report.charts import Bar, interval_chart, learning_curve
from recurra.report.document import document
from recurra.report.quantity import LOSS, Quantity, is_number, measured
from recurra.report.template import network_words, reproduction, template
from recurra.report.verdict import Verdict
from recurra.terminal.history import metric_names

_PARTS = (("train", "training"), ("valid", "validation"), ("test", "held-out"))
_EMPTY = "–"


@dataclass(frozen=True)
class Section:
    """A part of the page that only one task has.

    Attributes:
        heading: its title, plain text.
        body: its content, escaped already: see `blocks`.
        lead: a sentence below the heading on what is shown, plain text.
    """

    heading: str
    body: Markup
    lead: str = ""


@dataclass(frozen=True)
class ReportPage:
    """What a task hands in to have its report and its model card written.

    Attributes:
        title: what the model is, such as "imdb classifier".
        verdict: the headline and what it rests on.
        quantities: the quantities that `metrics["test"]` may hold, by their names there, the most telling first. The
            first that was measured is drawn large. `<name>_ci95` beside one is its 95 % interval, and
            `metrics["baseline"]` may hold the same names.
        sections: the parts that only this task has.
        row, rows: what `metrics["test"]["rows"]` counts, singular and plural.
        details: short facts to show beside the title.
        simpler: simpler models to draw beside the baseline, by the first quantity.
        intervals: a sentence on where the intervals come from.
        loss: how the loss of the learning curves is written.
        learner: what the learning curves and the scores of validation rows are of, where that is a part of the model.
        css: style rules of the task's own sections.
    """

    title: str
    verdict: Verdict
    quantities: Mapping[str, Quantity]
    sections: Sequence[Section] = ()
    row: str = "row"
    rows: str = "rows"
    details: Sequence[str] = ()
    simpler: Sequence[Bar] = ()
    intervals: str = ""
    loss: Quantity = LOSS
    learner: str = ""
    css: str = ""

    def held_out(self, count: int | None) -> str:
        """Return a number of held-out rows in words: "2,000 held-out rows"; without the number where it is missing."""
        if count is None:
            return f"held-out {self.rows}"
        return wording.count(count, f"held-out {self.row}", f"held-out {self.rows}")


def render(metrics: Mapping[str, Any], page: ReportPage) -> str:
    """Return the report as HTML, from the content of metrics.json.

    Needs Jinja2 (the `train` extra).
    """
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    shown = measured(test, page.quantities)
    lead = next(iter(shown.items()), None)
    network = network_words(metrics.get("config") or {})
    body = template("recurra.report", "page.html.j2").render(
        title=wording.clean(page.title),
        details=[wording.clean(detail) for detail in (network, *page.details) if detail],
        tone=page.verdict.tone,
        headline=wording.clean(page.verdict.headline),
        reasons=[wording.clean(reason) for reason in page.verdict.reasons],
        cautions=[wording.clean(caution) for caution in page.verdict.cautions],
        lead=_lead(test, page, *lead) if lead else None,
        comparison=_comparison(test, baseline, page, *lead) if lead else None,
        curves=_curves(metrics.get("history") or [], page),
        learner=page.learner,
        sections=[*page.sections, *_folds(metrics.get("folds"), page), *_search(metrics.get("tuning"))],
        numbers=[number_row(name, quantity, test, baseline) for name, quantity in shown.items()],
        held_out=page.held_out(None),
        rows=page.rows,
        baseline=str(baseline.get("name") or "the baseline") if measured(baseline, shown) else "",
        intervals=page.intervals,
        parts=_parts(metrics, page),
        command=wording.clean(metrics.get("command") or ""),
        groups=[group for group in reproduction(metrics) if group["facts"]],
        version=(metrics.get("versions") or {}).get("recurra", ""),
    )  # fmt: skip
    css = files("recurra.report").joinpath("page.css").read_text(encoding="utf-8")
    return document(f"{wording.clean(page.title)}: Recurra report", css + page.css, body)


def number_row(name: str, quantity: Quantity, test: Mapping[str, Any], baseline: Mapping[str, Any]) -> dict[str, Any]:
    """Return one quantity of the model and of the baseline in words; a dash where it was not measured."""

    def value(values: Mapping[str, Any]) -> str:
        return quantity.show(values[name]) if is_number(values.get(name)) else _EMPTY

    def interval(values: Mapping[str, Any]) -> str:
        return quantity.show_interval(values[f"{name}_ci95"]) if values.get(f"{name}_ci95") else _EMPTY

    return {
        "title": quantity.title,
        "value": value(test),
        "interval": interval(test),
        "baseline": value(baseline),
        "baseline_interval": interval(baseline),
        "meaning": quantity.meaning,
        "higher": quantity.higher_is_better,
    }


def _folds(found: Mapping[str, Any] | None, page: ReportPage) -> list[Section]:
    """Return the section on cross-validation; none where there was none."""
    return [] if found is None else [Section(folds.HEADING, folds.body(found, page.quantities), folds.lead(found))]


def _search(found: Mapping[str, Any] | None) -> list[Section]:
    """Return the section on a search for options; none where there was no search."""
    return [] if found is None else [Section(search.HEADING, search.body(found), search.lead(found))]


def _lead(test: Mapping[str, Any], page: ReportPage, name: str, quantity: Quantity) -> dict[str, Any]:
    """Return the quantity that is drawn large."""
    interval = test.get(f"{name}_ci95")
    number, _, unit = quantity.show(test[name]).rpartition("\N{NO-BREAK SPACE}")
    return {
        "number": number or unit,
        "unit": unit if number else "",
        "title": quantity.title,
        "rows": page.held_out(test.get("rows")),
        "interval": quantity.show_interval(interval) if interval else "",
        "higher": quantity.higher_is_better,
    }


def _comparison(
    test: Mapping[str, Any], baseline: Mapping[str, Any], page: ReportPage, name: str, quantity: Quantity
) -> Markup | None:
    """Return model, baseline and simpler models on one axis; None where there is nothing to compare with."""
    bars = [Bar("This model", test[name], test.get(f"{name}_ci95"), "valid")]
    if is_number(baseline.get(name)):
        label = str(baseline.get("name") or "Baseline")
        bars.append(Bar(label, baseline[name], baseline.get(f"{name}_ci95"), "baseline"))
    bars += page.simpler
    if len(bars) == 1:
        return None
    return interval_chart(f"{quantity.title} of the model and of simpler ones", bars, quantity, rows=page.rows)


def _curves(history: Sequence[Mapping[str, Any]], page: ReportPage) -> list[Markup]:
    """Return a learning curve of each metric in the history, and of the loss; by its plain name where it is unknown."""
    known = {**page.quantities, "loss": page.loss}
    curves = [
        learning_curve(history, name, known.get(name) or Quantity.of_history(name))
        for name in (*metric_names(history), "loss")
    ]
    return [curve for curve in curves if curve]


def _parts(metrics: Mapping[str, Any], page: ReportPage) -> dict[str, Any] | None:
    """Return the quantities that training or validation rows have too, of every part; None without any."""
    parts = {name: metrics.get(key) or {} for key, name in _PARTS}
    others = {**measured(parts["training"], page.quantities), **measured(parts["validation"], page.quantities)}
    quantities = {name: quantity for name, quantity in page.quantities.items() if name in others}
    if not quantities:
        return None
    return {
        "trained": bool(parts["training"]),
        "titles": [quantity.title for quantity in quantities.values()],
        "rows": [
            {
                "name": name,
                "rows": wording.count(values["rows"]) if values.get("rows") is not None else _EMPTY,
                "values": [
                    quantity.show(values[key]) if is_number(values.get(key)) else _EMPTY
                    for key, quantity in quantities.items()
                ],
            }
            for name, values in parts.items()
            if values
        ],
    }
