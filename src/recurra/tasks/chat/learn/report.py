"""The report and the model card of a chat model: whether it uses the context, and how varied its replies are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from recurra.report import card, page, wording
from recurra.report.blocks import boxed, quotes, table
from recurra.report.page import ReportPage, Section
from recurra.report.quantity import CROSS_ENTROPY, Quantity
from recurra.report.verdict import Tone, Verdict
from recurra.seq2seq.learn.quantities import ACCURACY, BLEU, CHRF, NATS_PER_TOKEN, PERPLEXITY

ENOUGH = 50
"""Replies on which a verdict may rest; the interval of fewer is too wide."""

QUANTITIES: dict[str, Quantity] = {
    "perplexity": PERPLEXITY,
    "right_choice": Quantity(
        "Right reply of ten",
        "How often it ranks the true reply above nine of other dialogues.",
        higher_is_better=True,
        share=True,
    ),
    "accuracy": ACCURACY,
    "distinct_1": Quantity(
        "Distinct words", "The share of its words that are not repetitions.", higher_is_better=True, share=True
    ),
    "distinct_2": Quantity(
        "Distinct pairs", "The share of its pairs of words that are not repetitions.", higher_is_better=True, share=True
    ),
    "nats_per_token": NATS_PER_TOKEN,
    "bleu": BLEU,
    "chrf": CHRF,
}

_USE = (
    "```sh\nrecurra chat .\n```\n\n```python\nimport recurra\n\n"
    'model = recurra.load(".")\nmodel.reply(["Hello!", "Hi, how are you?", "Fine. And you?"], seed=1)\n```\n\n'
    "No training framework is needed: it runs on ONNX Runtime."
)

_CONTEXT_LEAD = (
    "Perplexity given the turns of the reply's own dialogue, and given those of another: the difference is what the "
    "context is worth to it. Right of ten: how often it finds the true reply among ten. Dialogues that nearly repeat "
    "one in training flatter a model that has memorised them; see the row without them."
)

_VARIETY_LEAD = (
    "The share of words, and of pairs of words, that are not repetitions, over as many replies to the same turns. The "
    "likeliest reply is often the same for many turns; sampling brings variety at the price of sense."
)


def render(metrics: Mapping[str, Any]) -> str:
    """Return the report as HTML, from the content of metrics.json and `examples` in it."""
    return page.render(metrics, report_page(metrics))


def model_card(metrics: Mapping[str, Any]) -> str:
    """Return README.md in Markdown."""
    return card.model_card(metrics, report_page(metrics), use=_USE)


def report_page(metrics: Mapping[str, Any]) -> ReportPage:
    """Return what a chat model adds to the report and the card that all tasks share."""
    tone, headline = _answer(metrics)
    return ReportPage(
        title=f"{wording.shortened((metrics.get('data') or {}).get('name') or 'dialogues', 60)} chat model",
        row="reply",
        rows="replies",
        verdict=Verdict(tone, headline, tuple(_reasons(metrics)), tuple(_cautions(metrics))),
        quantities=QUANTITIES,
        intervals=_intervals(metrics.get("test") or {}),
        loss=CROSS_ENTROPY,
        sections=_sections(metrics),
    )


def _intervals(test: Mapping[str, Any]) -> str:
    if test.get("perplexity_ci95", ()) is None:
        return "There are too few held-out replies for intervals."
    return "Bootstrap intervals; Wilson's of the right reply where it is always or never found."


def _sections(metrics: Mapping[str, Any]) -> list[Section]:
    sections = []
    if metrics.get("test"):
        sections.append(Section("Does it use the context?", boxed(_context_table(metrics)), _CONTEXT_LEAD))
        sections.append(Section("How varied its replies are", boxed(_variety_table(metrics)), _VARIETY_LEAD))
    if metrics.get("examples"):
        examples = [
            (
                [("true reply", example["reference"]), ("likeliest reply", example["likeliest"])],
                "\n".join([*(f"– {turn}" for turn in example["turns"]), f"➜ {example['drawn']}"]),
            )
            for example in metrics["examples"]
        ]
        lead = (
            "Held-out dialogues drawn at random: the turns that it read and, after the arrow, a reply that it sampled."
        )
        sections.append(Section("Replies", quotes(examples), lead))
    return sections


def _context_table(metrics: Mapping[str, Any]) -> Markup:
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    rows = [("All held-out replies", test, baseline)]
    if test.get("apart") and test["apart"].get("rows") != test.get("rows"):
        rows.append(("Of dialogues unlike those in training", test["apart"], baseline.get("apart") or {}))
    return table(
        ["", "Replies", "Perplexity", "Of another context", "Right of ten", "Baseline", "BLEU, sampled", "Baseline"],
        [
            [
                name,
                wording.number(model.get("rows"), 0),
                wording.number(model.get("perplexity"), 1),
                wording.number(model.get("perplexity_of_another_context"), 1),
                wording.percent(model.get("right_choice")),
                wording.percent(other.get("right_choice")),
                wording.number(model.get("bleu"), 1),
                wording.number(other.get("bleu"), 1),
            ]
            for name, model, other in rows
        ],
        numbers=7,
    )


def _variety_table(metrics: Mapping[str, Any]) -> Markup:
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    rows = [
        ("Sampled replies", test),
        ("Likeliest replies (beam search)", test.get("likeliest") or {}),
        (baseline.get("name") or "Baseline", baseline),
        ("People", metrics.get("people") or {}),
    ]
    return table(
        ["Replies", "Distinct words", "Distinct pairs", "Words per reply", "BLEU"],
        [
            [
                name,
                wording.percent(scores.get("distinct_1")),
                wording.percent(scores.get("distinct_2")),
                wording.number(scores.get("mean_words"), 1),
                wording.number(scores.get("bleu"), 1) if scores.get("bleu") is not None else "",
            ]
            for name, scores in rows
            if scores
        ],
        numbers=4,
    )


def _answer(metrics: Mapping[str, Any]) -> tuple[Tone, str]:
    """Return the tone and the headline."""
    scores = _deciding(metrics)
    if scores.get("perplexity") is None or scores.get("right_choice") is None:
        return "even", "Not evaluated yet."
    gain = scores.get("context_gain_ci95", (math.inf, math.inf))  # none where one dialogue has most of the replies
    right = scores["right_choice_ci95"]
    if gain is None or right is None:
        return (
            "even",
            "There are too few held-out replies to say whether it uses the context: hold out more with --test.",
        )
    if min(gain[0], right[0] - 1 / scores["choices"]) > 0:
        return (
            "even",
            "Its replies fit the context, in the style of its dialogues; it knows nothing and does not understand.",
        )
    return "bad", "It hardly uses the context: its replies would fit any other turn as well."


def _deciding(metrics: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the scores that decide: those of dialogues unlike the ones in training, where there are enough."""
    test = metrics.get("test") or {}
    apart: Mapping[str, Any] = test.get("apart") or {}
    return apart if apart.get("right_choice") is not None and apart.get("replies", 0) >= ENOUGH else test


def _reasons(metrics: Mapping[str, Any]) -> list[str]:
    scores, test = _deciding(metrics), metrics.get("test") or {}
    if scores.get("perplexity") is None:
        return []
    reasons = [
        f"At each token of the true reply it is as uncertain as among {scores['perplexity']:.0f} equally likely ones."
    ]
    if scores.get("perplexity_of_another_context") is not None:
        reasons.append(
            f"Given the turns of another dialogue instead, it is as uncertain as among "
            f"{scores['perplexity_of_another_context']:.0f}: the difference is what the context is worth to it."
        )
    if scores.get("right_choice") is not None:
        baseline = metrics.get("baseline") or {}
        other = (baseline if scores is test else baseline.get("apart") or {}).get("right_choice")
        beside = "" if other is None else f", and the reply to the nearest turn in training {wording.percent(other, 0)}"
        reasons.append(
            f"Among {scores['choices']} replies it finds the true one {wording.percent(scores['right_choice'], 0)} of "
            f"the time; chance finds {wording.percent(1 / scores['choices'], 0)}{beside}."
        )
    if scores is not test and scores["rows"] < test["rows"]:
        reasons.append(
            f"These figures leave out {test['rows'] - scores['rows']:,} of {test['rows']:,} held-out replies: their "
            "dialogues are nearly ones that training has seen."
        )
    return reasons


def _cautions(metrics: Mapping[str, Any]) -> list[str]:
    context = (metrics.get("config") or {}).get("context")
    return [
        "Its replies are neither true nor false: it writes what is likely after such turns. Never let it advise, "
        "promise or decide.",
        f"It reads the last {context or 'few'} turns and forgets the rest, its own name included.",
        "There are many good replies to a turn, so likeness to the true one (BLEU) means little; read the examples.",
        "It repeats the manners of its dialogues, bad ones included.",
    ]
