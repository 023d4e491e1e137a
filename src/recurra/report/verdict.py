"""The answer to a report's first question: can I believe it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "even", "bad"]

SIGNIFICANT = 0.05
"""Below this p-value a difference is taken to be more than chance."""
FEW_ROWS = 300
"""With fewer held-out rows a report warns of wide intervals."""


@dataclass(frozen=True)
class Verdict:
    """The answer that the held-out rows give.

    Attributes:
        tone: good, even or bad.
        headline: the answer, a short sentence.
        reasons: what it rests on, a sentence each.
        cautions: what a reader should keep in mind, a sentence each.
    """

    tone: Tone
    headline: str
    reasons: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
