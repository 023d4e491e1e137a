"""Texts of which a model knows little: how many there are, and the sentences that say so."""

from __future__ import annotations

from dataclasses import dataclass

from recurra.many_to_one.model import Read
from recurra.storage.model_directory import Manifest

FEW_TOKENS = 20
"""With fewer tokens a share of unknown ones says little."""
USUAL = 0.15
"""The usual share of unknown tokens where a model does not state that of its held-out rows."""


@dataclass
class KnownWords:
    """Counts over texts. rows: texts; nothing_known: those without a token in the vocabulary; tokens: that were read;
    unknown: of these, those outside the vocabulary."""

    rows: int = 0
    nothing_known: int = 0
    tokens: int = 0
    unknown: int = 0

    def add(self, part: Read) -> None:
        """Count some texts."""
        self.rows += len(part.tokens)
        self.nothing_known += int(part.nothing_known.sum())
        self.tokens += int(part.read.sum())
        self.unknown += int(part.unknown.sum())

    @property
    def unknown_rate(self) -> float:
        """The share of unknown tokens; 0 without tokens."""
        return self.unknown / max(1, self.tokens)

    def sentences(self, manifest: Manifest | None, answers: str, unit: str = "row") -> list[str]:
        """Return what to tell of these texts: nothing for ordinary ones.

        answers: what became of the answers to texts of which nothing is known, as a sentence.
        """
        found = []
        if self.nothing_known:
            found.append(
                f"In {self.nothing_known:,} of {self.rows:,} {unit}{'s' if self.rows != 1 else ''} nothing known was "
                f"read, since the text is empty or the model knows none of its words. {answers}"
            )
        usual = None if manifest is None else manifest.metrics.get("unknown_rate")
        stated = isinstance(usual, int | float)
        if self.tokens >= FEW_TOKENS and self.unknown_rate > 2 * (usual if stated else USUAL) + 0.1:  # type: ignore[operator]
            beside = f", against {usual:.0%} of the rows held out in training" if stated else ""
            found.append(
                f"{self.unknown_rate:.0%} of the tokens are unknown to the model{beside}: it was trained on other "
                "texts than these, so expect worse answers."
            )
        return found
