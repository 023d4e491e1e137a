"""A quantity that a report shows: its name, its good direction, and how its values are written."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recurra.report import wording
from recurra.terminal.history import SHARES, title

_SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Quantity:
    """One quantity measured on held-out rows, or at each epoch.

    Attributes:
        title: what a reader calls it.
        meaning: what it measures, in one plain sentence.
        higher_is_better: the good direction; None where there is a right value.
        share: whether it is a share between 0 and 1, written in percent.
        digits: decimals of a value that is no share.
        unit: of a value that is no share, such as "nats" or "°C".
        lowest: the least value that can be; None where there is no bound.
    """

    title: str
    meaning: str
    higher_is_better: bool | None
    share: bool = False
    digits: int = 3
    unit: str = ""
    lowest: float | None = 0.0

    @classmethod
    def of_history(cls, name: str) -> Quantity:
        """Return how a metric of a training history is written of which no more than the name is known."""
        return cls(title(name).capitalize(), "", higher_is_better=True, share=name in SHARES, lowest=None)

    def show(self, value: float | None) -> str:
        """Return a value as it is written: "92.1 %", "0.214", "1.3 °C"."""
        if self.share:
            return wording.percent(value)
        text = wording.number(value, self.digits)
        return f"{text}{_SPACE}{self.unit}" if self.unit and is_number(value) else text

    def show_interval(self, interval: Sequence[float] | None) -> str:
        """Return the two ends of an interval as they are written."""
        if self.share:
            return wording.percent_interval(interval)
        text = wording.number_interval(interval, self.digits)
        return f"{text}{_SPACE}{self.unit}" if self.unit and interval else text

    def show_tick(self, value: float) -> str:
        """Return a round value as it is written at an axis."""
        return f"{100 * value:g}{_SPACE}%" if self.share else f"{value:g}"

    @property
    def highest(self) -> float | None:
        """The largest value that can be; None where there is no bound."""
        return 1.0 if self.share else None

    @property
    def axis_title(self) -> str:
        """The title of an axis that shows it."""
        return f"{self.title} ({self.unit})" if self.unit else self.title


LOSS = Quantity("Loss", "What training minimises.", higher_is_better=False, lowest=None)
CROSS_ENTROPY = Quantity("Loss", "Cross-entropy, what training minimises.", higher_is_better=False, unit="nats")


def is_number(value: object) -> bool:
    """Return whether a value is a finite number."""
    return isinstance(value, int | float) and math.isfinite(value)


def measured(values: Mapping[str, Any], quantities: Mapping[str, Quantity]) -> dict[str, Quantity]:
    """Return the quantities of which `values` holds a finite number, in their order."""
    return {name: quantity for name, quantity in quantities.items() if is_number(values.get(name))}
