"""What the scores of every task are called, how they are written, and what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recurra.report import wording
from recurra.report.charts import Scale


@dataclass(frozen=True)
class Quantity:
    """One score of held-out rows.

    Attributes:
        title: what a reader calls it.
        meaning: what it says, in one plain sentence.
        higher_is_better: the good direction.
        share: whether it is a share between 0 and 1, written in percent.
        digits: decimals of one that is no share.
    """

    title: str
    meaning: str
    higher_is_better: bool
    share: bool = False
    digits: int = 3

    def show(self, value: float | None) -> str:
        """Return a value as it is written."""
        return wording.percent(value) if self.share else wording.number(value, self.digits)

    def show_interval(self, interval: Sequence[float] | None) -> str:
        """Return the two ends of an interval as they are written."""
        return wording.percent_interval(interval) if self.share else wording.number_interval(interval, self.digits)

    @property
    def scale(self) -> Scale:
        """The axis of a chart of this quantity."""
        return Scale(
            f"{self.title} on held-out rows",
            self.show,
            self.show_interval,
            lambda value: f"{100 * value:g} %" if self.share else f"{value:g}",
            1.0 if self.share else None,
        )


QUANTITIES: dict[str, Quantity] = {
    "nats_per_char": Quantity(
        "Nats per character", "How surprised it is by each character of text that it has not seen.", False
    ),
    "bits_per_char": Quantity(
        "Bits per character", "The same in bits: what a compressor built on it would need.", False
    ),
    "nats_per_symbol": Quantity("Nats per symbol", "How surprised it is by each symbol that it writes.", False),
    "nats_per_token": Quantity("Nats per token", "How surprised it is by each token that it has not seen.", False),
    "perplexity": Quantity(
        "Perplexity", "Among how many equally likely symbols it hesitates, as it were, at each one.", False, digits=2
    ),
    "right_choice": Quantity(
        "Right reply of ten", "How often it finds the reply that was given among ten of other talks.", True, share=True
    ),
    "accuracy": Quantity("Accuracy", "The share that it got right.", True, share=True),
    "exact_match": Quantity("Exact", "The share of the rows that it got right as a whole.", True, share=True),
    "precision": Quantity("Precision", "Of what it found, the share that is right.", True, share=True),
    "recall": Quantity("Recall", "Of what there was to find, the share that it found.", True, share=True),
    "f1": Quantity("F1", "Precision and recall in one number.", True, share=True),
    "macro_f1": Quantity("Macro F1", "F1 of each label, averaged, so that rare ones count as much.", True, share=True),
    "bleu": Quantity("BLEU", "How many runs of up to four words it shares with the reference, of 100.", True, digits=1),
    "chrf": Quantity(
        "chrF", "How many runs of up to six characters it shares with the reference, of 100.", True, digits=1
    ),
    "distinct_1": Quantity("Distinct words", "The share of its words that are not repetitions.", True, share=True),
    "distinct_2": Quantity(
        "Distinct pairs", "The share of its pairs of words that are not repetitions.", True, share=True
    ),
}
"""Every score that a task's page shows, by its name in metrics.json, the more telling first."""


def shown_quantities(test: Mapping[str, Any], first: Sequence[str] = ()) -> list[tuple[str, Quantity]]:
    """Return the scores that `test` holds, those named in `first` before the others."""
    names = [*first, *(name for name in QUANTITIES if name not in first)]
    return [(name, QUANTITIES[name]) for name in names if isinstance(test.get(name), int | float)]
