"""The report and the model card of a text generator: how well it predicts unseen text, and what it writes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from recurra.report import card, page, wording
from recurra.report.blocks import boxed, quotes, table
from recurra.report.page import ReportPage, Section
from recurra.report.quantity import CROSS_ENTROPY, Quantity
from recurra.report.verdict import Tone, Verdict

FEW_SYMBOLS = 20_000
"""Below this many held-out symbols a report warns of chance."""
MUCH_COPIED = 0.2
"""Share of a sample that is in the training text above which a report warns."""
MUCH_UNKNOWN = 0.05
"""Share of unknown symbols above which a report warns."""
WIDE_GAP = 0.25
"""Nats per symbol between training and validation text above which a report warns of overfitting."""

QUANTITIES: dict[str, Quantity] = {
    "nats_per_char": Quantity("Nats per character", "Cross-entropy of unseen text, a character at a time.", False),
    "bits_per_char": Quantity(
        "Bits per character", "The same in bits: what a compressor built on it would need.", False
    ),
    "nats_per_symbol": Quantity("Nats per symbol", "Cross-entropy of unseen text, a symbol at a time.", False),
    "perplexity": Quantity(
        "Perplexity", "Among how many equally likely symbols it is as uncertain, at each one.", False, digits=2
    ),
    "accuracy": Quantity(
        "Accuracy", "The share of the symbols that it predicts, given the text before.", True, share=True
    ),
}

_PARTS = (
    "The probabilities of the network and of n-grams of the same text are averaged, by shares that were fitted on "
    "validation text."
)
_PRIVACY = (
    "`ngrams.safetensors` holds runs of the training text nearly word for word: whoever has the file can read them. "
    "Give the model only to those who may read the text, or train it with `--ngrams 0`, which leaves the file out. The "
    "network too may have learnt some of the text by heart."
)
_USE = (
    '```python\nimport recurra\n\nmodel = recurra.load(".")\n'
    'print("".join(model.generate("Once", 400, temperature=0.8, seed=1)))\n'
    'model.score("some text")  # nats per symbol: the fewer, the more like the training text\n```\n\n'
    '```sh\nrecurra generate . --prompt "Once" --tokens 400 --temperature 0.8\n```\n\n'
    "No training framework is needed: it runs on ONNX Runtime."
)


def render(metrics: Mapping[str, Any]) -> str:
    """Return the report as HTML, from the content of metrics.json."""
    return page.render(metrics, report_page(metrics))


def model_card(metrics: Mapping[str, Any]) -> str:
    """Return README.md of the model directory, from the content of metrics.json."""
    privacy = [("Privacy", _PRIVACY)] if _has_ngrams(metrics) else []
    return card.model_card(metrics, report_page(metrics), use=_USE, sections=privacy)


def report_page(metrics: Mapping[str, Any]) -> ReportPage:
    """Return what a text generator adds to the report and the card that all tasks share."""
    tone, headline, reasons = _answer(metrics)
    samples = metrics.get("samples")
    return ReportPage(
        title=f"{wording.shortened((metrics.get('data') or {}).get('name') or 'text', 60)} text generator",
        row="symbol",
        rows="symbols",
        verdict=Verdict(tone, headline, tuple(reasons), tuple(_cautions(metrics))),
        quantities=_quantities(metrics.get("test") or {}),
        intervals=_intervals(metrics.get("test") or {}),
        loss=CROSS_ENTROPY,
        learner="the network alone" if _has_ngrams(metrics) else "",
        sections=[
            *([Section("What its parts are worth", _parts(metrics), _PARTS)] if metrics.get("parts") else []),
            *([Section("Samples", quotes(_samples(samples)), _lead(metrics))] if samples else []),
        ],
    )


def _intervals(test: Mapping[str, Any]) -> str:
    if test.get("perplexity_ci95", ()) is None:
        return "The held-out text is too short for intervals."
    return "Bootstrap intervals over blocks of the text."


def _has_ngrams(metrics: Mapping[str, Any]) -> bool:
    return bool((metrics.get("config") or {}).get("ngrams"))


def _parts(metrics: Mapping[str, Any]) -> Markup:
    """Return a table of the scores of the network and the n-grams alone beside that of both."""
    test, parts = metrics["test"], metrics["parts"]
    name = "nats_per_char" if "nats_per_char" in test else "perplexity"
    rows = [("Both", test), ("Network alone", parts["network"]), ("N-grams alone", parts["ngrams"])]
    return boxed(
        table(
            ["part", QUANTITIES[name].title, "95 % interval", "nats a symbol that both save"],
            [
                (
                    part,
                    wording.number(scores[name]),
                    wording.number_interval(scores[f"{name}_ci95"]),
                    _saved(scores.get("paired")),
                )
                for part, scores in rows
            ],
            numbers=3,
        )
    )


def _saved(paired: Mapping[str, Any] | None) -> str:
    if paired is None:
        return "–"
    ends = paired["difference_ci95"]
    between = "too little text for an interval" if ends is None else wording.number_interval(ends)
    return f"{wording.number(paired['difference'])} ({between})"


def _quantities(test: Mapping[str, Any]) -> dict[str, Quantity]:
    """Return the quantities, without the one by symbol where a symbol is a character: it would be there twice."""
    twice = test.get("rows") == test.get("characters")
    return {name: quantity for name, quantity in QUANTITIES.items() if not (twice and name == "nats_per_symbol")}


def _lead(metrics: Mapping[str, Any]) -> str:
    """Return what to know of the samples."""
    speed = (metrics.get("writing") or {}).get("characters_per_second")
    fast = f" It wrote {wording.count(speed)} characters a second." if speed else ""
    return (
        "Written without a prompt, with the seed of the training. Low temperatures keep to what is likely, high ones "
        f"stray. It knows which symbols follow each other, not what is true.{fast}"
    )


def _samples(samples: Sequence[Mapping[str, Any]]) -> list[tuple[list[tuple[str, str]], str]]:
    return [
        (
            [
                ("temperature", f"{sample['temperature']:g}"),
                ("runs of 30 characters copied from the training text", wording.percent(sample["copied"], 0)),
            ],
            sample["text"],
        )
        for sample in samples
    ]


def _answer(metrics: Mapping[str, Any]) -> tuple[Tone, str, list[str]]:
    """Return the tone, the headline and what it rests on."""
    test, baseline, paired = metrics.get("test") or {}, metrics.get("baseline"), metrics.get("paired")
    if "perplexity" not in test:
        return "even", "Not evaluated yet.", ["No text was held out, so how it does on unseen text is unknown."]
    reasons = [
        f"At each symbol of {wording.count(test.get('characters'), 'held-out character')} it is as uncertain as among "
        f"{wording.number(test['perplexity'], 1)} equally likely ones."
    ]
    if not (baseline and paired):
        return "even", "It has learned something, but there is no baseline to compare it with.", reasons
    better = paired["difference"] >= 0
    low, high = paired["difference_ci95"] or (-math.inf, math.inf)
    between = f"95 % interval {wording.number_interval((low, high) if better else (-high, -low))}"
    if paired["difference_ci95"] is None:
        between = "too little text for an interval"
    reasons.append(
        f"The baseline ({baseline['name']}) is as uncertain as among {wording.number(baseline['perplexity'], 1)}. "
        f"On the same symbols this model needs {wording.number(abs(paired['difference']))} nats "
        f"{'fewer' if better else 'more'} on average ({between})."
    )
    if paired["difference_ci95"] is None:
        reasons.append("So little text was held out that the difference may be chance.")
        return "even", "It writes, but too little text was held out to say whether it beats an n-gram model.", reasons
    addition, network = _network_alone(metrics)
    reasons += network
    if low > 0:
        headline = f"Yes: it predicts unseen text better than an n-gram model, and not by luck{addition}."
        return "even" if addition else "good", headline, reasons
    if high < 0:
        return "bad", "Not as it is: an n-gram model predicts unseen text better.", reasons
    return "even", "It writes, but is not clearly better than an n-gram model at predicting unseen text.", reasons


def _network_alone(metrics: Mapping[str, Any]) -> tuple[str, list[str]]:
    """Return what the headline must add where the network alone is no better than its n-grams, and the figures."""
    paired = (metrics.get("parts") or {}).get("paired")
    if paired is None:
        return "", []
    if paired["difference_ci95"] is None:
        return "; too little text was held out to say so of the network alone", []
    low, high = paired["difference_ci95"]
    better = paired["difference"] >= 0
    ends = (low, high) if better else (-high, -low)
    figures = (
        f"The network alone needs {wording.number(abs(paired['difference']))} nats {'fewer' if better else 'more'} a "
        f"symbol than the n-grams beside it alone (95 % interval {wording.number_interval(ends)})."
    )
    if low > 0:
        return "", [figures]
    if high < 0:
        return "; the network alone predicts worse than the n-grams: train it longer (--epochs)", [figures]
    return "; the network alone is not clearly better than the n-grams", [figures]


def _cautions(metrics: Mapping[str, Any]) -> list[str]:
    """Return what a reader should keep in mind."""
    test, cautions = metrics.get("test") or {}, []
    if "perplexity" not in test:
        return []
    if test.get("rows", 0) < FEW_SYMBOLS:
        cautions.append(f"Only {wording.count(test.get('rows'), 'held-out symbol')}: small differences mean nothing.")
    if test.get("unknown_rate", 0.0) > MUCH_UNKNOWN:
        cautions.append(
            f"{wording.percent(test['unknown_rate'])} of the held-out symbols are unknown to it; they all count as one "
            "symbol, which flatters the score."
        )
    history = metrics.get("history") or []
    if history:
        best = min(history, key=lambda entry: float(entry["valid_loss"]))
        gap = best["valid_loss"] - best["train_loss"]
        if gap > WIDE_GAP:
            cautions.append(
                f"It needs {gap:.2f} nats per symbol fewer on the text it was trained on: it has memorised "
                "some of it. More --dropout, or more text, may help."
            )
    most = max((sample["copied"] for sample in metrics.get("samples") or []), default=0.0)
    if most > MUCH_COPIED:
        cautions.append(f"{wording.percent(most, 0)} of one sample is copied from the training text word for word.")
    return cautions
