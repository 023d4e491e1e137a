"""`POST /forecast`: the model's own answers, whatever else is in the request."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from support.forecast import made, waves
from support.live_server import Server


def test_forecasts_are_the_models_own(server: Server) -> None:
    histories = [waves(length, seed=length) for length in (3, 40, 17)]
    body = [{"values": values.tolist(), "name": f"n{n}"} for n, values in enumerate(histories)]
    said = server.post("/forecast", series=body, horizon=3)
    assert said["model"] == "model" and [one["series"] for one in said["outputs"]] == ["n0", "n1", "n2"]
    expected = made().predict(histories, 3)
    for one, quantiles in zip(said["outputs"], expected, strict=True):
        found = [[step["lo"], step["y"], step["hi"]] for step in one["forecast"]]
        np.testing.assert_allclose(found, quantiles, rtol=1e-4)
        assert [step["ds"] for step in one["forecast"]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "'series' is missing"),
        ({"series": []}, "series"),
        ({"series": [[1, 2, 3]]}, "series.0"),
        ({"series": [{"values": [12345, 12345]}]}, "2 known values"),
        ({"series": [{"values": [1, 2, 3], "zanzibars": 1}]}, "no field"),
        ({"series": [{"values": [1, 2, 3]}], "horizon": 0}, "horizon"),
        ({"series": [{"values": [1.0] * 401}]}, "has 401 steps; at most 400"),
    ],
)
def test_an_invalid_request_is_a_422(server: Server, body: dict[str, Any], word: str) -> None:
    server.rejects("/forecast", body, word)
