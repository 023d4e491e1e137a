"""The report and the model card of a tagger: spans, known and unknown words, tags and mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from recurra.report import card, page, wording
from recurra.report.blocks import boxed, quotes, table
from recurra.report.page import ReportPage, Section
from recurra.report.quantity import CROSS_ENTROPY, Quantity
from recurra.report.verdict import FEW_ROWS, SIGNIFICANT, Verdict

MOST_LABELS = 100
"""Labels that a table holds, the commonest first."""
MOST_WORDS = 80
"""Words of a sentence with mistakes that are shown."""

QUANTITIES: dict[str, Quantity] = {
    "f1": Quantity("Span F1", "Precision and recall of spans in one number.", higher_is_better=True, share=True),
    "accuracy": Quantity("Accuracy", "The share of the words tagged right.", higher_is_better=True, share=True),
    "precision": Quantity(
        "Span precision", "Of the spans it marked, the share that is right.", higher_is_better=True, share=True
    ),
    "recall": Quantity(
        "Span recall", "Of the spans there were, the share that it found.", higher_is_better=True, share=True
    ),
    "macro_f1": Quantity(
        "Macro F1", "F1 of each tag, averaged, so that rare ones count as much.", higher_is_better=True, share=True
    ),
    "exact_match": Quantity(
        "Whole sentences", "The share of the sentences with every word tagged right.", higher_is_better=True, share=True
    ),
}

_USE = (
    '```python\nimport recurra\n\ntagger = recurra.load(".")\ntagger.tag([["Some", "words"]])\n```\n\n'
    "```sh\nrecurra predict . --input untagged.conllu --output tagged.conllu\n```\n\n"
    "No training framework is needed: it runs on ONNX Runtime."
)


def render(metrics: Mapping[str, Any]) -> str:
    """Return the report as HTML, from the content of metrics.json."""
    return page.render(metrics, report_page(metrics))


def model_card(metrics: Mapping[str, Any]) -> str:
    """Return the model card in Markdown, from the content of metrics.json."""
    return card.model_card(metrics, report_page(metrics), use=_USE)


def report_page(metrics: Mapping[str, Any]) -> ReportPage:
    """Return what a tagger adds to the report and the card that all tasks share."""
    return ReportPage(
        title=f"{wording.shortened((metrics.get('data') or {}).get('name') or 'sentences', 60)} tagger",
        row="sentence",
        rows="sentences",
        verdict=_verdict(metrics),
        quantities=QUANTITIES,
        intervals="Whole sentences have Wilson's interval, the others bootstrap intervals over sentences.",
        loss=CROSS_ENTROPY,
        sections=_sections(metrics),
    )


def _verdict(metrics: Mapping[str, Any]) -> Verdict:
    paired = metrics.get("paired")
    reasons, cautions = tuple(_reasons(metrics)), tuple(_cautions(metrics))
    if (metrics.get("test") or {}).get("accuracy") is None:
        return Verdict("even", "Not evaluated yet.", reasons, cautions)
    if not paired:
        return Verdict(
            "even", "Evaluated on held-out sentences, without a baseline to compare it with.", reasons, cautions
        )
    if paired["p_value"] >= SIGNIFICANT:
        headline = "It is not clearly better than the most frequent tag of each word."
        return Verdict("even", headline, reasons, cautions)
    if paired["difference"] < 0:
        return Verdict("bad", "No: the most frequent tag of each word is right more often.", reasons, cautions)
    return Verdict("good", "Yes: it is right more often than the most frequent tag of each word.", reasons, cautions)


def _reasons(metrics: Mapping[str, Any]) -> list[str]:
    test, paired = metrics.get("test") or {}, metrics.get("paired")
    if test.get("accuracy") is None:
        return []
    reasons = [
        f"It tagged {wording.percent(test['accuracy'])} of {wording.count(test['words'], 'word')} right, in "
        f"{wording.count(test['rows'], 'sentence')} that it had never seen."
    ]
    if paired:
        reasons.append(
            f"That is {100 * paired['difference']:+.1f} points compared with the most frequent tag of each word "
            f"({100 * paired['difference_ci95'][0]:+.1f} to {100 * paired['difference_ci95'][1]:+.1f}, "
            f"{wording.probability(paired['p_value'])}, over sentences)."
        )
    unknown = test.get("unknown_words") or {}
    if unknown.get("accuracy") is not None:
        reasons.append(
            f"Of the {wording.count(unknown['words'], 'word')} that it does not know, it tagged "
            f"{wording.percent(unknown['accuracy'])} right."
        )
    return reasons


def _cautions(metrics: Mapping[str, Any]) -> list[str]:
    test, split = metrics.get("test") or {}, metrics.get("split") or {}
    cautions = []
    if unknown := test.get("unknown_tags"):
        cautions.append(
            f"{wording.count(sum(unknown.values()), 'held-out word')} have tags that training did not have, "
            "and count as wrong."
        )
    cautions += [
        finding
        for finding in (metrics.get("hygiene") or {}).get("findings") or []
        if not finding.startswith("In the held-out")
    ]
    unseen = test.get("unseen_sentences") or {}
    if split.get("repeats_of_training_in_test") and unseen.get("accuracy") is not None:
        cautions.append(
            f"Also in training: {wording.count(split['repeats_of_training_in_test'], 'held-out sentence')}; "
            "without them "
            f"it is right in {wording.percent(unseen['accuracy'])}."
        )
    if (test.get("rows") or 1_000) < FEW_ROWS:
        cautions.append("There are few held-out sentences: the intervals are wide, and small differences mean nothing.")
    return cautions


def _sections(metrics: Mapping[str, Any]) -> list[Section]:
    test = metrics.get("test") or {}
    sections = []
    if test.get("per_span"):
        sections.append(
            Section(
                "Spans", boxed(_labels(test["per_span"])), "A span counts where its kind and both its ends are right."
            )
        )
    if test.get("known_words"):
        sections.append(
            Section(
                "Words known and unknown",
                boxed(_known(test)),
                "A word that was too rare in training is tagged by its spelling and the words around it.",
            )
        )
    if test.get("per_class"):
        mixed = test.get("mix_ups") or []
        rows = [[pair["truth"], pair["predicted"], wording.count(pair["count"])] for pair in mixed]
        bodies = [_labels(test["per_class"])]
        if rows:
            bodies.append(table(["true tag", "predicted", "words"], rows, "Commonest mix-ups", numbers=1))
        sections.append(Section("Tags", boxed(*bodies), "Precision and recall of each tag, the commonest first."))
    if metrics.get("mistakes"):
        sections.append(
            Section(
                "Sentences with the most mistakes",
                quotes([_mistake(sentence) for sentence in metrics["mistakes"]]),
                "Each wrong word with its true tag and, after the arrow, the predicted one.",
            )
        )
    return sections


def _labels(per_label: list[dict[str, Any]]) -> Markup:
    """Return a table of labels, the commonest first."""
    ordered = sorted(per_label, key=lambda row: -row["support"])[:MOST_LABELS]
    rows = [
        [
            row["label"],
            wording.count(row["support"]),
            *(wording.percent(row[name]) for name in ("precision", "recall", "f1")),
        ]
        for row in ordered
    ]
    return table(["label", "number", "precision", "recall", "F1"], rows, numbers=4)


def _known(test: Mapping[str, Any]) -> Markup:
    rows = [
        [
            name,
            wording.count(part["words"]),
            wording.percent(part["accuracy"]),
            wording.percent_interval(part["accuracy_ci95"]),
        ]
        for name, part in (("known", test["known_words"]), ("unknown", test["unknown_words"]))
    ]
    return table(["words", "number", "accuracy", "95 % interval"], rows, numbers=3)


def _mistake(sentence: Mapping[str, Any]) -> tuple[list[tuple[str, str]], str]:
    wrong = {item["place"]: item for item in sentence["wrong"]}
    words = sentence["words"]
    shown = [
        f"{word}[{wrong[index]['truth']} → {wrong[index]['predicted']}]" if index in wrong else word
        for index, word in enumerate(words[:MOST_WORDS])
    ]
    more = " …" if len(words) > MOST_WORDS else ""
    return [("mistakes", str(len(wrong))), ("words", str(len(words)))], " ".join(shown) + more
