"""Weights that cannot be exported, and answers that are not the network's own."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.errors import ExportError
from recurra.export.check import TOLERANCE, check_answers, finite, fitting

SHAPES = {"head.weight": (2, 3), "head.bias": (2,)}


def weights() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=shape) for name, shape in reversed(SHAPES.items())}


def test_weights_become_single_precision_in_the_order_of_their_shapes() -> None:
    checked = fitting(weights(), SHAPES)
    assert list(checked) == list(SHAPES)
    for name, array in checked.items():
        assert array.dtype == np.float32
        np.testing.assert_allclose(array, weights()[name], rtol=1e-6)


def test_missing_unknown_and_misshapen_weights_are_refused() -> None:
    lost = weights()
    lost["tail.bias"] = lost.pop("head.bias")
    expected = r"missing \['head\.bias'\], not of this network \['tail\.bias'\]"
    with pytest.raises(ExportError, match=expected):
        fitting(lost, SHAPES)
    with pytest.raises(ExportError, match=r"head\.bias has shape \(3,\); the network needs \(2,\)"):
        fitting(weights() | {"head.bias": np.zeros(3)}, SHAPES)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_weights_that_are_not_finite_in_single_precision_are_refused(value: float) -> None:
    with pytest.raises(ExportError, match=r"^The weight head\.bias holds values that are not finite"):
        finite(weights() | {"head.bias": np.array([0, value])})


def test_answers_may_differ_a_little_relative_to_their_size() -> None:
    expected = np.array([[1000.0, -0.5]], dtype=np.float32)
    check_answers(expected + np.array([[999 * TOLERANCE, 0]], dtype=np.float32), expected)
    check_answers(expected + np.array([[0, 0.9 * TOLERANCE]], dtype=np.float32), expected)


@pytest.mark.parametrize("difference", [2 * TOLERANCE, -2 * TOLERANCE, np.nan])
def test_other_answers_are_refused(difference: float) -> None:
    expected = np.zeros((3, 2), dtype=np.float32)
    exported = expected.copy()
    exported[2, 1] = difference
    with pytest.raises(ExportError, match="answers differently from the trained network"):
        check_answers(exported, expected)
    with pytest.raises(ExportError, match="shape"):
        check_answers(exported[:2], expected)
