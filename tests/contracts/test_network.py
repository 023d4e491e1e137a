"""Every cell, direction, depth and pooling: equal to torch's own modules on each row alone, whatever the padding."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.learn.pooling import POOLINGS
from recurra.many_to_one.shape import ManyToOneShape
from recurra.nn.batch import Batch
from recurra.nn.cells import CELLS
from support.torch_cells import MODULES

LENGTHS = (7, 1, 12, 3, 12, 2)
SHAPES = list(itertools.product(CELLS, ("both", "forward"), (1, 2), POOLINGS))


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def network_of(cell: str, direction: str, layers: int, pooling: str, outputs: int = 3) -> ManyToOneNetwork:
    torch.manual_seed(0)
    shape = ManyToOneShape(
        vocabulary=50,
        embedding=5,
        cell=cell,
        hidden=4,
        layers=layers,
        direction=direction,
        pooling=pooling,
        outputs=outputs,
    )
    return ManyToOneNetwork(shape, dropout=0.3).double().eval()


def sequences_of(lengths: tuple[int, ...] = LENGTHS, seed: int = 1) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.choice(50, size=n, replace=False).astype(np.int32) for n in lengths]


def oracle(network: ManyToOneNetwork, sequence: np.ndarray) -> torch.Tensor:
    """One row, no padding, torch's own recurrent module, pooling written out by hand."""
    shape = network.shape
    both = shape.direction == "both"
    module = MODULES[shape.cell](
        shape.embedding, shape.hidden, shape.layers, batch_first=True, bidirectional=both, dtype=torch.float64
    )
    with torch.no_grad():
        for depth, layer in enumerate(network.recurrent.layers):
            for name, suffix in (("left_to_right", ""), ("right_to_left", "_reverse"))[: 2 if both else 1]:
                for weight, values in getattr(layer, name).named_parameters():
                    kind, part = weight.split("_")
                    getattr(module, f"{kind}_{part}_l{depth}{suffix}").copy_(values)
    x = network.embedding.weight[torch.from_numpy(sequence.astype(np.int64))]
    steps, final = module(x[None])
    steps = steps[0]
    final = final[0] if shape.cell == "lstm" else final
    if shape.pooling == "last":
        pooled = torch.cat([final[-2, 0], final[-1, 0]]) if both else final[-1, 0]
    elif shape.pooling == "mean":
        pooled = steps.mean(0)
    elif shape.pooling == "max":
        pooled = steps.max(0).values
    elif shape.pooling == "max-mean":
        pooled = torch.cat([steps.max(0).values, steps.mean(0)])
    else:
        pooling = network.pooling
        scores = torch.tanh(steps @ pooling.projection.weight.T + pooling.projection.bias) @ pooling.score.weight[0]
        pooled = (torch.softmax(scores, 0)[:, None] * steps).sum(0)
    return network.head.weight @ pooled + network.head.bias


@pytest.mark.parametrize(("cell", "direction", "layers", "pooling"), SHAPES)
def test_answers_like_torch_on_each_row_alone(cell: str, direction: str, layers: int, pooling: str) -> None:
    network, sequences = network_of(cell, direction, layers, pooling), sequences_of()
    with torch.no_grad():
        answers = network(Batch.of(sequences))
        expected = torch.stack([oracle(network, sequence) for sequence in sequences])
    torch.testing.assert_close(answers, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("cell", "direction", "layers", "pooling"), SHAPES)
def test_padding_changes_neither_answer_nor_gradient(cell: str, direction: str, layers: int, pooling: str) -> None:
    network, sequences = network_of(cell, direction, layers, pooling), sequences_of()
    batch = Batch.of(sequences)
    rng = torch.Generator().manual_seed(3)
    noise = torch.randint(0, 50, (len(batch), batch.values.shape[1] + 9), generator=rng)
    noise[:, : batch.values.shape[1]] = torch.where(batch.mask(), batch.values, noise[:, : batch.values.shape[1]])
    padded = Batch(noise, batch.lengths)
    answers, gradients = [], []
    for given in (batch, padded):
        network.zero_grad()
        answer = network(given)
        answer.square().sum().backward()
        answers.append(answer.detach())
        gradients.append([p.grad.clone() for p in network.parameters()])
    torch.testing.assert_close(answers[0], answers[1], rtol=1e-12, atol=1e-12)
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("cell", "direction", "layers"), list(itertools.product(CELLS, ("both", "forward"), (1, 2))))
def test_gradients_are_right_on_ragged_batches(cell: str, direction: str, layers: int) -> None:
    network = network_of(cell, direction, layers, "mean")
    batch = Batch.of(sequences_of((4, 1, 3)))
    index = torch.randint(0, 4, (3, 4), generator=torch.Generator().manual_seed(2), dtype=torch.int32)
    x = torch.randn(4, 5, dtype=torch.float64, requires_grad=True)
    weights = list(network.recurrent.parameters())

    def states_of(x: torch.Tensor, *weights: torch.Tensor) -> torch.Tensor:
        return network.recurrent(x, index, batch) * batch.mask()[:, :, None]

    assert torch.autograd.gradcheck(states_of, (x, *weights), fast_mode=True)


@pytest.mark.parametrize("cell", CELLS)
def test_the_number_of_threads_changes_no_result(cell: str) -> None:
    network, batch = network_of(cell, "both", 2, "max").float().train(), Batch.of(sequences_of(LENGTHS * 5))
    found = []
    for count in (1, 2, 5):
        torch.manual_seed(7)
        network.zero_grad()
        with threads(count):
            answer = network(batch)
            answer.square().sum().backward()
        found.append([answer.detach(), *(p.grad.clone() for p in network.parameters())])
        with pytest.raises(RuntimeError, match=r"twice|second time"):
            answer.square().sum().backward()
    for other in found[1:]:
        for one, same in zip(found[0], other, strict=True):
            torch.testing.assert_close(one, same, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("cell", CELLS)
def test_bfloat16_stays_close(cell: str) -> None:
    network = network_of(cell, "both", 1, "max").float()
    batch = Batch.of(sequences_of())
    with torch.no_grad():
        exact = network(batch)
        with torch.autocast("cpu", torch.bfloat16):
            rough = network(batch).float()
    torch.testing.assert_close(rough, exact, rtol=0.05, atol=0.02)
    assert not torch.equal(rough, exact)


def test_dropout_works_in_training_alone() -> None:
    network, batch = network_of("lstm", "both", 2, "mean"), Batch.of(sequences_of())
    assert torch.equal(network(batch), network(batch))
    network.train()
    assert not torch.equal(network(batch), network(batch))
