"""What a search makes as good as it can: one figure of the validation rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recurra.errors import OptionError, did_you_mean

COSTS = frozenset(
    {"loss", "log_loss", "mae", "rmse", "steps_off", "perplexity", "nats_per_symbol", "wer", "cer", "error"}
)
"""Figures of which less is better."""


@dataclass(frozen=True)
class Figure:
    """One figure of the validation rows, by its name in `Trainer.validation`."""

    name: str

    @property
    def higher_is_better(self) -> bool:
        return self.name not in COSTS

    def of(self, found: Mapping[str, float]) -> float:
        """Return it. Raises OptionError where the task does not measure it."""
        if self.name not in found:
            raise OptionError(
                f"--metric {self.name}: no such figure is measured on the validation rows."
                f"{did_you_mean(self.name, found)} Measured are {', '.join(found)}."
            )
        return float(found[self.name])

    def of_epoch(self, entry: Mapping[str, Any]) -> float | None:
        """Return what an entry of the history has of it, to compare trials by while they train; None for nothing."""
        names = [f"valid_{self.name}"] if self.higher_is_better else [f"valid_{self.name}", "valid_loss"]
        return next((float(entry[name]) for name in names if entry.get(name) is not None), None)

    def better(self, one: float, other: float) -> bool:
        """Return whether one value is better than another."""
        return one > other if self.higher_is_better else one < other
