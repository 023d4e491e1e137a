"""`POST /explain`: what `recurra explain` says of a series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recurra.http.errors import HTTPError
from recurra.tasks.series.explain import WINDOWS, explain, plain, plan
from recurra.tasks.series.http.explain import _check_length
from recurra.tasks.series.model import SeriesModel
from support.live_server import Server

SERIES = np.random.default_rng(0).normal(size=(20, 3))


def close(found: Any, expected: Any) -> bool:
    """Whether two values of JSON are alike but for the rounding of another engine."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(close(found[name], expected[name]) for name in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(close, found, expected))
    return bool(found == pytest.approx(expected, abs=1e-4) if isinstance(expected, float) else found == expected)


@pytest.mark.parametrize("target", [None, "mid"])
def test_a_label_is_explained(labels: tuple[Server, SeriesModel], target: str | None) -> None:
    server, model = labels
    said = server.post("/explain", series=SERIES.tolist(), **({"target": target} if target else {}))
    expected = plain(explain(model, SERIES, target))
    del expected["series"]
    assert close(said, {"model": "model", **expected})
    assert len(said["windows"]) == 20 and said["target"] == (target or said["label"])


def test_a_number_is_explained(numbers: tuple[Server, SeriesModel]) -> None:
    server, model = numbers
    said = server.post("/explain", series=SERIES.tolist())
    assert said["number"] == pytest.approx(float(model.predict([SERIES])[0]), abs=1e-5) and "target" not in said
    server.rejects("/explain", {"series": SERIES.tolist(), "target": "secret"}, "predicts numbers")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"series": SERIES.tolist(), "target": "secret"}, "not one of the model's labels"),
        ({"series": [SERIES.tolist()]}, "series.0 has 20 values"),
        ({"series": []}, "one step at least"),
        ({"target": "mid"}, "'series' is missing"),
        ({"series": [[None] * 3] * 5}, "a series has no value"),
    ],
)
def test_an_invalid_request_is_a_422(labels: tuple[Server, SeriesModel], body: dict[str, Any], word: str) -> None:
    labels[0].rejects("/explain", body, word)


def test_a_long_series_has_fewer_windows_and_one_that_takes_too_long_is_refused(
    labels: tuple[Server, SeriesModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = np.random.default_rng(1).normal(size=(8_000, 3)).round(3)
    said = labels[0].post("/explain", series=steps.tolist())
    windows, shown = plan(8_000, 3)
    assert len(said["windows"]) == windows < WINDOWS and len(said["windows"][0]["channels"]) == shown
    assert f"8,000 steps: {windows} windows were hidden instead of 32" in said["notes"][0]
    with pytest.raises(HTTPError, match="series has 20,000 steps of 40 channels, which takes too long") as error:
        _check_length(np.zeros((20_000, 40)))
    assert error.value.status == 422
    _check_length(np.zeros((20_000, 1)))
