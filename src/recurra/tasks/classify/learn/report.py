"""The report: one self-contained page made from the content of metrics.json alone.

It loads nothing and runs no script; user text is escaped by the template, and a content policy in the page forbids
both anyway. Any part of the metrics may be missing: its section is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from recurra.report import wording
from recurra.report.charts import Bar, interval_chart, learning_curve, reliability_chart
from recurra.report.template import facts, network_words, template
from recurra.tasks.classify.metrics import METRICS

if TYPE_CHECKING:
    pass

MISTAKE_CHARACTERS = 600
_BREAKS = re.compile(r"(?i)<br\s*/?>")  # shown as line breaks: reviews are full of them
SMALL = 4
"""Up to so many classes the confusion matrix and the classes stand side by side."""
DENSE = 12
"""Above so many classes the confusion matrix is drawn small, with numbered columns."""
TINY = 30
"""Above so many classes its cells are coloured squares; pointing at one tells its number."""
MOST_CLASSES = 100
"""Above so many classes there is no confusion matrix, only the commonest mix-ups."""


def render(metrics: Mapping[str, Any]) -> str:
    """Return the page as HTML.

    Args:
        metrics: the content of metrics.json, and `mistakes`: a list of {row, text, truth, predicted, probability},
            where truth and predicted are class names or class indexes. Every part may be missing or None.

    Needs Jinja2 (the `train` extra).
    """
    test = metrics.get("test") or {}
    labels = [str(label) for label in metrics.get("labels") or []]
    confusion = test.get("confusion") or []
    data = metrics.get("data") or {}
    history = metrics.get("history") or []
    curves = [learning_curve(history, quantity) for quantity in ("accuracy", "loss")]
    per_class = test.get("per_class") or []
    page = template("recurra.tasks.classify.learn", "report.html.j2").render(
        css=Markup(files("recurra.report").joinpath("page.css").read_text(encoding="utf-8")),
        title=f"{wording.shortened(data.get('name') or 'Model', 60)}: Recurra report",
        verdict=wording.verdict(metrics),
        labels=labels,
        data=data,
        network=network_words(metrics.get("config") or {}),
        test=test if test.get("accuracy") is not None else None,
        temperature=metrics.get("temperature"),
        opponents=_opponents(metrics),
        curves=[curve for curve in curves if curve],
        reliability=reliability_chart(test.get("reliability") or []),
        slices=_slices(test),
        matrix=_matrix(confusion) if 0 < len(confusion) <= MOST_CLASSES else None,
        confusions=_mix_ups(confusion, labels) if len(confusion) > 2 else [],
        per_class=sorted(per_class, key=lambda row: row["f1"]) if len(per_class) > DENSE else per_class,
        mistakes=[_mistake(one, labels) for one in metrics.get("mistakes") or []],
        findings=[wording.clean(finding) for finding in (metrics.get("hygiene") or {}).get("findings") or []],
        tiles=_tiles(metrics),
        class_counts=_class_counts(metrics.get("hygiene") or {}),
        numbers=_numbers(test),
        parts=_parts(metrics),
        command=wording.clean(metrics.get("command") or ""),
        groups=[group for group in facts(metrics) if group["facts"]],
        version=(metrics.get("versions") or {}).get("recurra", ""),
    )
    return wording.clean(page)


def _opponents(metrics: Mapping[str, Any]) -> Markup | None:
    """Return the model, the baseline and the commonest answer on one axis; None where nothing was held out."""
    test, baseline = metrics.get("test") or {}, metrics.get("baseline")
    if test.get("accuracy") is None:
        return None
    bars = [Bar("This model", test["accuracy"], test.get("accuracy_ci95"), "valid")]
    if baseline:
        bars.append(Bar(baseline["name"], baseline["accuracy"], baseline.get("accuracy_ci95"), "baseline"))
    majority = wording.majority_share(metrics)
    if majority is not None:
        bars.append(Bar("Always the commonest answer", majority))
    return interval_chart("Accuracy of the model and of simpler answers", bars)


def _slices(test: Mapping[str, Any]) -> Markup | None:
    """Return accuracy by length, and of truncated rows, as a chart; None without slices."""
    slices = test.get("slices") or {}
    truncated = slices.get("truncated") or []
    chosen = [*(slices.get("length") or []), *(truncated if len(truncated) > 1 else [])]
    if not chosen:
        return None
    bars = [
        Bar(part["name"], part["accuracy"], part.get("accuracy_ci95"), "valid", wording.count(part["rows"], "row"))
        for part in chosen
    ]
    return interval_chart("Accuracy by length", bars, test.get("accuracy"), "all rows")


def _matrix(confusion: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Return the confusion matrix [K, K] as cells with a count, a share of their line, a shade and a class."""
    many = len(confusion)
    floor = 0.4 if many > TINY else 0.2 if many > DENSE else 0.12  # the smaller the cell, the stronger its colour
    rows = []
    for k, line in enumerate(confusion):
        total = sum(line)
        cells = []
        for j, number in enumerate(line):
            share = number / total if total else 0.0
            kinds = ["right"] * (j == k) + ["strong"] * (share > 0.5)
            shade = floor + (0.92 - floor) * share
            cells.append({"count": number, "share": share, "shade": shade, "kind": " ".join(kinds)})
        rows.append(cells)
    size = "dense tiny" if many > TINY else "dense" if many > DENSE else ""
    return {"small": many <= SMALL, "dense": many > DENSE, "tiny": many > TINY, "size": size, "rows": rows}


def _mix_ups(confusion: Sequence[Sequence[int]], labels: Sequence[str], most: int = 12) -> list[dict[str, Any]]:
    """Return the commonest wrong answers: truth, predicted, count."""
    wrong = [(number, k, j) for k, line in enumerate(confusion) for j, number in enumerate(line) if number and j != k]
    wrong.sort(key=lambda item: (-item[0], item[1], item[2]))
    return [{"truth": labels[k], "predicted": labels[j], "count": number} for number, k, j in wrong[:most]]


def _mistake(one: Mapping[str, Any], labels: Sequence[str]) -> dict[str, Any]:
    """Return a mistake with its class names and its text cut to a readable length."""

    def name(label: object) -> str:
        return labels[label] if isinstance(label, int) and not isinstance(label, bool) else str(label)

    text = wording.shortened(_BREAKS.sub("\n", one.get("text") or "") or "(no text)", MISTAKE_CHARACTERS)
    return {**one, "truth": name(one["truth"]), "predicted": name(one["predicted"]), "text": text}


def _tiles(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the hygiene counts to show: name and value."""
    hygiene = metrics.get("hygiene") or {}
    tokens = hygiene.get("tokens") or {}
    whole = (
        ("rows read", hygiene.get("rows")),
        ("exact repeats", hygiene.get("exact_duplicates")),
        ("repeats but for case, space, HTML", hygiene.get("normalised_duplicates")),
        ("texts under two labels", hygiene.get("conflicting_texts")),
        ("empty texts", hygiene.get("empty_texts")),
        ("rows without a label", hygiene.get("missing_labels")),
        ("rows cut to fit", tokens.get("truncated_rows")),
        ("tokens lost by cutting", tokens.get("lost_tokens")),
    )
    tiles = [(name, wording.count(value)) for name, value in whole if value is not None]
    if tokens.get("unknown_rate") is not None:
        tiles.append(("tokens outside the vocabulary", wording.percent(tokens["unknown_rate"])))
    return tiles


def _class_counts(hygiene: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return how many rows each class has, commonest first; nothing where there are too many classes to list."""
    classes = hygiene.get("classes") or {}
    total = sum(classes.values())
    if not total or len(classes) > DENSE:
        return []
    ordered = sorted(classes.items(), key=lambda item: -item[1])
    return [{"label": label, "count": number, "share": number / total} for label, number in ordered]


def _numbers(test: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every metric with its value, interval and meaning."""
    shown = []
    for name, metric in METRICS.items():
        if name not in test:
            continue
        shares = name in ("accuracy", "macro_f1")
        value, interval = test[name], test.get(f"{name}_ci95")
        shown.append(
            {
                "title": metric.title,
                "value": wording.percent(value) if shares else wording.number(value),
                "interval": wording.percent_interval(interval) if shares else wording.number_interval(interval),
                "meaning": metric.meaning,
                "higher": metric.higher_is_better,
            }
        )
    return shown


def _parts(metrics: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return rows, accuracy and log loss of the training, validation and held-out parts."""
    named = (("train", "trained on, up to 5,000 of them"), ("valid", "validation"), ("test", "held out"))
    return [
        {
            "name": name,
            "rows": wording.count(part.get("rows")),
            "accuracy": wording.percent(part.get("accuracy")),
            "log_loss": wording.number(part.get("log_loss")),
        }
        for key, name in named
        if (part := metrics.get(key))
    ]
