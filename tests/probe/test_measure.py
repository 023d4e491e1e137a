"""One measurement of the probe: a short problem is learnt, and a measurement can be repeated."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from recurra.kernel.layout import GATES, RECURRENT_GATES
from recurra.probe.budget import LEARNING_RATES, Budget
from recurra.probe.measure import ProbeNetwork, measure
from recurra.probe.problems import PROBLEMS


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("problem", "cell"), [("agreement", "gru"), ("agreement", "lstm"), ("adding", "gru")])
def test_a_short_problem_is_solved_and_training_stops(problem: str, cell: str) -> None:
    outcome = measure(PROBLEMS[problem], cell, 6, 0, Budget(steps=900, hidden=32, learning_rate=0.01))
    assert outcome.solved and outcome.steps < 900
    assert PROBLEMS[problem].is_solved(outcome.score)


@pytest.mark.parametrize("problem", list(PROBLEMS))
@pytest.mark.parametrize("cell", GATES)
def test_a_measurement_is_repeatable_and_counts_its_weights(problem: str, cell: str) -> None:
    budget = Budget(steps=3, hidden=5, learning_rate=0.01)
    one, again = (measure(PROBLEMS[problem], cell, 7, 2, budget) for _ in range(2))
    assert (one.score, one.steps) == (again.score, 3)
    other = measure(PROBLEMS[problem], cell, 7, 3, budget)
    assert problem == "agreement" or other.score != one.score
    inputs, symbols = (16, PROBLEMS[problem].symbols) if PROBLEMS[problem].symbols else (2, 0)
    recurrent = 5 * (GATES[cell] * (inputs + 1) + RECURRENT_GATES[cell] * (5 + 1))
    assert one.weights == 16 * symbols + recurrent + 6 * PROBLEMS[problem].outputs


def test_the_gate_of_mingru_begins_with_times_from_one_step_to_the_length() -> None:
    torch.manual_seed(0)
    direction = ProbeNetwork(PROBLEMS["copy"], "mingru", 400, 200).recurrent.layers[0].left_to_right
    times = 1 / torch.sigmoid(direction.bias_ih[:400]).detach().double() - 1
    assert 1 <= float(times.min()) < 5 and 195 < float(times.max()) < 199.5
    assert not direction.bias_ih[400:].any()


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_gates_begin_with_times_from_one_step_to_the_length(cell: str) -> None:
    """A gate that keeps sigmoid(log(t)) of the state forgets about 1/t of it a step: its time is t + 1 steps."""
    torch.manual_seed(0)
    direction = ProbeNetwork(PROBLEMS["copy"], cell, 400, 200).recurrent.layers[0].left_to_right
    kept = torch.sigmoid(direction.bias_ih[400:800] + direction.bias_hh[400:800]).detach().double()
    times = 1 / (1 - kept) - 1
    assert 1 <= float(times.min()) < 5 and 195 < float(times.max()) < 199.5
    assert abs(float(times.mean()) - 100) < 10
    if cell == "lstm":
        torch.testing.assert_close(
            torch.sigmoid(direction.bias_ih[:400]).detach().double(), 1 - kept, atol=1e-6, rtol=0
        )


def test_each_cell_has_its_rate_unless_one_is_given() -> None:
    assert {cell: Budget().rate(cell) for cell in LEARNING_RATES} == LEARNING_RATES
    assert {Budget(learning_rate=0.5).rate(cell) for cell in LEARNING_RATES} == {0.5}
