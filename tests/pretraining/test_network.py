"""The network that is pretrained: what it foretells, and what its loss is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from recurra.nn.batch import Batch
from recurra.pretraining.network import COMMON, DRAWN, PretrainingNetwork
from recurra.pretraining.pieces import Neighbours
from recurra.storage.base import BaseShape
from support.torch_cells import MODULES

VOCABULARY, COUNTS = 12, np.array([0, 9, 90, 1, 2, 1, 2, 1, 2, 1, 2, 1])
"""Of 100 pieces, 90 have the word 2."""


def network(counts: np.ndarray = COUNTS, **sizes: Any) -> PretrainingNetwork:
    torch.manual_seed(3)
    chosen = {"embedding": 5, "cell": "lstm", "hidden": 3, "layers": 1, "direction": "both", **sizes}
    made = PretrainingNetwork(BaseShape(vocabulary=len(counts), **chosen), counts, 100)
    with torch.no_grad():
        for weight in made.parameters():
            weight.normal_(0, 0.5)
    return made


def inputs() -> Neighbours:
    pieces = Batch.of([np.array([3, 4, 5, 2]), np.array([1, 7])])
    return Neighbours(pieces, torch.tensor([[2, 6, 8], [9, 0, 0]]))


def test_common_words_are_not_foretold_nor_the_unknown_one() -> None:
    foretold = network().foretold
    assert foretold.tolist() == [False, False, False] + [True] * 9
    assert COUNTS[2] / 100 > COMMON >= COUNTS[4] / 100


def test_of_a_small_vocabulary_the_rarer_half_is_foretold_however_common() -> None:
    foretold = network(np.array([0, 9, 90, 50, 80, 60])).foretold
    assert foretold.tolist() == [False, False, False, True, False, True]


@pytest.mark.parametrize("cell", MODULES)
@pytest.mark.parametrize(("layers", "direction"), [(1, "both"), (2, "both"), (2, "forward")])
def test_the_surprise_is_that_of_a_softmax_over_the_words_that_are_foretold(
    cell: str, layers: int, direction: str
) -> None:
    made = network(cell=cell, layers=layers, direction=direction).eval()
    given = inputs()
    with torch.no_grad():
        for row, beside in enumerate([[6, 8], [9]]):  # 2 is too common
            length = int(given.pieces.lengths[row])
            alone = Batch(given.pieces.values[row : row + 1, :length], given.pieces.lengths[row : row + 1])
            ids = alone.values
            words, index = torch.unique(ids, return_inverse=True)
            states = made.recurrent(made.embedding(words), index.int(), alone)[0]  # [T, F]
            vector = made.projection(torch.cat([states.amax(0), states.mean(0)]))
            logits = (made.nearby.weight @ vector + made.bias)[3:]
            expected = -sum(float(logits.log_softmax(0)[word - 3]) for word in beside)
            found = made.surprise(given)[row]
            assert found.tolist() == pytest.approx([expected, len(beside)], rel=1e-4)


def test_the_loss_is_that_of_telling_a_word_from_drawn_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each candidate by its logit less the logarithm of how often it is drawn, as in sampled softmax."""
    made, given = network(), inputs()
    drawn = torch.tensor([3, 3, 5, 9] * (DRAWN // 4))
    monkeypatch.setattr(made, "_drawn", lambda device: drawn)
    share = np.where(made.foretold.numpy(), COUNTS, 0) ** 0.75
    expected_often = torch.from_numpy(share / share.sum() * DRAWN)
    with torch.no_grad():
        vectors = made._foretold(given)
        logits = (vectors @ made.nearby.weight.T + made.bias).double() - expected_often.log()
        for row, beside in enumerate([[6, 8], [9]]):
            candidates = [torch.cat([logits[row, [word]], logits[row, drawn]]) for word in beside]
            expected = -sum(float(each.log_softmax(0)[0]) for each in candidates)
            assert made(given)[row].tolist() == pytest.approx([expected, len(beside)], rel=1e-4)


def test_words_are_drawn_by_a_power_of_their_counts() -> None:
    made = network(np.array([0, 9, 90, 1, 2, 1, 2, 1, 2, 1, 2, 0]))
    torch.manual_seed(0)
    drawn = torch.cat([made._drawn(torch.device("cpu")) for _ in range(50)])
    found = np.bincount(drawn.numpy(), minlength=12) / len(drawn)
    share = np.array([0, 0, 0, 1, 2, 1, 2, 1, 2, 1, 2, 0.5]) ** 0.75
    assert np.abs(found - share / share.sum()).max() < 0.01
    assert not found[:3].any()


def test_gradients_by_row_are_those_of_the_whole_table() -> None:
    gradients = []
    for by_row in (False, True):
        made = network()
        if by_row:
            made.gradients_by_row()
        torch.manual_seed(1)
        made(inputs())[:, 0].sum().backward()
        gradients.append(
            {
                name: weight.grad.to_dense() if weight.grad.is_sparse else weight.grad
                for name, weight in made.named_parameters()
                if weight.grad is not None
            }
        )
    assert gradients[0].keys() == gradients[1].keys() == dict(network().named_parameters()).keys()
    for name, gradient in gradients[0].items():
        assert torch.allclose(gradient, gradients[1][name], atol=1e-5), name


def test_both_tables_start_from_the_vectors_that_are_given() -> None:
    vectors = np.random.default_rng(0).normal(size=(VOCABULARY, 5)).astype(np.float32)
    shape = BaseShape(vocabulary=VOCABULARY, embedding=5, cell="gru", hidden=2, layers=1, direction="forward")
    made = PretrainingNetwork(shape, COUNTS, 100, vectors)
    for table in (made.embedding, made.nearby):
        assert np.array_equal(table.weight.detach().numpy(), vectors)
    names = {name for name, _ in made.named_parameters()}
    assert set(shape.weight_shapes()) <= names
