"""Report and model card of the tasks that are no classifiers: the common parts, with sections of a task's own.

As in `html.py`, the page is one self-contained file: nothing is loaded, nothing runs, and every text is escaped. Any
part of the metrics may be missing: what would be made of it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

from recurra.report import wording
from recurra.report.card import escaped, made
from recurra.report.charts import Bar, interval_chart, learning_curve
from recurra.report.quantities import Quantity, shown_quantities
from recurra.report.template import facts, network_words, template
from recurra.report.wording import Tone
from recurra.terminal.history import metric_names

__all__ = ["Section", "boxed", "card", "quotes", "render_task", "table"]


@dataclass(frozen=True)
class Section:
    """A part of the page that only one task has.

    Attributes:
        heading: its title, plain text.
        body: its content, escaped already: see `table`, `quotes` and `boxed`.
        lead: a sentence below the heading that says what is to be seen, plain text.
    """

    heading: str
    body: Markup
    lead: str = ""


def render_task(
    metrics: Mapping[str, Any],
    *,
    title: str,
    verdict: str,
    sections: Sequence[Section],
    tone: Tone = "even",
    reasons: Sequence[str] = (),
    cautions: Sequence[str] = (),
    first: Sequence[str] = (),
    unit: str = "row",
) -> str:
    """Return the page as HTML.

    metrics: the content of metrics.json. Scores are those of `metrics["test"]` that `quantities.QUANTITIES` names;
    `metrics["baseline"]` has its own under the same names, and is called by its "name".
    title: what the model is, such as "input.txt: writer". verdict: the headline, a sentence that answers "can I believe
    it?". tone: good, even or bad. reasons: what it rests on. cautions: what to keep in mind. first: the names of the
    scores to show before the others; the very first is drawn large, with the baseline beside it. unit: what
    `metrics["test"]["rows"]` counts.

    Needs Jinja2 (the `train` extra).
    """
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    history = metrics.get("history") or []
    shown = shown_quantities(test, first)
    curves = [learning_curve(history, quantity) for quantity in ("loss", *metric_names(history))]
    page = template("recurra.report", "page.html.j2").render(
        css=Markup(files("recurra.report").joinpath("page.css").read_text(encoding="utf-8")),
        title=wording.clean(title),
        task=metrics.get("task") or "",
        network=network_words(metrics.get("config") or {}),
        tone=tone,
        verdict=wording.clean(verdict),
        reasons=[wording.clean(reason) for reason in reasons],
        cautions=[wording.clean(caution) for caution in cautions],
        lead=_lead(test, *shown[0], unit) if shown else None,
        opponents=_opponents(test, baseline, *shown[0]) if shown else None,
        curves=[curve for curve in curves if curve],
        sections=sections,
        numbers=[_row(test, baseline, name, quantity) for name, quantity in shown],
        baseline=baseline.get("name") or "",
        command=wording.clean(metrics.get("command") or ""),
        groups=[group for group in facts(metrics) if group["facts"]],
        version=(metrics.get("versions") or {}).get("recurra", ""),
    )
    return wording.clean(page)


def card(
    metrics: Mapping[str, Any],
    *,
    title: str,
    verdict: str,
    use: str,
    reasons: Sequence[str] = (),
    cautions: Sequence[str] = (),
    first: Sequence[str] = (),
    unit: str = "row",
) -> str:
    """Return the model card, README.md, in Markdown.

    use: how the model is used, in Markdown that is written as it stands: no user text in it. The rest as in
    `render_task`.
    """
    parts = [f"# {escaped(title)}", f"**{escaped(verdict, 600)}**"]
    parts.append("\n".join(f"- {escaped(sentence, 600)}" for sentence in (*reasons, *cautions)))
    parts += ["## Use", f"{use}\n\nNo training framework is needed: it runs on ONNX Runtime."]
    measured = _markdown_table(metrics, first, unit)
    parts += ["## Measured", measured] if measured else []
    parts += ["## Made from", made(metrics)]
    parts.append("`report.html` shows all of this with charts, examples and every setting.")
    return wording.clean("\n\n".join(part for part in parts if part) + "\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "", *, numbers: int = 0) -> Markup:
    """Return a table; every cell is escaped unless it is Markup.

    numbers: how many columns at the right hold numbers.
    """
    first_number = len(columns) - numbers
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(_number_class(place >= first_number), wording.clean(column))
        for place, column in enumerate(columns)
    )
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(
                Markup("<td{}>{}</td>").format(_number_class(place >= first_number), _cell(cell))
                for place, cell in enumerate(row)
            )
        )
        for row in rows
    )
    above = Markup("<caption>{}</caption>").format(wording.clean(caption)) if caption else Markup("")
    return Markup(
        '<div class="scroll"><table class="plain">{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(above, head, body)


def quotes(items: Sequence[tuple[Sequence[tuple[str, str]], str]]) -> Markup:
    """Return texts one below the other, each under a line of facts.

    items: ([(name, value), ...], text) for each; line breaks in a text are kept.
    """
    cards = Markup("").join(
        Markup('<li class="card"><p class="facts">{}</p><blockquote dir="auto">{}</blockquote></li>').format(
            Markup("").join(
                Markup("<span>{} <b><bdi>{}</bdi></b></span>").format(wording.clean(name), wording.clean(value))
                for name, value in named
            ),
            wording.clean(text),
        )
        for named, text in items
    )
    return Markup('<ol class="mistakes">{}</ol>').format(cards)


def boxed(*bodies: Markup) -> Markup:
    """Return contents in boxes: one over the whole width, several two by two."""
    boxes = Markup("").join(Markup('<div class="card">{}</div>').format(body) for body in bodies)
    return Markup('<div class="{}">{}</div>').format("pair" if len(bodies) > 1 else "alone", boxes)


def _number_class(number: bool) -> Markup:
    return Markup(' class="number"') if number else Markup("")


def _cell(value: object) -> Markup:
    return value if isinstance(value, Markup) else escape(wording.clean(value))


def _lead(test: Mapping[str, Any], name: str, quantity: Quantity, unit: str) -> dict[str, Any]:
    """Return the score that is drawn large."""
    value = test[name]
    rows = test.get("rows")
    return {
        "number": f"{100 * value:.1f}" if quantity.share else quantity.show(value),
        "unit": "%" if quantity.share else "",
        "title": quantity.title,
        "rows": wording.count(rows, f"held-out {unit}") if rows else "",
        "interval": quantity.show_interval(test[f"{name}_ci95"]) if test.get(f"{name}_ci95") else "",
        "higher": quantity.higher_is_better,
    }


def _opponents(test: Mapping[str, Any], baseline: Mapping[str, Any], name: str, quantity: Quantity) -> Markup | None:
    """Return model and baseline on one axis; None without a baseline that has this score."""
    if not isinstance(baseline.get(name), int | float):
        return None
    bars = [
        Bar("This model", test[name], test.get(f"{name}_ci95"), "valid"),
        Bar(str(baseline.get("name") or "Baseline"), baseline[name], baseline.get(f"{name}_ci95"), "baseline"),
    ]
    return interval_chart(f"{quantity.title} of the model and of the baseline", bars, scale=quantity.scale)


def _row(test: Mapping[str, Any], baseline: Mapping[str, Any], name: str, quantity: Quantity) -> dict[str, Any]:
    """Return one score of the model and of the baseline."""
    return {
        "title": quantity.title,
        "value": quantity.show(test[name]),
        "interval": quantity.show_interval(test.get(f"{name}_ci95")),
        "baseline": quantity.show(baseline.get(name)),
        "baseline_interval": quantity.show_interval(baseline.get(f"{name}_ci95")),
        "meaning": quantity.meaning,
        "higher": quantity.higher_is_better,
    }


def _markdown_table(metrics: Mapping[str, Any], first: Sequence[str], unit: str) -> str:
    """Return the scores as a table; nothing where there are none."""
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    shown = shown_quantities(test, first)
    if not shown:
        return ""
    head = ["metric", "value", "95 % interval"]
    if baseline:
        head.append(f"{escaped(baseline.get('name') or 'baseline')} (baseline)")
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    for name, quantity in shown:
        row = _row(test, baseline, name, quantity)
        cells = [row["title"], row["value"], row["interval"], row["baseline"]][: len(head)]
        lines.append(f"| {' | '.join(cells)} |")
    rows = test.get("rows")
    return (f"On {wording.count(rows, f'held-out {unit}')}.\n\n" if rows else "") + "\n".join(lines)
