"""The report of a model that gives several labels: each label by itself, thresholds, mistakes and data quality."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from recurra.evaluation.label_metrics import LABEL_METRICS
from recurra.many_to_one.learn.continued_report import before_and_after
from recurra.many_to_one.learn.feature_section import feature_section
from recurra.many_to_one.learn.slice_sections import slice_sections
from recurra.report import page, wording
from recurra.report.blocks import boxed, bullets, quotes, table, tiles
from recurra.report.page import ReportPage, Section
from recurra.report.quantity import CROSS_ENTROPY, Quantity
from recurra.report.reliability_chart import reliability_chart
from recurra.tasks.multilabel.learn.verdict import verdict

MISTAKE_CHARACTERS = 600
MISTAKES = 10
"""Rows that it is most wrong about that are shown."""
SHOWN = 25
"""Labels that are listed at once, those with the least F1; the others are folded."""
_BREAKS = re.compile(r"(?i)<br\s*/?>")  # shown as line breaks: reviews are full of them

QUANTITIES: dict[str, Quantity] = {
    name: Quantity(metric.title, metric.meaning, metric.higher_is_better, share=metric.share)
    for name, metric in LABEL_METRICS.items()
} | {
    "macro_average_precision": Quantity(
        "Macro average precision",
        "How well rows with a label are ranked above others, whatever its threshold.",
        True,
        share=True,
    )
}


def render(metrics: Mapping[str, Any]) -> str:
    """Return the report as HTML, from the content of metrics.json; every part of it may be missing or None."""
    return page.render(metrics, report_page(metrics))


def report_page(metrics: Mapping[str, Any]) -> ReportPage:
    """Return what such a model adds to the report and the card that all tasks share."""
    labels = metrics.get("labels") or []
    return ReportPage(
        title=f"{wording.shortened((metrics.get('data') or {}).get('name') or 'text', 60)} labels",
        details=[wording.count(len(labels), "label")] if labels else [],
        verdict=verdict(metrics),
        quantities=QUANTITIES,
        intervals="Subset accuracy, precision and recall of one label have Wilson's interval, the others bootstrap "
        "intervals.",
        loss=CROSS_ENTROPY,
        sections=[section for section in _sections(metrics) if section.body],
        css=files("recurra.tasks.multilabel.learn").joinpath("report.css").read_text(encoding="utf-8"),
    )


def _sections(metrics: Mapping[str, Any]) -> list[Section]:
    """Return the sections; the body of one is empty where the metrics hold nothing for it."""
    test, empty = metrics.get("test") or {}, Markup("")
    return [
        Section(
            "Label by label",
            _per_label(test.get("per_label") or []),
            "Precision: the share of the rows given a label that have it. Recall: the share of its rows that are given "
            "it. A label is given where its probability is at least its threshold. The weakest labels come first.",
        ),
        Section(
            "Thresholds",
            _thresholds(metrics),
            "The probability from which a label is given. They were chosen on validation rows, and the held-out rows "
            "had no part in it.",
        ),
        Section(
            "When to trust a probability",
            _reliability(test),
            "Whether a label with a probability of 70 % is there in 70 % of such rows, over all labels.",
        ),
        *slice_sections(test, QUANTITIES),
        Section(
            "What its members are worth",
            _members(metrics),
            "The model is the mean of networks that differ by their seed alone.",
        ),
        Section(
            "What it gets most wrong",
            _mistakes(metrics.get("mistakes") or []),
            "The wrongly labelled held-out rows whose labels surprised it most. Some are hard, some are mislabelled; "
            "they show what it looks at.",
        ),
        before_and_after(metrics),
        Section(
            "How the baseline was chosen",
            _baseline(metrics.get("baseline") or {}) or empty,
            "Each was trained on the training rows, given thresholds by the model's rule on the validation rows and "
            "judged there; the best then had both. C is that of the logistic regressions: the smaller, the stronger "
            "their penalty on large weights.",
        ),
        feature_section(metrics),
        Section(
            "Data quality",
            _data_quality(metrics.get("hygiene") or {}),
            "Checked before training: repeats that could leak from training to test, contradictions, and text that was "
            "lost.",
        ),
    ]


def _per_label(rows: Sequence[Mapping[str, Any]]) -> Markup:
    """Return the table of labels, the weakest first."""
    if not rows:
        return Markup("")
    ordered = sorted(rows, key=lambda row: (-1.0 if row["f1"] is None else row["f1"], -row["support"]))
    shown = boxed(_label_table(ordered[:SHOWN]))
    if len(ordered) <= SHOWN:
        return shown
    rest = Markup("<details><summary>{}</summary>{}</details>").format(
        f"The other {len(ordered) - SHOWN} labels", _label_table(ordered[SHOWN:])
    )
    return shown + rest


def _label_table(rows: Sequence[Mapping[str, Any]]) -> Markup:
    columns = [
        "label",
        "F1",
        "95 % interval",
        "precision",
        "95 % interval",
        "recall",
        "95 % interval",
        "average precision",
        "threshold",
        "rows",
        "given",
    ]
    cells = [
        [
            wording.shortened(row["label"], 80),
            *(
                cell
                for name in ("f1", "precision", "recall")
                for cell in (
                    _share(row[name]),
                    wording.percent_interval(row[f"{name}_ci95"]) if row[f"{name}_ci95"] else "–",
                )
            ),
            _share(row["average_precision"]),
            f"{row['threshold']:.3f}",
            wording.count(row["support"]),
            wording.count(row["predicted"]),
        ]
        for row in rows
    ]
    return table(columns, cells, numbers=10)


def _thresholds(metrics: Mapping[str, Any]) -> Markup:
    """Return the scores with the thresholds of the model and with 0.5, and the rule by which they were chosen."""
    thresholds, test = metrics.get("thresholds"), metrics.get("test") or {}
    half = test.get("at_half")
    if not thresholds or not half:
        return Markup("")
    names = ("micro_f1", "micro_precision", "micro_recall", "macro_f1", "subset_accuracy")
    rows = [
        [what, *(QUANTITIES[name].show(values.get(name)) for name in names)]
        for what, values in (("as they are", test), ("0.5 for all labels", half))
    ]
    return bullets([rule_in_words(thresholds)]) + boxed(
        table(["thresholds", *(QUANTITIES[name].title for name in names)], rows, numbers=len(names))
    )


def rule_in_words(thresholds: Mapping[str, Any]) -> str:
    """Return in a sentence how thresholds came about."""
    values, weight = thresholds["values"], thresholds["weight"]
    if weight is None:
        return f"The threshold of every label is {values[0]:g}."
    if weight == "all":
        return (
            f"The threshold of every label is {values[0]:.3f}, the one with the most F1 over all labels together: "
            "thresholds of their own did not do better on validation rows that they were not chosen on."
        )
    drawn = (
        f"drawn towards the common one of {thresholds['common']:.3f}, which counts as much as {weight:g} rows with "
        "the label"
        if weight
        else "whatever the others have"
    )
    return (
        f"Each label has the threshold with the most F1 of its own, {drawn}. They lie between {min(values):.3f} and "
        f"{max(values):.3f}."
    )


def _reliability(test: Mapping[str, Any]) -> Markup:
    drawn = reliability_chart(test.get("reliability") or [])
    if not drawn:
        return Markup("")
    note = Markup('<p class="small quiet">{}</p>').format(
        "On the dashed line it is; below it the model says too much, above it too little. A dot's size shows how many "
        "yes-or-no answers have about that probability."
    )
    return boxed(drawn + note)


def _members(metrics: Mapping[str, Any]) -> Markup:
    """Return the validation scores of each member of an ensemble."""
    members = (metrics.get("ensemble") or {}).get("members")
    if not members:
        return Markup("")
    rows = [("All together", metrics.get("valid") or {}), *((f"Seed {m['seed']}", m["valid"]) for m in members)]
    cells = [[name, _share(v.get("micro_f1")), wording.number(v.get("log_loss"), 4)] for name, v in rows]
    return boxed(table(["network", "validation micro F1 (threshold 0.5)", "validation log loss"], cells, numbers=2))


def _mistakes(mistakes: Sequence[Mapping[str, Any]]) -> Markup:
    if not mistakes:
        return Markup("")
    return quotes(
        [
            (
                [
                    ("given", _names(mistake["given"])),
                    ("should be", _names(mistake["truth"])),
                    *(
                        (f"{one['label']}:", wording.percent(one["probability"]))
                        for one in (*mistake["missing"], *mistake["wrong"])
                    ),
                    ("row", str(mistake["row"])),
                ],
                wording.shortened(_BREAKS.sub("\n", mistake["text"] or "") or "(no text)", MISTAKE_CHARACTERS),
            )
            for mistake in mistakes[:MISTAKES]
        ]
    )


def _baseline(baseline: Mapping[str, Any]) -> Markup | None:
    tried = baseline.get("grid")
    if not tried:
        return None
    cells = [
        [
            one["name"].replace(" + logistic regression", "")
            + (" (chosen)" if baseline["name"].startswith(one["name"]) and one["c"] == baseline["c"] else ""),
            f"{one['c']:g}",
            wording.percent(one["micro_f1"]),
        ]
        for one in tried
    ]
    return boxed(table(["features", "C", "validation micro F1"], cells, numbers=2))


def _data_quality(hygiene: Mapping[str, Any]) -> Markup:
    """Return the findings and the counts of the data, as far as they are there."""
    tokens = hygiene.get("tokens") or {}
    whole = (
        ("rows read", hygiene.get("rows")),
        ("exact repeats", hygiene.get("exact_duplicates")),
        ("repeats but for case, space, HTML", hygiene.get("normalised_duplicates")),
        ("texts with different labels", hygiene.get("conflicting_texts")),
        ("empty texts", hygiene.get("empty_texts")),
        ("rows of whose labels nothing is said", hygiene.get("missing_labels")),
        ("rows without any label", hygiene.get("none_rows")),
        ("different sets of labels", hygiene.get("label_sets")),
        ("rows cut to fit", tokens.get("truncated_rows")),
        ("tokens lost by cutting", tokens.get("lost_tokens")),
    )
    counts = [(name, wording.count(value)) for name, value in whole if value is not None]
    if tokens.get("unknown_rate") is not None:
        counts.append(("tokens outside the vocabulary", wording.percent(tokens["unknown_rate"])))
    findings = hygiene.get("findings") or []
    return (bullets(findings) if findings else Markup("")) + (tiles(counts) if counts else Markup(""))


def _names(labels: Sequence[str]) -> str:
    return ", ".join(wording.shortened(label, 60) for label in labels) or "none"


def _share(value: float | None) -> str:
    return "–" if value is None else wording.percent(value)
