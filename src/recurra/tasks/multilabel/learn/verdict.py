"""Whether a model that gives several labels can be believed: the verdict of its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recurra.many_to_one.learn.findings import MUCH_UNKNOWN
from recurra.report.verdict import FEW_ROWS, SIGNIFICANT, Tone, Verdict
from recurra.report.wording import count, percent, probability, shortened

WIDE_GAP = 0.1
"""Points of micro F1 between training and held-out rows above which a report warns of overfitting."""
MUCH_TRUNCATION = 0.10
"""Share of truncated rows above which a report warns."""

_SPACE = "\N{NO-BREAK SPACE}"


def verdict(metrics: Mapping[str, Any]) -> Verdict:
    """Return the answer that the held-out rows give, from the content of metrics.json; any part may be missing."""
    test = metrics.get("test") or {}
    if test.get("micro_f1") is None:
        reason = "No rows were held out, so how it does on unseen texts is unknown."
        trained = bool((metrics.get("split") or {}).get("train"))
        headline = "Not evaluated: it was trained on all rows." if trained else "Not evaluated yet."
        evaluate = "Measure it on labelled texts that it has not seen, with `recurra evaluate`."
        return Verdict("even", headline, (reason, evaluate) if trained else (reason,))
    tone, headline, *reasons = _against_baseline(metrics)
    return Verdict(tone, headline, (*reasons, *_thresholds(metrics)), tuple(_cautions(metrics)))


def _against_baseline(metrics: Mapping[str, Any]) -> tuple[Tone, str] | tuple[Tone, str, str]:
    """Return the tone, the headline and, where there is one, the reason."""
    baseline, paired = metrics.get("baseline"), metrics.get("paired")
    if not baseline or baseline.get("micro_f1") is None or not paired:
        return "even", "It has learned something, but there is no baseline to compare it with."
    points, ends, p = 100 * paired["difference"], paired["difference_ci95"], paired["p_value"]
    luck = "chance alone would rarely explain that" if p < SIGNIFICANT else "chance alone could explain that"
    reason = (
        f"The baseline ({baseline['name']}) has a micro F1 of {percent(baseline['micro_f1'])} on the same rows, with "
        f"thresholds chosen by the same rule: a difference of {points:+.1f} points (95{_SPACE}% interval "
        f"{100 * ends[0]:+.1f} to {100 * ends[1]:+.1f}); {luck} (rows exchanged at random, {probability(p)})."
    )
    if p >= SIGNIFICANT:
        return "even", "It works, but it is not clearly better than a simple baseline.", reason
    if points < 0:
        return "bad", "Not as it is: a simple baseline has the higher micro F1.", reason
    return "good", "Yes: it beats a simple baseline, and not by luck.", reason


def _thresholds(metrics: Mapping[str, Any]) -> list[str]:
    """Return in a sentence what the thresholds are worth; nothing where they are those of 0.5, or unknown."""
    thresholds, half = metrics.get("thresholds") or {}, (metrics["test"].get("at_half") or {}).get("micro_f1")
    if thresholds.get("weight") is None or half is None:
        return []
    which = "One threshold for all labels" if thresholds["weight"] == "all" else "A threshold for each label"
    return [
        f"{which}, chosen on validation rows: micro F1 is {percent(metrics['test']['micro_f1'])}, and would be "
        f"{percent(half)} with 0.5 for all."
    ]


def _cautions(metrics: Mapping[str, Any]) -> list[str]:
    """Return what a reader should keep in mind."""
    test, train = metrics["test"], metrics.get("train") or {}
    cautions = []
    rows = test.get("rows") or 0
    if rows < FEW_ROWS:
        cautions.append(
            f"Only {count(rows, 'held-out row')}: the intervals are wide, and small differences mean nothing."
        )
    gap = (train.get("micro_f1") or 0.0) - test["micro_f1"]
    if gap > WIDE_GAP:
        cautions.append(
            f"Its micro F1 is {100 * gap:.1f} points better on rows it was trained on ({percent(train['micro_f1'])}): "
            "it has memorised some of them."
        )
    if rows and (test.get("truncated_rows") or 0) / rows > MUCH_TRUNCATION:
        share = percent(test["truncated_rows"] / rows, 0)
        cautions.append(f"{share} of the held-out rows were longer than the model reads, and were cut.")
    unknown = ((metrics.get("hygiene") or {}).get("tokens") or {}).get("unknown_rate") or 0.0
    if unknown >= MUCH_UNKNOWN:
        cautions.append(f"{percent(unknown, 0)} of the held-out tokens are unknown to it: see the data quality below.")
    if blind := test.get("nothing_known_rows") or 0:
        cautions.append(f"It knew no word of {count(blind, 'held-out row')}: its answers to them say nothing of them.")
    per_label = test.get("per_label") or []
    if bare := [row["label"] for row in per_label if not row["support"]]:
        cautions.append(
            f"No held-out row has {_names(bare)}: nothing is known of how well "
            f"{'it is' if len(bare) == 1 else 'they are'} found, and the scores are those of the other labels."
        )
    if never := [row["label"] for row in per_label if row["support"] and not row["recall"]]:
        cautions.append(f"It found no row with {_names(never)}.")
    return cautions


def _names(labels: Sequence[str]) -> str:
    names = ", ".join(f"“{shortened(label, 40)}”" for label in labels[:3])
    return names + (f" and {len(labels) - 3} more" if len(labels) > 3 else "")
