"""Numbers as a reader wants to hear them, and the answer to the first question: can I believe it?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

_SPACE = "\N{NO-BREAK SPACE}"
_NONE = "not measured"

Tone = Literal["good", "even", "bad"]

SIGNIFICANT = 0.05
FEW_ROWS = 300
WIDE_GAP = 0.05
POOR_CALIBRATION = 0.05
MUCH_TRUNCATION = 0.10

_UNPRINTABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127], "\N{REPLACEMENT CHARACTER}")


def clean(text: object) -> str:
    """Return text that any file and any browser can hold: control characters and lone surrogates are replaced."""
    whole = str(text).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return whole.translate(_UNPRINTABLE)


def shortened(text: object, limit: int) -> str:
    """Return cleaned text of at most `limit` characters, with an ellipsis where it was cut."""
    whole = clean(text)
    return whole if len(whole) <= limit else whole[: limit - 1].rstrip() + "…"


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share as "92.1 %"; never rounded up to 100 % nor down to 0 %."""
    if share is None or not math.isfinite(share):
        return _NONE
    text = f"{100 * share:.{digits}f}"
    if share < 1 and float(text) >= 100:
        text = f"{100 - 10**-digits:.{digits}f}"
    if share > 0 and float(text) == 0:
        return f"under {10**-digits:.{digits}f}{_SPACE}%"
    return f"{text}{_SPACE}%"


def percent_interval(interval: Sequence[float] | None) -> str:
    """Return "91.3 to 92.9 %"."""
    if not interval:
        return _NONE
    return f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}{_SPACE}%"


def number(value: float | None, digits: int = 3) -> str:
    """Return a plain number with so many decimals."""
    return _NONE if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def number_interval(interval: Sequence[float] | None, digits: int = 3) -> str:
    """Return "0.214 to 0.250"."""
    return _NONE if not interval else f"{interval[0]:.{digits}f} to {interval[1]:.{digits}f}"


def count(value: int | float | None, noun: str = "", plural: str = "") -> str:
    """Return "4,500", or with a noun "1 row", "4,500 rows"."""
    if value is None:
        return _NONE
    text = f"{int(value):,}"
    return f"{text}{_SPACE}{noun if value == 1 else plural or noun + 's'}" if noun else text


def duration(seconds: float | None) -> str:
    """Return "0.4 s", "12 s" or "3 min 05 s"."""
    if seconds is None:
        return _NONE
    if seconds < 10:
        return f"{seconds:.1f}{_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}{_SPACE}min {rest:02d}{_SPACE}s" if minutes else f"{rest}{_SPACE}s"


def probability(p: float) -> str:
    """Return a p-value: "p = 0.03", "p < 0.0001"."""
    words = "p < 0.0001" if p < 0.0001 else f"p = {p:.2g}" if p < 0.995 else "p = 1"
    return words.replace(" ", _SPACE)


@dataclass(frozen=True)
class Verdict:
    """The answer to "can I believe it?".

    Attributes:
        tone: good, even or bad.
        headline: the answer, a short sentence.
        reasons: what it rests on, a sentence each.
        cautions: what a reader should keep in mind, a sentence each.
    """

    tone: Tone
    headline: str
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]


def verdict(metrics: Mapping[str, Any]) -> Verdict:
    """Return the answer that the held-out rows give, from the content of metrics.json."""
    test = metrics.get("test") or {}
    if test.get("accuracy") is None:
        reason = "No rows were held out, so nothing here says how it does on texts it has not seen."
        return Verdict("even", "Not judged yet.", (reason,), ())
    rows, interval = test.get("rows"), test.get("accuracy_ci95")
    reasons = [f"It answered {percent(test['accuracy'])} of {count(rows, 'row')} right that it had never seen."]
    if interval:
        reasons.append(f"On more rows like these, expect {percent_interval(interval)}.")
    tone, headline = _against_opponents(metrics, reasons)
    return Verdict(tone, headline, tuple(reasons), tuple(_cautions(metrics)))


def _against_opponents(metrics: Mapping[str, Any], reasons: list[str]) -> tuple[Tone, str]:
    """Return the tone and the headline; add what they rest on to the reasons."""
    test, baseline, paired = metrics["test"], metrics.get("baseline"), metrics.get("paired")
    low = (test.get("accuracy_ci95") or [test["accuracy"]])[0]
    majority = majority_share(metrics)
    if majority is not None and low <= majority:
        reasons.append(f"Always giving the commonest answer would be right for {percent(majority)}.")
        return "bad", "No: it is not clearly better than always giving the commonest answer."
    if not baseline:
        return "even", "It has learnt something, but there was no baseline to beat."
    if not paired:
        reasons.append(f"The baseline ({baseline['name']}) answered {percent(baseline['accuracy'])} right.")
        return "even", "It has learnt something; the baseline was not compared row by row."
    reasons.append(_paired_sentence(baseline, paired))
    if paired["p_value"] >= SIGNIFICANT:
        return "even", "It works, but no better than a simple baseline, as far as these rows can tell."
    if paired["difference"] < 0:
        return "bad", "Not as it is: a simple baseline answers more rows right."
    return "good", "Yes: it beats a simple baseline, and not by luck."


def _paired_sentence(baseline: Mapping[str, Any], paired: Mapping[str, Any]) -> str:
    """Return McNemar's test in a sentence."""
    points = 100 * paired["difference"]
    ends = paired.get("difference_ci95")
    spread = f" (95{_SPACE}% interval {100 * ends[0]:+.1f} to {100 * ends[1]:+.1f})" if ends else ""
    p = paired["p_value"]
    judged = "chance alone would rarely do that" if p < SIGNIFICANT else "chance alone could do that"
    return (
        f"The baseline ({baseline['name']}) answered {percent(baseline['accuracy'])} of the same rows right: "
        f"a difference of {points:+.1f} points{spread}. Where only one of the two was right, it was this model "
        f"{count(paired['only_model'], 'time')} and the baseline {count(paired['only_baseline'], 'time')}: {judged} "
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
    """Return what should temper the answer."""
    test, train = metrics["test"], metrics.get("train") or {}
    found = []
    rows = test.get("rows") or 0
    if rows < FEW_ROWS:
        found.append(f"Only {count(rows, 'held-out row')}: the intervals are wide, and small differences mean nothing.")
    gap = (train.get("accuracy") or 0.0) - test["accuracy"]
    if gap > WIDE_GAP:
        found.append(
            f"It is {100 * gap:.1f} points better on rows it was trained on ({percent(train['accuracy'])}): "
            "it has learnt some of them by heart."
        )
    ece = test.get("ece")
    if ece is not None and ece > POOR_CALIBRATION:
        found.append(
            f"Its stated confidence is off by {100 * ece:.1f} points on average: read it as a rank, not a chance."
        )
    if rows and (test.get("truncated_rows") or 0) / rows > MUCH_TRUNCATION:
        share = percent(test["truncated_rows"] / rows, 0)
        found.append(f"{share} of the held-out rows were longer than it reads, and were cut.")
    never = [row["label"] for row in test.get("per_class") or [] if row["support"] and not row["recall"]]
    if never:
        names = ", ".join(f"“{shortened(label, 40)}”" for label in never[:3])
        more = f" and {len(never) - 3} more" if len(never) > 3 else ""
        found.append(f"It got no row right of {names}{more}.")
    return found
