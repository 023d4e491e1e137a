"""Train one cell on one problem at one length, and measure its score and its cost."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from recurra.nn.batch import Batch
from recurra.nn.recurrent import Layer, Recurrent
from recurra.probe.budget import Budget
from recurra.probe.problems import Problem, Sample

EMBEDDING = 16
BATCH = 32
HELD_OUT = 512
CLIP = 1.0
KEPT_BY: dict[str, int | None] = {"gru": 1, "lstm": 1, "mingru": None, "minlstm": 1}
WRITTEN_BY: dict[str, int | None] = {"gru": None, "lstm": 0, "mingru": 0, "minlstm": 0}
"""The gates that let a state stay as it is, and that let it be written, by their places: r, z, n of the GRU; i, f, g, o
of the LSTM; z, n of minGRU; i, f, n of minLSTM. A cell with one of them derives the other from it."""
CHECK_EVERY = 50
"""Training steps between two checks of whether the problem is solved."""


@dataclass(frozen=True)
class Outcome:
    """The result of one training.

    score: on HELD_OUT fresh rows; solved: whether the score reached the problem's `solved`, which stops training;
    steps: training steps taken; seconds: wall time of these steps; cpu_seconds: their processor time; weights: their
    number.
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
        """Return it as a dictionary for JSON."""
        return asdict(self)


class ProbeNetwork(nn.Module):
    """One forward recurrent layer, and a linear head at the last steps.

    length: the steps to look back. The gates of a cell that has some are initialised so that the units forget at
    different rates, with time constants uniform from 1 to `length` steps (Tallec and Ollivier, 2018: Can recurrent
    neural networks warp time?). A plain RNN has no gate; its orthogonal initial weights help it to remember (see
    `nn.recurrent.DirectionWeights`).
    """

    def __init__(self, problem: Problem, cell: str, hidden: int, length: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(problem.symbols, EMBEDDING) if problem.symbols else None
        self.recurrent = Recurrent(cell, EMBEDDING if problem.symbols else 2, hidden, both=False)
        self.head = nn.Linear(hidden, problem.outputs)
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=0.3)
        if cell in KEPT_BY:
            self._initialise_gates(cell, hidden, length)

    def _initialise_gates(self, cell: str, hidden: int, length: int) -> None:
        """Set the biases for time constants from 1 to `length` steps."""
        direction = cast(Layer, self.recurrent.layers[0]).left_to_right
        times = torch.empty(hidden).uniform_(1, max(2, length - 1))
        with torch.no_grad():
            biases = direction.bias_ih.view(-1, hidden)
            if KEPT_BY[cell] is not None:
                biases[KEPT_BY[cell]] = times.log()
            if WRITTEN_BY[cell] is not None:
                biases[WRITTEN_BY[cell]] = -times.log()  # a unit that forgets slowly is written rarely

    def forward(self, values: Tensor, answers: int) -> Tensor:
        """values: as in `Sample`, [B, T] or [B, T, 2]. Returns the outputs of the last steps, [B, answers, outputs]."""
        rows, steps = values.shape[:2]
        if self.embedding is None:
            x = values.flatten(0, 1)  # [B * T, 2]
            index = torch.arange(len(x), dtype=torch.int32).view(rows, steps)
        else:
            x, index = self.embedding.weight, values.to(torch.int32)
        states = self.recurrent(x, index, Batch(index.long(), torch.full((rows,), steps)))
        outputs: Tensor = self.head(states[:, -answers:])
        return outputs


def measure(problem: Problem, cell: str, length: int, seed: int, budget: Budget) -> Outcome:
    """Train one network until the problem is solved or the budget spent. seed: of its initial weights and its rows."""
    torch.manual_seed(seed)
    rng = np.random.default_rng((seed, length))
    held_out = problem.draw(np.random.default_rng((seed, length, 1)), HELD_OUT, length)
    network = ProbeNetwork(problem, cell, budget.hidden, length)
    optimizer = torch.optim.Adam(network.parameters(), lr=budget.rate(cell), fused=True)
    steps, solved, score, seconds, cpu_seconds = 0, False, float("nan"), 0.0, 0.0
    while steps < budget.steps and not solved:
        count = min(CHECK_EVERY, budget.steps - steps)
        wall_start, cpu_start = time.perf_counter(), time.process_time()
        for _ in range(count):
            _step(problem, network, optimizer, problem.draw(rng, BATCH, length))
        seconds += time.perf_counter() - wall_start
        cpu_seconds += time.process_time() - cpu_start
        steps += count
        with torch.inference_mode():
            score = problem.score_of(network(held_out.values, held_out.targets.shape[1]), held_out.targets)
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
        cpu_seconds=cpu_seconds,
        weights=sum(weight.numel() for weight in network.parameters()),
    )


def _step(problem: Problem, network: ProbeNetwork, optimizer: torch.optim.Optimizer, sample: Sample) -> None:
    loss = problem.loss(network(sample.values, sample.targets.shape[1]), sample.targets)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), CLIP)
    optimizer.step()
