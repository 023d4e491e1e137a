"""One piece of work that an engine is asked for. Standard library only: every environment reads this."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["training", "ids", "text", "latency", "gemm"]


@dataclass(frozen=True)
class Task:
    """What is to be done, in rounds of about `seconds`.

    kind: "training" whole training steps; "ids" probabilities from token ids; "text" probabilities from texts;
    "latency" one text at a time, each timed alone; "gemm" one square product of matrices.
    variant: the number format or the way of asking, as the engine names it. batch: rows at once. tokens: of each row.
    """

    kind: Kind
    cell: str = "lstm"
    variant: str = "fp32"
    batch: int = 64
    tokens: int = 200
    seconds: float = 1.2

    def plain(self) -> dict[str, Any]:
        """Return the fields as JSON knows them."""
        return asdict(self)


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    rounds: of every piece of work. training, inference: seconds of a round. requests: of a round of latencies.
    model_rows: reviews of the models that answer; enough for a sound choice of their number format.
    wall_rows: reviews in the job from file to judged model (None: all). keras_epochs: of the tutorial's model in it.
    growth_rows: the rows of the smallest of three runs, 1x, 4x and 16x. growth_tokens: lengths of a row.
    """

    rounds: int
    training: float
    inference: float
    requests: int
    model_rows: int
    wall_rows: int | None
    keras_epochs: int
    growth_rows: int
    growth_tokens: tuple[int, ...] = (100, 400, 1600)


FULL = Sizes(
    rounds=5,
    training=1.2,
    inference=0.7,
    requests=100,
    model_rows=20_000,
    wall_rows=None,
    keras_epochs=4,
    growth_rows=2_000,
)
QUICK = Sizes(
    rounds=3,
    training=0.1,
    inference=0.1,
    requests=20,
    model_rows=3_000,
    wall_rows=2_000,
    keras_epochs=1,
    growth_rows=200,
)


def rounds_of(seconds: float, each: float, least: int = 2) -> int:
    """Return how many repetitions of `each` seconds fill `seconds`; `least` at any rate."""
    return max(least, round(seconds / max(each, 1e-9)))
