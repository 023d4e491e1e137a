"""Which symbols are drawn and how often, against their probabilities by plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import OptionError
from recurra.inference.sampling import Sampling, seeded


def test_a_seed_gives_the_same_numbers_and_none_gives_others() -> None:
    assert seeded(7).random() == seeded(7).random() != seeded(8).random()
    assert seeded(None).random() != seeded(None).random()


def test_a_seed_below_zero_is_refused() -> None:
    with pytest.raises(OptionError, match=r"^The seed must be 0 or larger; got -1\.$"):
        seeded(-1)


@given(
    logits=st.lists(st.floats(-30, 30, width=32), min_size=2, max_size=12),
    temperature=st.floats(0.05, 5),
    top_k=st.none() | st.integers(1, 14),
    top_p=st.none() | st.floats(0.01, 1),
)
def test_symbols_beyond_top_k_and_top_p_are_never_drawn(
    logits: list[float], temperature: float, top_k: int | None, top_p: float | None
) -> None:
    values = np.array(logits, dtype=np.float32)
    weights = np.exp((values.astype(float) - values.max()) / temperature)
    order = np.argsort(-weights, kind="stable")[: top_k or len(weights)]
    kept = weights[order] / weights[order].sum()
    enough = int(np.searchsorted(np.cumsum(kept), (top_p or 1.0) - 1e-9)) + 1
    least = weights[order][min(enough, len(order)) - 1]
    rng = np.random.default_rng(0)
    sampling = Sampling(temperature, top_k, top_p)
    for _ in range(20):
        assert weights[sampling.draw(values, rng)] >= least * (1 - 1e-6)


def test_symbols_are_drawn_as_often_as_they_are_likely() -> None:
    logits = np.log(np.array([0.5, 0.3, 0.15, 0.05], dtype=np.float32))
    rng = np.random.default_rng(3)

    def shares(sampling: Sampling) -> np.ndarray:
        return np.bincount([sampling.draw(logits, rng) for _ in range(8000)], minlength=4) / 8000

    np.testing.assert_allclose(shares(Sampling()), [0.5, 0.3, 0.15, 0.05], atol=0.02)
    np.testing.assert_allclose(shares(Sampling(top_k=2)), [0.625, 0.375, 0, 0], atol=0.02)
    np.testing.assert_allclose(shares(Sampling(top_p=0.9)), [0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0], atol=0.02)
    cold = np.array([0.5, 0.3, 0.15, 0.05]) ** 2
    np.testing.assert_allclose(shares(Sampling(0.5)), cold / cold.sum(), atol=0.02)
    assert shares(Sampling(0.0))[0] == shares(Sampling(1e-9))[0] == 1


def test_impossible_symbols_are_never_drawn() -> None:
    logits = np.array([-np.inf, 0.0, -np.inf, 1.0], dtype=np.float32)
    rng = np.random.default_rng(1)
    for sampling in (Sampling(), Sampling(0), Sampling(9.0, 4, 0.999), Sampling(1.0, 3)):
        assert {sampling.draw(logits, rng) for _ in range(200)} <= {1, 3}
