"""Report and model card of a writing model: how well it foresees unseen text, and what it writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurra.report import wording
from recurra.report.page import Section, card, quotes, render_task
from recurra.report.wording import Tone

FEW_SYMBOLS = 20_000
MUCH_COPIED = 0.2
MUCH_UNKNOWN = 0.05
WIDE_GAP = 0.25

_USE = (
    '```python\nimport recurra\n\nmodel = recurra.load(".")\n'
    'print("".join(model.generate("Once", 400, temperature=0.8, seed=1)))\n'
    'model.score("some text")  # nats a symbol: the fewer, the more like the training text\n```\n\n'
    '```sh\nrecurra generate . --prompt "Once" --tokens 400 --temperature 0.8\n```'
)


def writing_report(metrics: Mapping[str, Any]) -> str:
    """Return the page as HTML, from the content of metrics.json."""
    tone, verdict, reasons = _verdict(metrics)
    return render_task(
        _told(metrics),
        unit="symbol",
        title=_title(metrics),
        verdict=verdict,
        tone=tone,
        reasons=reasons,
        cautions=_cautions(metrics),
        sections=[Section("What it writes", quotes(_samples(metrics)), _lead(metrics))]
        if metrics.get("samples")
        else [],
    )


def writing_card(metrics: Mapping[str, Any]) -> str:
    """Return README.md of the model directory, from the content of metrics.json."""
    _, verdict, reasons = _verdict(metrics)
    title = f"{_title(metrics)}: a model that writes"
    return card(
        _told(metrics),
        unit="symbol",
        title=title,
        verdict=verdict,
        use=_USE,
        reasons=reasons,
        cautions=_cautions(metrics),
    )


def _told(metrics: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the metrics without the score by symbol where a symbol is a character: it would stand there twice."""
    test = metrics.get("test") or {}
    if test.get("rows") != test.get("characters"):
        return metrics
    return {**metrics, "test": {name: value for name, value in test.items() if name != "nats_per_symbol"}}


def _title(metrics: Mapping[str, Any]) -> str:
    return wording.shortened((metrics.get("data") or {}).get("name") or "Text", 60)


def _lead(metrics: Mapping[str, Any]) -> str:
    """Return what to know of the samples."""
    speed = (metrics.get("writing") or {}).get("characters_per_second")
    fast = f" It wrote {wording.count(speed)} characters a second." if speed else ""
    return (
        "From nothing, with the seed of the training. Low temperatures keep to what is likely, high ones wander. It "
        f"knows which symbols follow each other, not what is true.{fast}"
    )


def _samples(metrics: Mapping[str, Any]) -> list[tuple[list[tuple[str, str]], str]]:
    return [
        (
            [
                ("temperature", f"{sample['temperature']:g}"),
                ("runs of 30 characters that stand in the training text", wording.percent(sample["copied"], 0)),
            ],
            sample["text"],
        )
        for sample in metrics["samples"]
    ]


def _verdict(metrics: Mapping[str, Any]) -> tuple[Tone, str, list[str]]:
    """Return the tone, the headline and what it rests on."""
    test, baseline, paired = metrics.get("test") or {}, metrics.get("baseline"), metrics.get("paired")
    if "perplexity" not in test:
        return "even", "Not judged yet.", ["No text was held out, so nothing says how it does on text it has not seen."]
    reasons = [
        f"Before each symbol of {wording.count(test.get('characters'), 'held-out character')} it hesitates as between "
        f"{wording.number(test['perplexity'], 1)} equally likely ones."
    ]
    if not (baseline and paired):
        return "even", "It has learnt something, but there was no baseline to beat.", reasons
    low, high = paired["difference_ci95"]
    better = paired["difference"] >= 0
    ends = (low, high) if better else (-high, -low)
    reasons.append(
        f"The baseline ({baseline['name']}) hesitates as between {wording.number(baseline['perplexity'], 1)}. By the "
        f"same symbols this model is {wording.number(abs(paired['difference']))} nats {'less' if better else 'more'} "
        f"surprised on average (95 % interval {wording.number_interval(ends)})."
    )
    if low > 0:
        return "good", "Yes: it foresees unseen text better than counting n-grams, and not by luck.", reasons
    if high < 0:
        return "bad", "Not as it is: counting n-grams foresees unseen text better.", reasons
    return "even", "It writes, but foresees unseen text no better than counting n-grams.", reasons


def _cautions(metrics: Mapping[str, Any]) -> list[str]:
    """Return what should temper the answer."""
    test, found = metrics.get("test") or {}, []
    if "perplexity" not in test:
        return []
    if test.get("rows", 0) < FEW_SYMBOLS:
        found.append(f"Only {wording.count(test.get('rows'), 'held-out symbol')}: small differences mean nothing.")
    if test.get("unknown_rate", 0.0) > MUCH_UNKNOWN:
        found.append(
            f"{wording.percent(test['unknown_rate'])} of the held-out symbols are unknown to it; they all count as one "
            "symbol, which flatters the score."
        )
    history = metrics.get("history") or []
    if history:
        best = min(history, key=lambda entry: float(entry["valid_loss"]))
        gap = best["valid_loss"] - best["train_loss"]
        if gap > WIDE_GAP:
            found.append(
                f"It is {gap:.2f} nats a symbol less surprised by the text it was trained on: it has learnt some of it "
                "by heart. More --dropout, or more text, may help."
            )
    most = max((sample["copied"] for sample in metrics.get("samples") or []), default=0.0)
    if most > MUCH_COPIED:
        found.append(f"{wording.percent(most, 0)} of one sample stands in the training text word for word.")
    return found
