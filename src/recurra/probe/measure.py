"""Train a cell on a problem at a length, and measure what it remembers and what that costs."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from recurra.batch import Batch
from recurra.nn.recurrent import Layer, Recurrent
from recurra.probe.problems import Problem

EMBEDDING = 16
BATCH = 32
HELD_OUT = 512
CLIP = 1.0
OPEN = 3.0
"""Bias of the keeping gates at the start: a step then keeps about 95 % of the state."""
LOOK = 50
"""Steps between two looks at whether the problem is solved."""


@dataclass(frozen=True)
class Effort:
    """How hard to try: at most so many steps of training, each on BATCH fresh rows, by Adam at a constant rate."""

    steps: int
    hidden: int
    learning_rate: float


@dataclass(frozen=True)
class Outcome:
    """What one training came to.

    score: of HELD_OUT fresh rows. steps: of training, fewer than allowed where the problem was solved before. seconds:
    of wall time; cpu_seconds: of all threads together.
    """

    problem: str
    cell: str
    length: int
    seed: int
    score: float
    solved: bool
    steps: int
    seconds: float
    cpu_seconds: float
    weights: int

    def plain(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return asdict(self)


class ProbeNetwork(nn.Module):
    """One recurrent layer that reads forward, and a linear head at the last steps.

    The gate that keeps the state begins open, an LSTM's forget gate and a GRU's update gate (Gers et al., 2000;
    Jozefowicz et al., 2015): otherwise both forget from the start. A plain RNN has none.
    """

    def __init__(self, problem: Problem, cell: str, hidden: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(problem.symbols, EMBEDDING) if problem.symbols else None
        self.recurrent = Recurrent(cell, EMBEDDING if problem.symbols else 2, hidden, both=False)
        self.head = nn.Linear(hidden, problem.outputs)
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=0.3)
        if cell != "rnn":
            direction = cast(Layer, self.recurrent.layers[0]).left_to_right
            keeping = slice(hidden, 2 * hidden)  # the second block of both: forget of i, f, g, o; update of r, z, n
            with torch.no_grad():
                direction.bias_ih[keeping] = OPEN
                direction.bias_hh[keeping] = 0.0

    def forward(self, values: Tensor, answers: int) -> Tensor:
        """values: as in `Sample`. Returns [B, answers, outputs], those of the last steps."""
        rows, steps = values.shape[:2]
        if self.embedding is None:
            x = values.flatten(0, 1)  # [B * T, 2]
            index = torch.arange(len(x), dtype=torch.int32).view(rows, steps)
        else:
            x, index = self.embedding.weight, values.to(torch.int32)
        states = self.recurrent(x, index, Batch(index.long(), torch.full((rows,), steps)))
        found: Tensor = self.head(states[:, -answers:])
        return found


def measure(problem: Problem, cell: str, length: int, seed: int, effort: Effort) -> Outcome:
    """Train one network from the weights and on the rows that `seed` decides, and return what it came to."""
    torch.manual_seed(seed)
    rng = np.random.default_rng((seed, length))
    held_out = problem.draw(np.random.default_rng((seed, length, 1)), HELD_OUT, length)
    network = ProbeNetwork(problem, cell, effort.hidden)
    optimizer = torch.optim.Adam(network.parameters(), lr=effort.learning_rate, fused=True)
    started, used = time.perf_counter(), time.process_time()
    steps, solved, score = 0, False, float("nan")
    while steps < effort.steps and not solved:
        sample = problem.draw(rng, BATCH, length)
        loss = problem.loss(network(sample.values, sample.targets.shape[1]), sample.targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimizer.step()
        steps += 1
        if steps % LOOK == 0 or steps == effort.steps:
            with torch.inference_mode():
                score = problem.measured(network(held_out.values, held_out.targets.shape[1]), held_out.targets)
            solved = problem.is_solved(score)
    return Outcome(
        problem=problem.name,
        cell=cell,
        length=length,
        seed=seed,
        score=score,
        solved=solved,
        steps=steps,
        seconds=time.perf_counter() - started,
        cpu_seconds=time.process_time() - used,
        weights=sum(weight.numel() for weight in network.parameters()),
    )
