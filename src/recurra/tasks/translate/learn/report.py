"""The report and the model card of a translator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from recurra.report.page import Section, boxed, card, quotes, render_task
from recurra.report.wording import Tone
from recurra.tasks.translate.learn.attention_map import attention_map

_FIRST = ("bleu", "chrf", "perplexity", "accuracy", "exact_match")

_USE = (
    '```python\nimport recurra\n\nmodel = recurra.load(".")\nmodel.translate(["some text"])\n'
    'model.align("some text")  # which words each word was written from\n```\n\n'
    '```sh\nrecurra predict . "some text"\n```'
)


def translation_page(metrics: Mapping[str, Any]) -> str:
    """Return the report as HTML, from the content of metrics.json and `examples` and `attention` beside it."""
    verdict, tone = _verdict(metrics)
    sections = []
    if metrics.get("examples"):
        sections.append(
            Section(
                "What it writes",
                quotes(
                    [
                        ([("source", one["source"]), ("reference", one["reference"])], one["written"])
                        for one in metrics["examples"]
                    ]
                ),
                "Held-out texts drawn at random, with a translation by people and, below, the model's own.",
            )
        )
    if metrics.get("attention"):
        maps = [attention_map(one["source"], one["target"], one["weights"]) for one in metrics["attention"]]
        sections.append(
            Section(
                "What it read for each word",
                boxed(*maps) if maps else Markup(""),
                "Down: the words that it wrote. Across: the words of the source. The darker, the more of its "
                "attention. Attention is a trace of what was read, not a proof of what was used.",
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


def translation_card(metrics: Mapping[str, Any]) -> str:
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


def _title(metrics: Mapping[str, Any]) -> str:
    return f"{(metrics.get('data') or {}).get('name') or 'Text'}: translator"


def _verdict(metrics: Mapping[str, Any]) -> tuple[str, Tone]:
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    if test.get("bleu") is None:
        return "It was not judged.", "even"
    if baseline.get("bleu") is None:
        return f"BLEU {test['bleu']:.1f} of 100 on held-out texts; there is nothing to compare it with.", "even"
    low, high = test["bleu_ci95"]
    if low > baseline["bleu_ci95"][1]:
        return (
            f"BLEU {test['bleu']:.1f} of 100 on held-out texts: it translates better than a word-for-word dictionary.",
            "good",
        )
    if high < baseline["bleu_ci95"][0]:
        return f"BLEU {test['bleu']:.1f} of 100: a word-for-word dictionary translates better. Do not use it.", "bad"
    return f"BLEU {test['bleu']:.1f} of 100: it cannot be told from a word-for-word dictionary.", "even"


def _reasons(metrics: Mapping[str, Any]) -> list[str]:
    test, baseline = metrics.get("test") or {}, metrics.get("baseline") or {}
    reasons = []
    if test.get("bleu") is not None and baseline.get("bleu") is not None:
        reasons.append(f"The dictionary, learnt from the same pairs, reaches {baseline['bleu']:.1f} on the same texts.")
    if test.get("perplexity") is not None:
        reasons.append(
            f"At each piece of a reference it hesitates as if among {test['perplexity']:.1f} equally likely ones."
        )
    return reasons


def _cautions(metrics: Mapping[str, Any]) -> list[str]:
    cautions = [
        "BLEU compares with one translation by people; a good translation in other words scores low. Scores of "
        "different texts or languages cannot be compared."
    ]
    test = metrics.get("test") or {}
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
