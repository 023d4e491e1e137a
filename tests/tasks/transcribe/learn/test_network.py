"""The network: its inputs are standardised, and an utterance has the same logits in any batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recurra.nn.batch import Batch
from recurra.tasks.transcribe.learn.network import BLANK_BIAS, LEAST_DEVIATION, TranscriberNetwork
from recurra.tasks.transcribe.shape import TranscriberShape


def network(**changes: object) -> TranscriberNetwork:
    fields = {
        "rate": 8000, "mels": 8, "stack": 3, "cell": "gru", "hidden": 5, "layers": 2, "direction": "both", "symbols": 6,
    }  # fmt: skip
    torch.manual_seed(0)
    return TranscriberNetwork(TranscriberShape(**{**fields, **changes})).eval()


def frames(seed: int, steps: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(2, 3, (steps, 24)).astype(np.float32)


def test_an_utterance_is_heard_alike_in_any_batch() -> None:
    made = network()
    rows = [frames(seed, steps) for seed, steps in enumerate((4, 9, 1))]
    together = made(Batch.of(rows))
    for row, own in zip(rows, together, strict=True):
        torch.testing.assert_close(made(Batch.of([row]))[0], own[: len(row)], atol=1e-5, rtol=1e-5)


def test_standardising_is_subtracting_the_mean_and_dividing_by_the_deviation() -> None:
    plain, standardised = network(), network()
    mean = np.arange(8, dtype=np.float32)
    deviation = np.array([1, 2, 3, 4, 5, 6, 7, 0], dtype=np.float32)
    standardised.standardise(mean, deviation)
    row = frames(0, 7)
    by_hand = (row.reshape(7, 3, 8) - mean) / np.maximum(deviation, LEAST_DEVIATION)
    expected = plain(Batch.of([by_hand.reshape(7, 24)]))
    torch.testing.assert_close(standardised(Batch.of([row])), expected, atol=1e-5, rtol=1e-5)
    assert "mean" in standardised.state_dict() and "mean" not in dict(standardised.named_parameters())


def test_blank_starts_below_the_characters() -> None:
    assert network().head.bias.tolist() == [BLANK_BIAS, 0, 0, 0, 0, 0]


def test_a_forward_network_does_not_look_ahead() -> None:
    made = network(direction="forward")
    row = frames(0, 8)
    changed = row.copy()
    changed[5:] = 0
    before, after = made(Batch.of([row]))[0], made(Batch.of([changed]))[0]
    torch.testing.assert_close(before[:5], after[:5])
    assert not torch.allclose(before[5:], after[5:])


@pytest.mark.parametrize("direction", ["both", "forward"])
def test_the_weights_are_those_of_the_shape(direction: str) -> None:
    made = network(direction=direction)
    sizes = {name: tuple(tensor.shape) for name, tensor in made.state_dict().items()}
    assert sizes == made.shape.weight_shapes()
