"""One measurement of the probe: what is short is learnt, what was measured can be measured again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from recurra.probe.measure import Effort, ProbeNetwork, measure
from recurra.probe.problems import PROBLEMS


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("problem", "cell"), [("agreement", "gru"), ("agreement", "lstm"), ("adding", "gru")])
def test_a_short_problem_is_solved_and_training_stops(problem: str, cell: str) -> None:
    outcome = measure(PROBLEMS[problem], cell, 6, 0, Effort(steps=900, hidden=32, learning_rate=0.01))
    assert outcome.solved and outcome.steps < 900
    assert PROBLEMS[problem].is_solved(outcome.score)


@pytest.mark.parametrize("problem", list(PROBLEMS))
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_a_measurement_is_repeatable_and_counts_its_weights(problem: str, cell: str) -> None:
    effort = Effort(steps=3, hidden=5, learning_rate=0.01)
    one, again = (measure(PROBLEMS[problem], cell, 7, 2, effort) for _ in range(2))
    assert (one.score, one.steps) == (again.score, 3)
    other = measure(PROBLEMS[problem], cell, 7, 3, effort)
    assert problem == "agreement" or other.score != one.score
    inputs, symbols = (16, PROBLEMS[problem].symbols) if PROBLEMS[problem].symbols else (2, 0)
    gates = {"rnn": 1, "gru": 3, "lstm": 4}[cell]
    recurrent = gates * 5 * (inputs + 5 + 2)
    assert one.weights == 16 * symbols + recurrent + 6 * PROBLEMS[problem].outputs


def test_the_gate_that_keeps_begins_open() -> None:
    """After one step from a state, a network whose other weights are zero keeps 95 % of it."""
    for cell in ("gru", "lstm"):
        network = ProbeNetwork(PROBLEMS["copy"], cell, 4)
        direction = network.recurrent.layers[0].left_to_right
        kept = torch.sigmoid(direction.bias_ih[4:8] + direction.bias_hh[4:8])
        torch.testing.assert_close(kept, torch.full((4,), 0.9526), atol=1e-4, rtol=0)
