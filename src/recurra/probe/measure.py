"""Train a cell on a problem at a length, and measure what it remembers and what that costs."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from recurra.nn.batch import Batch
from recurra.nn.recurrent import Layer, Recurrent
from recurra.probe.budget import Effort
from recurra.probe.problems import Problem, Sample

EMBEDDING = 16
BATCH = 32
HELD_OUT = 512
CLIP = 1.0
LOOK = 50
"""Steps between two looks at whether the problem is solved."""


@dataclass(frozen=True)
class Outcome:
    """What one training came to.

    score: of HELD_OUT fresh rows. steps: of training, fewer than allowed where the problem was solved before. seconds:
    of wall time in these steps; cpu_seconds: of processor time.
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

    length: the steps to look back. An LSTM or a GRU starts with gates that keep each unit's state for a time of its
    own, spread evenly from 1 to `length` steps (Tallec and Ollivier, 2018: Can recurrent neural networks warp time?).
    A plain RNN has no gate; what helps it to remember are its orthogonal weights (see `nn.recurrent.Direction`).
    """

    def __init__(self, problem: Problem, cell: str, hidden: int, length: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(problem.symbols, EMBEDDING) if problem.symbols else None
        self.recurrent = Recurrent(cell, EMBEDDING if problem.symbols else 2, hidden, both=False)
        self.head = nn.Linear(hidden, problem.outputs)
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=0.3)
        if cell != "rnn":
            self._keep(cell, hidden, length)

    def _keep(self, cell: str, hidden: int, length: int) -> None:
        direction = cast(Layer, self.recurrent.layers[0]).left_to_right
        times = torch.empty(hidden).uniform_(1, max(2, length - 1))
        with torch.no_grad():
            direction.bias_ih[hidden : 2 * hidden] = times.log()  # forget of i, f, g, o; update of r, z, n
            if cell == "lstm":
                direction.bias_ih[:hidden] = -times.log()  # what is kept long is written rarely

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
    network = ProbeNetwork(problem, cell, effort.hidden, length)
    optimizer = torch.optim.Adam(network.parameters(), lr=effort.rate(cell), fused=True)
    steps, solved, score, seconds, used = 0, False, float("nan"), 0.0, 0.0
    while steps < effort.steps and not solved:
        count = min(LOOK, effort.steps - steps)
        started, before = time.perf_counter(), time.process_time()
        for _ in range(count):
            _step(problem, network, optimizer, problem.draw(rng, BATCH, length))
        seconds, used = seconds + time.perf_counter() - started, used + time.process_time() - before
        steps += count
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
        seconds=seconds,
        cpu_seconds=used,
        weights=sum(weight.numel() for weight in network.parameters()),
    )


def _step(problem: Problem, network: ProbeNetwork, optimizer: torch.optim.Optimizer, sample: Sample) -> None:
    loss = problem.loss(network(sample.values, sample.targets.shape[1]), sample.targets)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), CLIP)
    optimizer.step()
