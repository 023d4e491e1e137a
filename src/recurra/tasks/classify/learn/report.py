"""The report of a classifier: calibration, accuracy by length, confusions, confident mistakes and data quality."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from recurra.evaluation.classification import METRICS
from recurra.evaluation.ordinal import METRICS as OF_ORDER
from recurra.many_to_one.ensemble_facts import advice, gain_in_words
from recurra.many_to_one.learn.continued_report import before_and_after
from recurra.many_to_one.learn.feature_section import feature_section
from recurra.many_to_one.learn.slice_sections import slice_sections
from recurra.many_to_one.unlabelled_facts import unlabelled_sentences
from recurra.report import page, wording
from recurra.report.blocks import bullets, table, tiles
from recurra.report.charts import Bar, interval_chart
from recurra.report.classes import DENSE, class_sections, css
from recurra.report.coverage_chart import coverage_chart
from recurra.report.page import ReportPage, Section
from recurra.report.quantity import CROSS_ENTROPY, Quantity
from recurra.report.reliability_chart import reliability_chart
from recurra.report.template import template
from recurra.tasks.classify.decision_facts import decision_sentences
from recurra.tasks.classify.learn.verdict import majority_share, verdict

MISTAKE_CHARACTERS = 600
MISTAKES = 5
"""Confident mistakes that are shown; the others are folded."""

_BREAKS = re.compile(r"(?i)<br\s*/?>")  # shown as line breaks: reviews are full of them
_SHARES = ("accuracy", "macro_f1", "adjacent_accuracy")

QUANTITIES: dict[str, Quantity] = {
    name: Quantity(metric.title, metric.meaning, metric.higher_is_better, share=name in _SHARES)
    for name, metric in {**METRICS, **OF_ORDER}.items()
} | {"label_error": Quantity("Label error", "By how much the numbers that the labels are differ, on average.", False)}


def render(metrics: Mapping[str, Any]) -> str:
    """Return the report as HTML.

    metrics: the content of metrics.json, and `mistakes`: a list of {row, text, truth, predicted, probability}, where
    truth and predicted are class names or class indexes. Every part may be missing or None.
    """
    return page.render(metrics, report_page(metrics))


def report_page(metrics: Mapping[str, Any]) -> ReportPage:
    """Return what a classifier adds to the report and the card that all tasks share."""
    labels = [str(label) for label in metrics.get("labels") or []]
    majority = majority_share(metrics)
    return ReportPage(
        title=f"{wording.shortened((metrics.get('data') or {}).get('name') or 'text', 60)} classifier",
        details=[wording.count(len(labels), "class", "classes")] if labels else [],
        verdict=verdict(metrics),
        quantities=QUANTITIES,
        simpler=[] if majority is None else [Bar("Always the commonest class", majority)],
        intervals="Accuracy has Wilson's interval, the others bootstrap intervals.",
        loss=CROSS_ENTROPY,
        sections=[section for section in _sections(metrics, labels) if section.body],
        css=css() + files("recurra.tasks.classify.learn").joinpath("report.css").read_text(encoding="utf-8"),
    )


def _sections(metrics: Mapping[str, Any], labels: Sequence[str]) -> list[Section]:
    """Return the sections; the body of one is empty where the metrics hold nothing for it."""
    test = metrics.get("test") or {}
    parts: Any = template("recurra.tasks.classify.learn", "sections.html.j2").module  # its macros
    empty = Markup("")
    reliability, slices = reliability_chart(test.get("reliability") or []), _slices(test)
    labels = labels or [str(k) for k in range(len(test.get("confusion") or []))]
    mistakes = [_mistake(mistake, labels) for mistake in metrics.get("mistakes") or []]
    return [
        Section(
            "When to trust an answer",
            parts.trust(reliability, test.get("ece"), metrics.get("temperature"), slices)
            if reliability or slices
            else empty,
            "Whether its confidence can be taken at its word, and whether long texts are harder than short ones.",
        ),
        Section(
            "When it should not answer",
            _answers(metrics),
            "Each answer has a probability. If those below some probability are withheld, fewer rows are answered, and "
            "more of the answers are right. A model that is trained with --abstain withholds them itself.",
        ),
        Section(
            "How far it is off",
            _off(metrics) or empty,
            "The classes have an order. By how many steps of it answers are off, beside those of a ridge regression on "
            "the places of the classes, rounded.",
        ),
        *slice_sections(test, QUANTITIES),
        Section(
            "What its parts are worth",
            _parts(metrics, parts) or empty,
            "The model adds the logits of a recurrent network and those of a linear model of n-grams. Each was trained "
            "beside the other, so that neither is at its best alone; the table shows what each brings.",
        ),
        Section(
            "What its members are worth",
            _members(metrics) or empty,
            "The model is the mean of networks that differ by their seed alone. Each row is one of them as the model "
            "that it would be without the others; the learning curves are those of the first.",
        ),
        Section(
            "Unlabelled texts",
            bullets(taught) if (taught := unlabelled_sentences(metrics)) else empty,
            "A teacher was trained on the labelled rows, and answered the unlabelled texts. The model learnt from the "
            "labels of the former and from the teacher's probabilities for the latter.",
        ),
        before_and_after(metrics),
        *class_sections(test, labels),
        Section(
            "Confident mistakes",
            parts.mistakes(mistakes, MISTAKES) if mistakes else empty,
            "The held-out rows it was most confident about and got wrong. Some are hard, some are mislabelled; they "
            "show what it looks at.",
        ),
        Section(
            "How the baseline was chosen",
            parts.baseline(tried, metrics["baseline"])
            if (tried := (metrics.get("baseline") or {}).get("grid"))
            else empty,
            "Each was trained on the training rows and judged on the validation rows; the best then had both. C is "
            "that of the logistic regression: the smaller, the stronger its penalty on large weights.",
        ),
        feature_section(metrics),
        Section(
            "Data quality",
            _data_quality(metrics.get("hygiene") or {}, parts),
            "Checked before training: repeats that could leak from training to test, contradictions, and text that was "
            "lost.",
        ),
    ]


def _data_quality(hygiene: Mapping[str, Any], parts: Any) -> Markup:
    """Return the findings, the counts and the classes of the data, as far as they are there."""
    findings, counts, classes = hygiene.get("findings") or [], _tiles(hygiene), _class_counts(hygiene)
    body = bullets(findings) if findings else Markup("")
    body += tiles(counts) if counts else Markup("")
    return body + (parts.class_counts(classes) if classes else Markup(""))


def _answers(metrics: Mapping[str, Any]) -> Markup:
    """Return how labels are chosen, and what withholding answers brings; nothing without held-out rows."""
    drawn = coverage_chart((metrics.get("test") or {}).get("abstention"))
    told = decision_sentences(metrics)
    body = bullets(told) if told else Markup("")
    return body + (Markup('<div class="pair"><div class="card">{}</div></div>').format(drawn) if drawn else Markup(""))


def _off(metrics: Mapping[str, Any]) -> Markup | None:
    """Return steps off, adjacent accuracy and kappa of the model and of a rounded ridge regression; None where classes
    have no order."""
    test, ridge = metrics.get("test") or {}, metrics.get("ridge")
    if "steps_off" not in test:
        return None
    names = [name for name in (*OF_ORDER, "label_error") if test.get(name) is not None]
    rows = [
        [
            QUANTITIES[name].title,
            QUANTITIES[name].show(test[name]),
            QUANTITIES[name].show_interval(test[f"{name}_ci95"]),
        ]
        for name in names
    ]
    body = table(["measure", "value", "95 % interval"], rows, numbers=2)
    if not ridge:
        return body
    paired = ridge["paired"]
    return body + bullets(
        [
            f"{ridge['name']}: {ridge['steps_off']:.3f} steps off, {wording.percent(ridge['accuracy'])} right. The "
            f"model less it: {paired['difference']:+.3f} steps ({wording.probability(paired['p_value'])})."
        ]
    )


def _parts(metrics: Mapping[str, Any], macros: Any) -> Markup | None:
    """Return the accuracy of the network and the n-grams alone beside that of both; None for a network alone."""
    parts, test = metrics.get("parts"), metrics.get("test")
    if not parts or not test:
        return None
    rows = [{"name": "Both", **test, "paired": None}]
    rows += [{"name": name, **parts[key]} for key, name in (("network", "Network alone"), ("ngrams", "N-grams alone"))]
    table: Markup = macros.parts(rows)
    return table


def _members(metrics: Mapping[str, Any]) -> Markup | None:
    """Return the accuracy of each member of an ensemble, and what all gain over one; None without held-out rows."""
    ensemble, test = metrics.get("ensemble"), metrics.get("test")
    if not ensemble or not ensemble["gain"] or not test:
        return None
    told = f"{gain_in_words(ensemble).capitalize()}; {ensemble['gain']['test']}. {advice(ensemble)}"
    rows: list[tuple[str, Mapping[str, Any], Mapping[str, Any]]] = [("All together", test, metrics.get("valid") or {})]
    rows += [(f"Seed {member['seed']}", member, member["valid"]) for member in ensemble["members"]]
    cells = [
        [
            name,
            wording.percent(scores["accuracy"]),
            wording.percent_interval(scores["accuracy_ci95"]),
            wording.percent(valid["accuracy"]),
            f"{valid['log_loss']:.3f}",
        ]
        for name, scores, valid in rows
        if valid
    ]
    columns = ["network", "accuracy", "95 % interval", "validation accuracy", "validation log loss"]
    return bullets([told]) + table(columns, cells, numbers=4)


def _slices(test: Mapping[str, Any]) -> Markup | None:
    """Return accuracy by length, and of truncated rows, as a chart; None without slices."""
    by_feature = test.get("slices") or {}
    truncated = by_feature.get("truncated") or []
    slices = [*(by_feature.get("length") or []), *(truncated if len(truncated) > 1 else [])]
    if not slices:
        return None
    bars = [
        Bar(part["name"], part["accuracy"], part.get("accuracy_ci95"), "valid", wording.count(part["rows"], "row"))
        for part in slices
    ]
    return interval_chart("Accuracy by length", bars, QUANTITIES["accuracy"], test.get("accuracy"), "all rows")


def _mistake(mistake: Mapping[str, Any], labels: Sequence[str]) -> dict[str, Any]:
    """Return a mistake with its class names and its text cut to a readable length."""

    def name(label: object) -> str:
        return labels[label] if isinstance(label, int) and not isinstance(label, bool) else str(label)

    text = wording.shortened(_BREAKS.sub("\n", mistake.get("text") or "") or "(no text)", MISTAKE_CHARACTERS)
    return {**mistake, "truth": name(mistake["truth"]), "predicted": name(mistake["predicted"]), "text": text}


def _tiles(hygiene: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the counts of the data quality check: name and value."""
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
    counts = [(name, wording.count(value)) for name, value in whole if value is not None]
    if tokens.get("unknown_rate") is not None:
        counts.append(("tokens outside the vocabulary", wording.percent(tokens["unknown_rate"])))
    return counts


def _class_counts(hygiene: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return how many rows each class has, commonest first; nothing where there are too many classes to list."""
    classes = hygiene.get("classes") or {}
    total = sum(classes.values())
    if not total or len(classes) > DENSE:
        return []
    by_count = sorted(classes.items(), key=lambda item: -item[1])
    return [{"label": label, "count": number, "share": number / total} for label, number in by_count]
