"""Whether a model of numbers can be believed: the verdict of its report, from its held-out rows and its baseline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recurra.many_to_one.learn.findings import MUCH_UNKNOWN
from recurra.report.verdict import FEW_ROWS, SIGNIFICANT, Tone, Verdict
from recurra.report.wording import count, percent, probability

WIDE_GAP = 0.25
"""A training error so much smaller, as a share of the held-out one, that a report warns of overfitting."""
MUCH_TRUNCATION = 0.10


def verdict(metrics: Mapping[str, Any]) -> Verdict:
    """Return the answer that the held-out rows give, from the content of metrics.json; any part may be missing."""
    test = metrics.get("test") or {}
    if test.get("mae") is None:
        return Verdict(
            "even", "Not evaluated yet.", ("No rows were held out: how it does on unseen texts is unknown.",)
        )
    tone, headline, *reasons = _against_baseline(metrics)
    return Verdict(tone, headline, tuple(reasons), tuple(_cautions(metrics)))


def _against_baseline(metrics: Mapping[str, Any]) -> tuple[Tone, str] | tuple[Tone, str, str]:
    test, baseline, paired = metrics["test"], metrics.get("baseline"), metrics.get("paired")
    if (test.get("r2_ci95") or [0.0])[0] <= 0:
        reason = "The interval of R² reaches down to 0, which is what always answering with the mean gets."
        return "bad", "No: it is not clearly better than always answering with the mean.", reason
    if not baseline or not paired or not baseline.get("features"):
        return "even", "It has learned something, but there is no baseline to compare it with."
    low, high = paired["difference_ci95"]
    reason = (
        f"The baseline ({baseline['name']}) has a mean absolute error of {baseline['mae']:.4g} on the same rows: a "
        f"difference of {paired['difference']:+.4g} (95 % interval {low:+.4g} to {high:+.4g}; "
        f"{probability(paired['p_value'])})."
    )
    if paired["p_value"] >= SIGNIFICANT:
        return "even", "It works, but it is not clearly better than a simple baseline.", reason
    if paired["difference"] > 0:
        return "bad", "Not as it is: a simple baseline is less far off.", reason
    return "good", "Yes: it beats a simple baseline, and not by luck.", reason


def _cautions(metrics: Mapping[str, Any]) -> list[str]:
    test, train = metrics["test"], metrics.get("train") or {}
    cautions, rows = [], test.get("rows") or 0
    if rows < FEW_ROWS:
        cautions.append(
            f"Only {count(rows, 'held-out row')}: the intervals are wide, and small differences mean nothing."
        )
    if train.get("mae") is not None and train["mae"] < (1 - WIDE_GAP) * test["mae"]:
        cautions.append(
            f"On rows that it was trained on it is off by {train['mae']:.4g} alone: it has memorised some of them."
        )
    ends = test.get("coverage_ci95")
    if ends and not ends[0] <= test["level"] <= ends[1]:
        few = "fewer" if test["coverage"] < test["level"] else "more"
        cautions.append(
            f"{percent(test['coverage'])} of the held-out numbers lie in their interval, {few} than the "
            f"{percent(test['level'], 0)} that were asked for: the held-out rows are not like the validation rows."
            if few == "fewer"
            else f"{percent(test['coverage'])} of the held-out numbers lie in their interval, {few} than the "
            f"{percent(test['level'], 0)} that were asked for: intervals are wider than they need be."
        )
    if rows and (test.get("truncated_rows") or 0) / rows > MUCH_TRUNCATION:
        share = percent(test["truncated_rows"] / rows, 0)
        cautions.append(f"{share} of the held-out rows were longer than the model reads, and were cut.")
    unknown = ((metrics.get("hygiene") or {}).get("tokens") or {}).get("unknown_rate") or 0.0
    if unknown >= MUCH_UNKNOWN:
        cautions.append(f"{percent(unknown, 0)} of the held-out tokens are unknown to it: see the data quality below.")
    if blind := test.get("nothing_known_rows") or 0:
        cautions.append(f"It knew no word of {count(blind, 'held-out row')}: its answers to them say nothing of them.")
    return cautions
