"""Dropout of values, features and words: the rates are kept, and nothing is dropped outside training."""

from __future__ import annotations

import pytest
import torch

from recurra.nn.dropout import Dropout, LockedDropout, WordDropout


@pytest.mark.parametrize("rate", [0.001, 0.3, 0.5, 0.9])
def test_values_are_dropped_independently_and_the_mean_is_kept(rate: float) -> None:
    torch.manual_seed(3)
    x = torch.full((501, 407), 2.0)
    y = Dropout(rate)(x)
    dropped = float((y == 0).double().mean())
    deviation = (rate * (1 - rate) / x.numel()) ** 0.5
    assert abs(dropped - rate) < 5 * deviation + 2**-16
    kept = y[y != 0]
    torch.testing.assert_close(kept, torch.full_like(kept, 2 / (1 - rate)), rtol=2e-2 if rate == 0.9 else 2e-3, atol=0)
    neighbours = (y[:, 1:] == 0) & (y[:, :-1] == 0)
    assert abs(float(neighbours.double().mean()) - rate**2) < 0.01
    assert torch.equal(Dropout(rate).eval()(x), x)
    assert Dropout(0.0)(x) is x


def test_a_sequence_loses_the_same_features_at_every_step() -> None:
    torch.manual_seed(4)
    x = torch.randn(200, 3, 50)
    y = LockedDropout(0.3)(x)
    dropped = y == 0
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert abs(float(dropped.double().mean()) - 0.3) < 0.03
    torch.testing.assert_close(y[~dropped], x[~dropped] / 0.7)
    assert torch.equal(LockedDropout(0.3).eval()(x), x)


def test_words_are_replaced_in_training_alone() -> None:
    torch.manual_seed(5)
    ids = torch.randint(2, 90, (60, 70))
    replaced = WordDropout(0.2, 1)(ids)
    assert abs(float((replaced == 1).double().mean()) - 0.2) < 0.03
    assert torch.equal(replaced[replaced != 1], ids[replaced != 1])
    assert torch.equal(WordDropout(0.2, 1).eval()(ids), ids)


def test_each_word_may_have_a_rate_of_its_own() -> None:
    torch.manual_seed(6)
    ids = torch.randint(0, 4, (100, 200))
    words = WordDropout(torch.tensor([0.0, 0.25, 0.7, 1.0]), 1)
    hidden = words.hides(ids)
    assert hidden is not None
    for word, rate in enumerate((0.0, 0.25, 0.7, 1.0)):
        assert abs(float(hidden[ids == word].double().mean()) - rate) < 0.03
    replaced = words(ids)
    assert torch.equal(replaced[replaced != 1], ids[replaced != 1]) and not (replaced == 3).any()
    assert words.eval().hides(ids) is None and WordDropout(0.0, 1).hides(ids) is None
    assert "rate" not in words.state_dict()
