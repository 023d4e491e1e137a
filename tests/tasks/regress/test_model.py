"""A loaded model of numbers: by both engines, within the targets of training, in any chunks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import recurra
from recurra.errors import ArtefactError
from support.regressors import INTERVALS, regressor, shape, write_regressor

TEXTS = ["w1 w2 w3", "", "zork", "w5 " * 30, "w0 w1 w0 w1 w2 w9"]


@pytest.mark.parametrize(
    "network", [{"order": 0}, {"order": 3}, {"order": 2, "subwords": 53}, {"order": 1, "members": 2}]
)
def test_the_kernel_answers_as_the_graph(network: dict[str, int]) -> None:
    made = shape(**{name: value for name, value in network.items() if name != "members"})
    graph, kernel = regressor(made), regressor(made, kernel=True)
    np.testing.assert_allclose(graph.predict(TEXTS), kernel.predict(TEXTS), atol=1e-4)
    assert len(set(np.round(graph.predict(TEXTS), 3))) > 2


def test_numbers_and_intervals_stay_within_the_targets() -> None:
    model = regressor()
    texts = [" ".join(f"w{n}" for n in np.random.default_rng(seed).integers(0, 14, 9)) for seed in range(60)]
    raw, values, ends = model.answers(texts)[:, 0], model.predict(texts), model.predict_interval(texts)
    assert raw.min() < 1
    assert raw.max() > 10
    np.testing.assert_array_equal(values, np.clip(raw, 1, 10))
    low, high = INTERVALS.around(raw)
    np.testing.assert_array_equal(ends, np.stack([low, high], axis=1))
    parts = list(model.predict_iter(texts, chunk=7))
    np.testing.assert_allclose(np.concatenate([part.values for part in parts]), values, atol=1e-5)
    np.testing.assert_allclose(np.concatenate([part.high for part in parts]), high, atol=1e-5)


def test_a_directory_is_loaded_with_its_intervals_and_refused_without(tmp_path: Path) -> None:
    model = recurra.load(write_regressor(tmp_path / "model"), task="regress")
    assert isinstance(model, recurra.TextRegressor)
    np.testing.assert_allclose(model.predict(TEXTS), regressor().predict(TEXTS), atol=1e-5)
    write_regressor(tmp_path / "other", intervals=None)
    with pytest.raises(ArtefactError, match="does not state the intervals"):
        recurra.load(tmp_path / "other")
    unfitted = regressor()
    unfitted.intervals = None
    with pytest.raises(RuntimeError):
        unfitted.predict_interval(TEXTS)
