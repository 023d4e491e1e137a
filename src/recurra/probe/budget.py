"""The training budget of a probe, and the learning rates that were chosen for the cells."""

from __future__ import annotations

from dataclasses import dataclass

STEPS, HIDDEN, SEEDS = 1_500, 32, 5
LEARNING_RATES = {"rnn": 0.003, "gru": 0.01, "lstm": 0.01, "mingru": 0.01, "minlstm": 0.01}
"""Chosen by `benchmarks/probe_setting.py` among four, with seeds that no default run uses; those of minGRU and minLSTM
are the GRU's, and were not tried against others."""


@dataclass(frozen=True)
class Budget:
    """What one training may use.

    steps: the most training steps, by Adam at a constant rate; hidden: units of the network; learning_rate: None takes
    each cell's own of LEARNING_RATES.
    """

    steps: int = STEPS
    hidden: int = HIDDEN
    learning_rate: float | None = None

    def rate(self, cell: str) -> float:
        """Return the learning rate for a cell."""
        return LEARNING_RATES[cell] if self.learning_rate is None else self.learning_rate
