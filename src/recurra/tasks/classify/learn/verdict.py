"""Whether a classifier can be believed: the verdict of its report, from its held-out rows and its baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recurra.many_to_one.learn.findings import MUCH_UNKNOWN
from recurra.report.verdict import FEW_ROWS, SIGNIFICANT, Tone, Verdict
from recurra.report.wording import count, percent, probability, shortened
from recurra.tasks.classify.decision_facts import RARE, remedy

WIDE_GAP = 0.05
"""Points of accuracy between training and held-out rows above which a report warns of overfitting."""
POOR_CALIBRATION = 0.05
"""Expected calibration error above which a report warns."""
MUCH_TRUNCATION = 0.10
"""Share of truncated rows above which a report warns."""

_SPACE = "\N{NO-BREAK SPACE}"


def verdict(metrics: Mapping[str, Any]) -> Verdict:
    """Return the answer that the held-out rows give, from the content of metrics.json; any part may be missing."""
    test = metrics.get("test") or {}
    if test.get("accuracy") is None:
        reason = "No rows were held out, so how it does on unseen texts is unknown."
        trained = bool((metrics.get("split") or {}).get("train"))
        headline = "Not evaluated: it was trained on all rows." if trained else "Not evaluated yet."
        evaluate = "Measure it on labelled texts that it has not seen, with `recurra evaluate`."
        return Verdict("even", headline, (reason, evaluate) if trained else (reason,))
    tone, headline, *reasons = _against_baseline(metrics)
    return Verdict(tone, headline, tuple(reasons), tuple(_cautions(metrics)))


def _against_baseline(metrics: Mapping[str, Any]) -> tuple[Tone, str] | tuple[Tone, str, str]:
    """Return the tone, the headline and, where there is one, the reason."""
    test, baseline, paired = metrics["test"], metrics.get("baseline"), metrics.get("paired")
    low = (test.get("accuracy_ci95") or [test["accuracy"]])[0]
    majority = majority_share(metrics)
    if majority is not None and low <= majority:
        return (
            "bad",
            "No: it is not clearly better than always answering with the commonest class.",
            f"Always answering with the commonest class would be right for {percent(majority)}. "
            + remedy(_labels(test)),
        )
    if not baseline:
        return "even", "It has learned something, but there is no baseline to compare it with."
    if not paired:
        reason = f"The baseline ({baseline['name']}) has an accuracy of {percent(baseline['accuracy'])}."
        return "even", "It has learned something; the baseline was not compared row by row.", reason
    if baseline.get("features") == 0:
        reason = "The baseline found nothing in the texts to learn from, so that beating it means nothing."
        return "even", "It has learned something, but there is no baseline to compare it with.", reason
    reason = _paired_sentence(baseline, paired)
    if paired["p_value"] >= SIGNIFICANT:
        return "even", "It works, but it is not clearly better than a simple baseline.", reason
    if paired["difference"] < 0:
        return "bad", "Not as it is: a simple baseline has the higher accuracy.", reason
    return "good", "Yes: it beats a simple baseline, and not by luck.", reason


def _paired_sentence(baseline: Mapping[str, Any], paired: Mapping[str, Any]) -> str:
    """Return McNemar's test in a sentence."""
    points = 100 * paired["difference"]
    ends = paired.get("difference_ci95")
    spread = f" (95{_SPACE}% interval {100 * ends[0]:+.1f} to {100 * ends[1]:+.1f})" if ends else ""
    p = paired["p_value"]
    luck = "chance alone would rarely explain that" if p < SIGNIFICANT else "chance alone could explain that"
    return (
        f"The baseline ({baseline['name']}) has an accuracy of {percent(baseline['accuracy'])} on the same rows: "
        f"a difference of {points:+.1f} points{spread}. Where only one of the two was right, it was this model "
        f"{count(paired['only_model'], 'time')} and the baseline {count(paired['only_baseline'], 'time')}: {luck} "
        f"(McNemar's exact test, {probability(p)})."
    )


def majority_share(metrics: Mapping[str, Any]) -> float | None:
    """Return the share of the commonest class among the test rows, or in the data where those are not known."""
    support = [row["support"] for row in (metrics.get("test") or {}).get("per_class") or []]
    if sum(support):
        return float(max(support) / sum(support))
    share = (metrics.get("hygiene") or {}).get("majority_share")
    return None if share is None else float(share)


def _cautions(metrics: Mapping[str, Any]) -> list[str]:
    """Return what a reader should keep in mind."""
    test, train = metrics["test"], metrics.get("train") or {}
    cautions = []
    rows = test.get("rows") or 0
    if rows < FEW_ROWS:
        cautions.append(
            f"Only {count(rows, 'held-out row')}: the intervals are wide, and small differences mean nothing."
        )
    gap = (train.get("accuracy") or 0.0) - test["accuracy"]
    if gap > WIDE_GAP:
        cautions.append(
            f"It is {100 * gap:.1f} points better on rows it was trained on ({percent(train['accuracy'])}): "
            "it has memorised some of them."
        )
    ece = test.get("ece")
    if ece is not None and ece > POOR_CALIBRATION:
        cautions.append(
            f"Its stated confidence is off by {100 * ece:.1f} points on average: use it to rank answers, "
            "not as a probability."
        )
    if rows and (test.get("truncated_rows") or 0) / rows > MUCH_TRUNCATION:
        share = percent(test["truncated_rows"] / rows, 0)
        cautions.append(f"{share} of the held-out rows were longer than the model reads, and were cut.")
    unknown = ((metrics.get("hygiene") or {}).get("tokens") or {}).get("unknown_rate") or 0.0
    if unknown >= MUCH_UNKNOWN:
        cautions.append(f"{percent(unknown, 0)} of the held-out tokens are unknown to it: see the data quality below.")
    if blind := test.get("nothing_known_rows") or 0:
        cautions.append(f"It knew no word of {count(blind, 'held-out row')}: its answers to them say nothing of them.")
    bare = [row["label"] for row in test.get("per_class") or [] if not row["support"]]
    if bare:
        cautions.append(
            f"No held-out row is of {_names(bare)}: nothing is known of how well it recognises "
            f"{'it' if len(bare) == 1 else 'them'}, and the scores are those of the other classes."
        )
    never = [row["label"] for row in test.get("per_class") or [] if row["support"] and not row["recall"]]
    if never:
        cautions.append(f"It recognised no row of {_names(never)}. {remedy(_labels(test))}")
    elif seldom := [row["label"] for row in test.get("per_class") or [] if _seldom(row, rows)]:
        cautions.append(f"It misses half of the rows of {_names(seldom)} or more. {remedy(_labels(test))}")
    return cautions


def _labels(test: Mapping[str, Any]) -> list[str]:
    return [row["label"] for row in test.get("per_class") or []]


def _seldom(row: Mapping[str, Any], rows: int) -> bool:
    """Return whether a class is rare among the held-out rows, and found less than every second time."""
    return bool(row["support"] and row["support"] < RARE * rows and row["recall"] < 0.5)


def _names(labels: Sequence[str]) -> str:
    names = ", ".join(f"“{shortened(label, 40)}”" for label in labels[:3])
    return names + (f" and {len(labels) - 3} more" if len(labels) > 3 else "")
