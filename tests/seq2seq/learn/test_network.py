"""The encoder-decoder: all steps at once are the steps one by one, and padding changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from recurra.kernel.layout import weight_kinds
from recurra.nn.batch import Batch
from recurra.nn.cells import CELLS
from recurra.seq2seq.learn.network import Matched, Pairs, Seq2Seq
from recurra.seq2seq.shape import BEGIN, Seq2SeqShape
from support.torch_cells import MODULES


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small products are slower on several threads, and far slower where these must wait for other programs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def network_of(cell: str, layers: int = 1, seed: int = 0, match: int = 0) -> Seq2Seq:
    sizes = {"vocabulary": 23, "embedding": 6, "hidden": 5, "max_tokens": 20}
    torch.manual_seed(seed)
    shape = Seq2SeqShape(cell=cell, layers=layers, beam=3, length_penalty=1.0, match=match, **sizes)
    network = Seq2Seq(shape).eval()
    with torch.no_grad():
        network.bias.uniform_(-0.5, 0.5)
        network.embedding.weight.mul_(5)
    return network


def sequences(lengths: Sequence[int], seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(2, 23, n).astype(np.int32) for n in lengths]


def pairs_of(sources: Sequence[np.ndarray], targets: Sequence[np.ndarray]) -> Pairs:
    begun = [np.concatenate([[BEGIN], target]).astype(np.int32) for target in targets]
    return Pairs(Batch.of(sources), Batch.of(begun))


SOURCES, TARGETS = sequences((4, 1, 7, 2)), sequences((3, 6, 1, 4), seed=1)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_all_steps_at_once_are_the_steps_one_by_one(cell: str, layers: int) -> None:
    network = network_of(cell, layers)
    with torch.inference_mode():
        found = network(pairs_of(SOURCES, TARGETS))
        expected = []
        for source, target in zip(SOURCES, TARGETS, strict=True):
            memory, state = network.encode(Batch.of([source])), network.begin(1)
            for piece in [BEGIN, *target.tolist()]:
                logits, attention, state = network.step(torch.tensor([piece]), state, memory)
                assert attention.sum().item() == pytest.approx(1)
                expected.append(logits[0])
    torch.testing.assert_close(found, torch.stack(expected), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_the_equations(cell: str) -> None:
    """Against the equations of the docstring, by torch's own recurrent layers, for one pair."""
    network, f = network_of(cell), 10
    kind = MODULES[cell]

    def states_of(stack: str, x: Tensor, hidden: int, both: bool = False) -> Tensor:
        layer = kind(x.shape[-1], hidden, batch_first=True, bidirectional=both)
        state = {}
        for name, suffix in (("left_to_right", ""), ("right_to_left", "_reverse"))[: 1 + both]:
            for weight in weight_kinds(cell):
                state[f"{weight}_l0{suffix}"] = network.get_parameter(f"{stack}.layers.0.{name}.{weight}")
        layer.load_state_dict(state)
        return layer(x)[0]

    source, target = torch.from_numpy(SOURCES[2]).long(), torch.from_numpy(TARGETS[1]).long()
    embedding = network.embedding.weight
    with torch.no_grad():
        memory = states_of("encoder", embedding[source][None], 5, both=True)
        summary = torch.cat([memory[:, -1, :5], memory[:, 0, 5:]], dim=-1)
        start = functional.linear(summary, network.start.weight, network.start.bias)
        h = states_of("lower", torch.cat([start[:, None], embedding[target][None]], dim=1), f)
        weights = (h @ network.query.weight.T @ memory.transpose(1, 2)).softmax(-1)
        c = weights @ memory
        u = states_of("upper", torch.cat([h, c], dim=-1), f)
        read = torch.tanh(functional.linear(torch.cat([u, c], -1), network.readout.weight, network.readout.bias))
        expected = (read @ embedding.T + network.bias)[0]
        found = network(pairs_of([SOURCES[2]], [TARGETS[1]]))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_padding_changes_neither_answers_nor_gradients(cell: str) -> None:
    network = network_of(cell, 2)

    def summed(pairs: list[Pairs]) -> dict[str, Tensor]:
        network.zero_grad()
        for each in pairs:
            network(each).log_softmax(-1)[:, 3].sum().backward()
        return {name: weight.grad.clone() for name, weight in network.named_parameters()}

    together = summed([pairs_of(SOURCES, TARGETS)])
    apart = summed([pairs_of([source], [target]) for source, target in zip(SOURCES, TARGETS, strict=True)])
    for name, gradient in together.items():
        torch.testing.assert_close(gradient, apart[name], atol=2e-5, rtol=1e-4, msg=name)
    pairs = pairs_of(SOURCES, TARGETS)
    other = Pairs(
        Batch(torch.where(pairs.source.mask(), pairs.source.values, 17), pairs.source.lengths),
        Batch(torch.where(pairs.target.mask(), pairs.target.values, 11), pairs.target.lengths),
    )
    torch.testing.assert_close(network(pairs), network(other), atol=1e-6, rtol=1e-6)


def test_the_match_is_that_of_each_source_with_each_target_alone() -> None:
    network = network_of("lstm", match=4)
    with torch.no_grad():
        found = network(pairs_of(SOURCES, TARGETS))
        assert isinstance(found, Matched)
        plain = network_of("lstm")
        plain.load_state_dict({name: network.state_dict()[name] for name in plain.state_dict()})
        torch.testing.assert_close(found.logits, plain(pairs_of(SOURCES, TARGETS)))
        weight, bias = network.match.weight, network.match.bias
        largest = [
            network.encode(Batch.of([ids])).states[0].amax(0)
            for ids in [*SOURCES, *(np.concatenate([[BEGIN], target]).astype(np.int32) for target in TARGETS)]
        ]
        asked = [weight[:4] @ each + bias[:4] for each in largest[: len(SOURCES)]]
        given = [weight[4:] @ each + bias[4:] for each in largest[len(SOURCES) :]]
        expected = torch.tensor([[float(one @ other) for other in given] for one in asked])
    torch.testing.assert_close(found.match, expected, atol=1e-5, rtol=1e-5)
    assert expected.std() > 0.01


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 3])
def test_parameters_are_counted(cell: str, layers: int) -> None:
    network = network_of(cell, layers, match=layers - 1)
    assert network.shape.parameters == sum(weight.numel() for weight in network.parameters())
    assert len(network.shape.states) == sum(map(len, network.begin(1)))


def test_a_match_is_computed_in_float32_under_autocast() -> None:
    """The states are those of bfloat16; what is made of them is not rounded again."""
    network, pairs = network_of("gru", match=64), pairs_of(SOURCES, TARGETS)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        found = network(pairs)
        source, (states, mask) = network.encode(pairs.source), network._states(pairs.target)
    with torch.inference_mode():
        asked, _ = network.matched(source.states, source.mask)
        _, given = network.matched(states, mask)
    assert isinstance(found, Matched) and found.match.dtype == torch.float32
    torch.testing.assert_close(found.match, asked @ given.T, rtol=1e-6, atol=1e-6)
