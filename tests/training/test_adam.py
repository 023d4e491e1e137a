"""A step by rows is torch's step with the zeros written out, and the norm is torch's."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from recurra.kernel.library import VARIANTS, library
from recurra.nn.embedding import Embedding
from recurra.nn.recurrent import Recurrent
from recurra.training.adam import Adam, clip_norm, takes_rows, weight_groups

needs_kernel = pytest.mark.skipif(
    not takes_rows(torch.device("cpu")), reason="the kernel is not built here; gradients are tables"
)


class Small(nn.Module):
    """Words -> one number each."""

    def __init__(self, words: int, width: int) -> None:
        super().__init__()
        self.embedding = Embedding(words, width)
        self.head = nn.Linear(width, 1)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.head(torch.tanh(self.embedding(words)))
        return found


@needs_kernel
@pytest.mark.parametrize("variant", [name for name, variant in VARIANTS.items() if variant.dtype == "float32"])
@pytest.mark.parametrize(("words", "width", "threads"), [(50, 7, 1), (50, 64, 3), (3, 17, 5)])
def test_steps_by_rows_are_the_steps_of_torch(
    words: int, width: int, threads: int, variant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = library()
    assert found is not None
    if variant not in found.variants:
        pytest.skip(f"this processor does not run {variant}")
    monkeypatch.setattr(found, "variants", {variant: found.variants[variant]})
    torch.manual_seed(0)
    by_rows = Small(words, width)
    dense = copy.deepcopy(by_rows)
    by_rows.embedding.row_gradients = True
    ours, theirs = Adam(by_rows.parameters(), 0.01), torch.optim.Adam(dense.parameters(), lr=0.01, fused=False)
    norms: list[float] = []
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        for step in range(12):
            rows = torch.randperm(words)[: 1 + step % words].sort().values
            for network, optimizer in ((by_rows, ours), (dense, theirs)):
                optimizer.param_groups[0]["lr"] = 0.001 * (step + 1)
                optimizer.zero_grad(set_to_none=True)
                (network(rows).square() * torch.arange(1, len(rows) + 1)[:, None]).sum().backward()
                norms.append(float(clip_norm(network.parameters(), 1.5)))
                optimizer.step()
            assert norms[-2] == pytest.approx(norms[-1], rel=1e-4)
    finally:
        torch.set_num_threads(before)
    for one, other in zip(by_rows.parameters(), dense.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    saved, expected = ours.state_dict()["state"], theirs.state_dict()["state"]
    assert saved.keys() == expected.keys()
    for number, moments in expected.items():
        for name, moment in moments.items():
            torch.testing.assert_close(saved[number][name], moment, rtol=1e-4, atol=1e-6)


@needs_kernel
def test_saved_moments_continue_the_run() -> None:
    torch.manual_seed(1)
    network = Small(20, 5)
    network.embedding.row_gradients = True
    optimizer = Adam(network.parameters(), 0.1)

    def step(network: Small, optimizer: Adam) -> None:
        optimizer.zero_grad(set_to_none=True)
        network(torch.tensor([1, 4, 9])).sum().backward()
        optimizer.step()

    step(network, optimizer)
    again, saved = copy.deepcopy(network), copy.deepcopy(optimizer.state_dict())
    resumed = Adam(again.parameters(), 0.1)
    resumed.load_state_dict(saved)
    again.embedding.row_gradients = True
    for _ in range(3):
        step(network, optimizer)
        step(again, resumed)
    assert all(torch.equal(one, other) for one, other in zip(network.parameters(), again.parameters(), strict=True))


def test_the_norm_and_the_scaling_are_those_of_torch() -> None:
    torch.manual_seed(2)
    for limit in (0.5, 1e9, float("inf")):
        one, other = (nn.Linear(6, 3) for _ in range(2))
        for weight, same in zip(one.parameters(), other.parameters(), strict=True):
            weight.grad = torch.randn_like(weight)
            same.grad = weight.grad.clone()
        norm = clip_norm(one.parameters(), limit)
        assert float(norm) == pytest.approx(float(nn.utils.clip_grad_norm_(other.parameters(), limit)))
        for weight, same in zip(one.parameters(), other.parameters(), strict=True):
            torch.testing.assert_close(weight.grad, same.grad)


def test_a_network_is_one_group_unless_a_table_has_a_rate_of_its_own() -> None:
    network = Small(9, 3)
    (group,) = weight_groups(network)
    assert [id(weight) for weight in group["params"]] == [id(weight) for weight in network.parameters()]
    network.embedding.rate, network.embedding.learnt = 0.5, 7
    first, second = weight_groups(network)
    assert [id(weight) for weight in first["params"]] == [id(weight) for weight in network.head.parameters()]
    assert second == {"params": [network.embedding.weight], "rate": 0.5, "rows": 7}


@pytest.mark.parametrize("by_rows", [pytest.param(True, marks=needs_kernel), False])
def test_a_table_has_its_own_rate_and_rows_that_are_not_learnt_stay(by_rows: bool) -> None:
    torch.manual_seed(1)
    ours = Small(20, 5)
    theirs = copy.deepcopy(ours)
    ours.embedding.rate, ours.embedding.learnt, ours.embedding.row_gradients = 0.3, 12, by_rows
    optimizer = Adam(weight_groups(ours), 0.01)
    oracle = torch.optim.Adam([{"params": theirs.head.parameters()}, {"params": theirs.embedding.parameters()}])
    before = ours.embedding.weight[12:].detach().clone()
    for step in range(8):
        rate = 0.002 * (step + 1)
        optimizer.set_rate(rate)
        oracle.param_groups[0]["lr"], oracle.param_groups[1]["lr"] = rate, 0.3 * rate
        words = torch.randperm(12)[:7].sort().values
        for network, each in ((ours, optimizer), (theirs, oracle)):
            each.zero_grad(set_to_none=True)
            network(words).square().sum().backward()
            each.step()
    assert torch.equal(ours.embedding.weight[12:], before)
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_recurrent_layers_have_their_own_rate() -> None:
    """Adam's first step moves every weight by the learning rate."""
    torch.manual_seed(0)
    network = nn.ModuleDict({"recurrent": Recurrent("gru", 2, 3), "head": nn.Linear(6, 1)})
    assert len(weight_groups(network)) == 1
    network["recurrent"].rate = 0.25
    optimizer = Adam(weight_groups(network), 0.1)
    optimizer.set_rate(0.04)
    before = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    for weight in network.parameters():
        weight.grad = torch.ones_like(weight)
    optimizer.step()
    for name, weight in network.named_parameters():
        step = 0.01 if name.startswith("recurrent") else 0.04
        assert torch.allclose(before[name] - weight.detach(), torch.full_like(weight, step), atol=1e-5), name
