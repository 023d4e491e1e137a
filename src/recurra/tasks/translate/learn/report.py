"""The report and the model card of a translator: examples, and what it attended to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurra.report import card, page
from recurra.report.blocks import boxed, quotes
from recurra.report.page import ReportPage, Section
from recurra.report.quantity import CROSS_ENTROPY, Quantity
from recurra.report.verdict import Verdict
from recurra.report.wording import shortened
from recurra.seq2seq.learn.quantities import ACCURACY, BLEU, CHRF, NATS_PER_TOKEN, PERPLEXITY
from recurra.tasks.translate.learn.attention_map import CSS, attention_map

QUANTITIES: dict[str, Quantity] = {
    "bleu": BLEU,
    "chrf": CHRF,
    "perplexity": PERPLEXITY,
    "accuracy": ACCURACY,
    "exact_match": Quantity(
        "Exact", "The share of the translations that equal the reference.", higher_is_better=True, share=True
    ),
    "nats_per_token": NATS_PER_TOKEN,
}

_USE = (
    '```python\nimport recurra\n\nmodel = recurra.load(".")\nmodel.translate(["some text"])\n'
    'model.align("some text")  # which words each word was written from\n```\n\n'
    '```sh\nrecurra predict . "some text"\n```\n\nNo training framework is needed: it runs on ONNX Runtime.'
)


def render(metrics: Mapping[str, Any]) -> str:
    """Return the report as HTML, from the content of metrics.json and `examples` and `attention` beside it."""
    return page.render(metrics, report_page(metrics))


def model_card(metrics: Mapping[str, Any]) -> str:
    """Return README.md in Markdown."""
    return card.model_card(metrics, report_page(metrics), use=_USE)


def report_page(metrics: Mapping[str, Any]) -> ReportPage:
    """Return what a translator adds to the report and the card that all tasks share."""
    return ReportPage(
        title=f"{shortened((metrics.get('data') or {}).get('name') or 'text', 60)} translator",
        row="text",
        rows="texts",
        verdict=_verdict(metrics),
        quantities=QUANTITIES,
        intervals=_intervals(metrics.get("test") or {}),
        loss=CROSS_ENTROPY,
        sections=_sections(metrics),
        css=CSS,
    )


def _intervals(test: Mapping[str, Any]) -> str:
    if test.get("bleu_ci95", ()) is None:
        return "Exact has Wilson's interval; one text is too few for the others."
    return "Exact has Wilson's interval, the others bootstrap intervals."


def _sections(metrics: Mapping[str, Any]) -> list[Section]:
    sections = []
    if metrics.get("examples"):
        examples = [
            ([("source", example["source"]), ("reference", example["reference"])], example["written"])
            for example in metrics["examples"]
        ]
        lead = "Held-out texts drawn at random, each with its reference translation and, below, the model's own."
        sections.append(Section("Translations", quotes(examples), lead))
    if metrics.get("attention"):
        maps = [attention_map(drawn["source"], drawn["target"], drawn["weights"]) for drawn in metrics["attention"]]
        lead = (
            "Down: the words that it wrote. Across: the words of the source. The darker, the more attention. "
            "Attention shows what was read, not what was used."
        )
        sections.append(Section("Attention", boxed(*maps), lead))
    return sections


def _verdict(metrics: Mapping[str, Any]) -> Verdict:
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    reasons, cautions = tuple(_reasons(test, baseline)), tuple(_cautions(test))
    if test.get("bleu") is None:
        return Verdict("even", "Not evaluated yet.", reasons, cautions)
    score = f"BLEU {test['bleu']:.1f} of 100"
    if baseline.get("bleu") is None:
        return Verdict("even", f"{score} on held-out texts, without a baseline to compare it with.", reasons, cautions)
    if test["bleu_ci95"] is None or baseline["bleu_ci95"] is None:
        headline = f"{score}, but one held-out text is too few to judge by: hold out more with --test."
        return Verdict("even", headline, reasons, cautions)
    low, high = test["bleu_ci95"]
    if low > baseline["bleu_ci95"][1]:
        headline = f"{score} on held-out texts: it translates better than a word-for-word dictionary."
        return Verdict("good", headline, reasons, cautions)
    if high < baseline["bleu_ci95"][0]:
        headline = f"{score}: a word-for-word dictionary translates better. Do not use it."
        return Verdict("bad", headline, reasons, cautions)
    return Verdict("even", f"{score}: it is not clearly better than a word-for-word dictionary.", reasons, cautions)


def _reasons(test: Mapping[str, Any], baseline: Mapping[str, Any]) -> list[str]:
    reasons = []
    if test.get("bleu") is not None and baseline.get("bleu") is not None:
        reasons.append(
            f"The dictionary, estimated from the same pairs, reaches BLEU {baseline['bleu']:.1f} on the same texts."
        )
    if test.get("perplexity") is not None:
        reasons.append(
            f"At each token of a reference it is as uncertain as among {test['perplexity']:.1f} equally likely ones."
        )
    return reasons


def _cautions(test: Mapping[str, Any]) -> list[str]:
    cautions = [
        "BLEU compares with one reference translation; a good translation in other words scores low. Scores on "
        "different texts or languages cannot be compared."
    ]
    ratio = test.get("length_ratio")
    if ratio is not None and not 0.9 <= ratio <= 1.1:
        cautions.append(
            f"Its translations are {'shorter' if ratio < 1 else 'longer'} than the references, {ratio:.2f} times their "
            "length: try another --length-penalty."
        )
    if test.get("unended"):
        cautions.append(f"{test['unended']:,} translations did not come to an end within --max-tokens.")
    cautions.append("It has read nothing but its training texts: names, numbers and subjects beyond them go wrong.")
    return cautions
