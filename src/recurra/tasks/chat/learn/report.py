"""The report and the model card of a model that chats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurra.report import wording
from recurra.report.page import Section, card, quotes, render_task, table
from recurra.report.wording import Tone

_FIRST = ("perplexity", "right_choice", "accuracy", "distinct_1", "distinct_2")

_USE = (
    "```sh\nrecurra chat .\n```\n\n```python\nimport recurra\n\n"
    'model = recurra.load(".")\nmodel.reply(["Hello!", "Hi, how are you?", "Fine. And you?"], seed=1)\n```'
)

ENOUGH = 50
"""Replies on which a verdict may rest; an interval of fewer is hardly one."""


def chat_page(metrics: Mapping[str, Any]) -> str:
    """Return the report as HTML, from the content of metrics.json and `examples` in it."""
    verdict, tone = _verdict(metrics)
    sections = [
        Section("Does it heed what was said?", _heeding(metrics), _HEEDING),
        Section("How varied its replies are", _variety(metrics), _VARIETY),
    ]
    if metrics.get("examples"):
        sections.append(
            Section(
                "What it replies",
                quotes(
                    [
                        (
                            [("people replied", one["reference"]), ("likeliest reply", one["likeliest"])],
                            "\n".join([*(f"– {turn}" for turn in one["turns"]), f"➜ {one['drawn']}"]),
                        )
                        for one in metrics["examples"]
                    ]
                ),
                "Held-out dialogues drawn at random: the turns that it read, and after the arrow a reply that it drew.",
            )
        )
    return render_task(
        metrics,
        title=_title(metrics),
        verdict=verdict,
        tone=tone,
        sections=sections,
        reasons=_reasons(metrics),
        cautions=_cautions(metrics),
        first=_FIRST,
    )


def chat_card(metrics: Mapping[str, Any]) -> str:
    """Return README.md in Markdown."""
    return card(
        metrics,
        title=_title(metrics),
        verdict=_verdict(metrics)[0],
        use=_USE,
        reasons=_reasons(metrics),
        cautions=_cautions(metrics),
        first=_FIRST,
    )


_HEEDING = (
    "Perplexity given the turns of the reply's own dialogue, and of another one: the difference is what it makes of "
    "what was said. Right of ten: how often it finds the reply that was given among ten. Dialogues that nearly repeat "
    "one in training flatter whoever remembers by heart; read the row without them."
)

_VARIETY = (
    "The share of words, and of pairs of words, that are not repetitions, over as many replies to the same turns. The "
    "likeliest reply is often the same for many turns; drawing replies brings variety at the price of sense."
)


def _heeding(metrics: Mapping[str, Any]) -> Any:
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    rows = [("All held-out replies", test, baseline)]
    if test.get("apart") and test["apart"].get("rows") != test.get("rows"):
        rows.append(("Of dialogues unlike those in training", test["apart"], baseline.get("apart") or {}))
    return table(
        ["", "Replies", "Perplexity", "Of another", "Right of ten", "Baseline's", "BLEU, drawn", "Baseline's"],
        [
            [
                name,
                wording.number(own.get("rows"), 0),
                wording.number(own.get("perplexity"), 1),
                wording.number(own.get("perplexity_of_another_context"), 1),
                wording.percent(own.get("right_choice")),
                wording.percent(other.get("right_choice")),
                wording.number(own.get("bleu"), 1),
                wording.number(other.get("bleu"), 1),
            ]
            for name, own, other in rows
        ],
        numbers=7,
    )


def _variety(metrics: Mapping[str, Any]) -> Any:
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    rows = [
        ("Drawn replies", test),
        ("Likeliest replies (beam search)", test.get("likeliest") or {}),
        (baseline.get("name") or "Baseline", baseline),
        ("People", metrics.get("people") or {}),
    ]
    return table(
        ["Replies", "Distinct words", "Distinct pairs", "Words a reply", "BLEU"],
        [
            [
                name,
                wording.percent(found.get("distinct_1")),
                wording.percent(found.get("distinct_2")),
                wording.number(found.get("mean_words"), 1),
                wording.number(found.get("bleu"), 1) if found.get("bleu") is not None else "",
            ]
            for name, found in rows
            if found
        ],
        numbers=4,
    )


def _title(metrics: Mapping[str, Any]) -> str:
    return f"{(metrics.get('data') or {}).get('name') or 'Dialogues'}: chat"


def _verdict(metrics: Mapping[str, Any]) -> tuple[str, Tone]:
    judged = _judged(metrics)
    if judged.get("perplexity") is None or judged.get("right_choice") is None:
        return "It was not judged.", "even"
    if min(judged["context_gain_ci95"][0], judged["right_choice_ci95"][0] - 1 / judged["choices"]) > 0:
        return (
            "It replies to what was said, in the manner of its dialogues; it knows nothing and does not understand.",
            "even",
        )
    return "It hardly heeds what was said: its replies would suit any other turn as well.", "bad"


def _judged(metrics: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the scores that say most: those of dialogues unlike the ones in training, where there are enough."""
    test = metrics.get("test") or {}
    apart: Mapping[str, Any] = test.get("apart") or {}
    return apart if apart.get("right_choice") is not None and apart.get("replies", 0) >= ENOUGH else test


def _reasons(metrics: Mapping[str, Any]) -> list[str]:
    judged, test = _judged(metrics), metrics.get("test") or {}
    if judged.get("perplexity") is None:
        return []
    reasons = [
        f"At each piece of a reply by people it hesitates as if among {judged['perplexity']:.0f} equally likely ones."
    ]
    if judged.get("perplexity_of_another_context") is not None:
        reasons.append(
            f"Given the turns of another dialogue instead, it hesitates among "
            f"{judged['perplexity_of_another_context']:.0f}: the difference is what it makes of what was said."
        )
    if judged.get("right_choice") is not None:
        baseline = metrics.get("baseline") or {}
        other = (baseline if judged is test else baseline.get("apart") or {}).get("right_choice")
        beside = "" if other is None else f", and the likeness to what was replied to the nearest turn {other:.0%}"
        reasons.append(
            f"Among {judged['choices']} replies it finds the one that was given {judged['right_choice']:.0%} of the "
            f"time; chance finds {1 / judged['choices']:.0%}{beside}."
        )
    if judged is not test and judged["rows"] < test["rows"]:
        reasons.append(
            f"These figures leave out {test['rows'] - judged['rows']:,} of {test['rows']:,} held-out replies, whose "
            "dialogues are nearly ones that training has seen."
        )
    return reasons


def _cautions(metrics: Mapping[str, Any]) -> list[str]:
    context = (metrics.get("config") or {}).get("context")
    return [
        "What it says is not true or false: it writes what is likely after such turns. Never let it advise, promise or "
        "decide.",
        f"It reads the last {context or 'few'} turns and forgets the rest, its own name included.",
        "There are many good replies to a turn, so likeness to the one that people gave (BLEU) says little; read the "
        "examples.",
        "It repeats the manners of its dialogues, bad ones included.",
    ]
