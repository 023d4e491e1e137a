"""A model in memory: from histories to quantiles."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.errors import ArtefactError, DataError, OptionError
from recurra.inference.kernel_layers import available
from recurra.tasks.forecast.anchor import anchored
from recurra.tasks.forecast.engines import KernelEngine
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.inputs import ForecastInputs
from recurra.tasks.forecast.learn.graph import build
from recurra.tasks.forecast.model import ForecastModel
from support.forecast import made, shape, waves, weights_of


def test_an_answer_does_not_depend_on_the_others() -> None:
    model = made()
    histories = [waves(length, seed=length) for length in (3, 8, 40, 90)]
    together = model.predict(histories)
    assert together.shape == (4, 5, 3)
    assert (np.diff(together, axis=2) > 0).all()
    for history, expected in zip(histories, together, strict=True):
        np.testing.assert_allclose(model.predict([history])[0], expected, rtol=1e-5)
    np.testing.assert_array_equal(model.predict(histories, 2), together[:, :2])
    assert model.predict([]).shape == (0, 5, 3)


def test_more_series_than_the_network_answers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = made()
    histories = [waves(12, seed=seed) for seed in range(5)]
    expected = model.predict(histories)
    monkeypatch.setattr("recurra.tasks.forecast.model.BATCH", 2)
    np.testing.assert_allclose(model.predict(histories), expected, rtol=1e-5)


def test_the_share_of_the_network() -> None:
    model, values = made(), waves(50)
    anchor = anchored(values, 6, 5)
    none, whole, other = model.predict([History(values, name) for name in ("none", "all", "another")])
    np.testing.assert_allclose(none[:, 1], anchor.middle[-1])
    np.testing.assert_allclose(other[:, 1] - none[:, 1], 0.7 * (whole[:, 1] - none[:, 1]), rtol=1e-5)
    np.testing.assert_allclose(none[:, 2] - none[:, 1], whole[:, 2] - whole[:, 1], rtol=1e-5)
    assert (np.abs(whole[:, 1] - none[:, 1]) > 1e-3).all()


@pytest.mark.skipif(not available(), reason="there is no kernel for this processor here")
def test_both_engines_answer_alike() -> None:
    graph, network = made(layers=2), shape(layers=2)
    weights = weights_of(network)
    kernel = ForecastModel(network, graph.inputs, build(network, weights), kernel=KernelEngine(network, weights))
    histories = [waves(length) for length in (5, 30)]
    assert (kernel.engine.name, graph.engine.name) == ("kernel", "onnxruntime")
    np.testing.assert_allclose(kernel.predict(histories), graph.predict(histories), rtol=1e-5)


def test_what_cannot_be_answered() -> None:
    model = made()
    with pytest.raises(OptionError, match="forecasts up to 5 steps, not 6"):
        model.predict([waves(20)], 6)
    with pytest.raises(DataError, match="1 known values"):
        model.predict([[np.nan, 4.0]])
    with pytest.raises(DataError, match="has 1 future covariates; this model reads 0"):
        model.predict([History(waves(20), future=np.zeros((25, 1)))])


def test_a_graph_of_another_network_is_refused() -> None:
    network = shape(horizon=6)
    with pytest.raises(ArtefactError, match="does not have the inputs and outputs"):
        ForecastModel(shape(), ForecastInputs(season=6), build(network, weights_of(network)))


@pytest.mark.parametrize("back", [1, 2, 5, 9])
def test_missing_values_at_the_end_are_time_that_has_passed(back: int) -> None:
    model, values = made(), waves(40)
    whole = model.predict([values])[0]
    gap = np.append(values, [np.nan] * back)
    found = model.predict([waves(30, seed=2), gap, values])
    assert found.shape == (3, 5, 3) and (np.diff(found[1], axis=1) > 0).all()
    np.testing.assert_allclose(found[2], whole)
    np.testing.assert_allclose(found[1, : max(0, 5 - back)], whole[back:])
    last = np.diff(whole[-1])
    assert (np.diff(found[1, max(0, 5 - back) :], axis=1) >= last - 1e-9).all()  # no narrower than where it was known
    np.testing.assert_allclose(model.predict([gap], 2)[0], found[1, :2])


def test_what_is_no_number_of_steps_and_no_list_of_series() -> None:
    with pytest.raises(OptionError, match="horizon must be a whole number"):
        made().predict([waves(20)], 2.0)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="Item 0 of histories"):
        made().predict(waves(20))
