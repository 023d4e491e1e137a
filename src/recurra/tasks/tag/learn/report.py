"""The report and the card of a tagger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from recurra.report import wording
from recurra.report.page import Section, boxed, card, quotes, render_task, table
from recurra.report.wording import Tone

SIGNIFICANT = 0.05
MOST_LABELS = 100
_MOST_WORDS = 80


def tag_page(metrics: Mapping[str, Any]) -> str:
    """Return the page as HTML, from the content of metrics.json."""
    tone, verdict = _verdict(metrics)
    return render_task(
        metrics,
        title=_title(metrics),
        verdict=verdict,
        sections=_sections(metrics),
        tone=tone,
        reasons=_reasons(metrics),
        cautions=_cautions(metrics),
        first=_first(metrics),
    )


def tag_card(metrics: Mapping[str, Any]) -> str:
    """Return the model card in Markdown, from the content of metrics.json."""
    use = (
        '```python\nimport recurra\n\ntagger = recurra.load(".")\ntagger.tag([["Some", "words"]])\n```\n\n'
        "```sh\nrecurra predict . --input untagged.conllu --output tagged.conllu\n```"
    )
    return card(
        metrics,
        title=_title(metrics),
        verdict=_verdict(metrics)[1],
        use=use,
        reasons=_reasons(metrics),
        cautions=_cautions(metrics),
        first=_first(metrics),
    )


def _title(metrics: Mapping[str, Any]) -> str:
    return f"{wording.shortened((metrics.get('data') or {}).get('name') or 'sentences', 60)}: tagger"


def _first(metrics: Mapping[str, Any]) -> tuple[str, ...]:
    return ("f1", "accuracy") if (metrics.get("test") or {}).get("f1") is not None else ("accuracy",)


def _verdict(metrics: Mapping[str, Any]) -> tuple[Tone, str]:
    paired = metrics.get("paired")
    if not paired:
        return "even", "Judged on held-out sentences, beside no simpler answer."
    if paired["p_value"] >= SIGNIFICANT:
        return "even", "It cannot be told from the most frequent tag of each word."
    if paired["difference"] < 0:
        return "bad", "The most frequent tag of each word is right more often."
    return "good", "Yes: it is right more often than the most frequent tag of each word."


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
            f"That is {100 * paired['difference']:+.1f} points beside the most frequent tag of each word "
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
    unseen = test.get("unseen_sentences") or {}
    if split.get("repeats_of_training_in_test") and unseen.get("accuracy") is not None:
        cautions.append(
            f"Also in training: {wording.count(split['repeats_of_training_in_test'], 'held-out sentence')}; "
            "without them "
            f"it is right in {wording.percent(unseen['accuracy'])}."
        )
    if (test.get("rows") or 1_000) < wording.FEW_ROWS:
        cautions.append("There are few held-out sentences; the interval says how little they tell.")
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
                "A word that training did not have often enough is tagged by its spelling and its company.",
            )
        )
    if test.get("per_class"):
        mixed = test.get("mix_ups") or []
        rows = [[one["truth"], one["predicted"], wording.count(one["count"])] for one in mixed]
        bodies = [_labels(test["per_class"])]
        if rows:
            bodies.append(table(["true tag", "answered", "words"], rows, "Commonest mix-ups", numbers=1))
        sections.append(Section("Tags", boxed(*bodies), "The true tag of each word against the tag it was given."))
    if metrics.get("mistakes"):
        sections.append(
            Section(
                "Sentences with the most mistakes",
                quotes([_mistake(one) for one in metrics["mistakes"]]),
                "Each wrong word with its tag and, after the arrow, the answer.",
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


def _mistake(one: Mapping[str, Any]) -> tuple[list[tuple[str, str]], str]:
    wrong = {item["place"]: item for item in one["wrong"]}
    shown = [
        f"{word}[{wrong[place]['truth']} → {wrong[place]['predicted']}]" if place in wrong else word
        for place, word in enumerate(one["words"][:_MOST_WORDS])
    ]
    more = " …" if len(one["words"]) > _MOST_WORDS else ""
    return [("mistakes", str(len(wrong))), ("words", str(len(one["words"])))], " ".join(shown) + more
