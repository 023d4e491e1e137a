"""`POST /explain`: what `recurra explain` says of a forecast."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recurra.tasks.forecast.explain import explain, plain
from recurra.tasks.forecast.history import History
from support.forecast import made, waves
from support.live_server import Server


def close(found: Any, expected: Any) -> bool:
    """Whether two values of JSON are alike but for the rounding of another engine."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(close(found[name], expected[name]) for name in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(close, found, expected))
    return bool(
        found == pytest.approx(expected, rel=1e-4, abs=1e-4) if isinstance(expected, float) else found == expected
    )


@pytest.mark.parametrize("horizon", [None, 2])
def test_a_forecast_is_explained(server: Server, horizon: int | None) -> None:
    values = waves(40)
    values[7] = np.nan
    given = [None if np.isnan(value) else value for value in values.tolist()]
    more = {} if horizon is None else {"horizon": horizon}
    said = server.post("/explain", series={"values": given, "name": "a", "last": "2024-01-31"}, **more)
    dates = ["2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30"]
    expected = plain(explain(made(), History(values, "a"), horizon, (range(1, 41), dates)))
    assert close(said, {"model": "model", **expected})
    (forecast,) = server.post("/forecast", series=[{"values": given, "name": "a"}], **more)["outputs"]
    assert [step["y"] for step in said["forecast"]] == [step["y"] for step in forecast["forecast"]]
    for step in said["forecast"]:
        assert step["smoothing"] + step["network"] == pytest.approx(step["y"], rel=1e-9)


def test_a_series_without_a_name_or_a_past(server: Server) -> None:
    said = server.post("/explain", series={"values": [1, 2, 4, 3]})
    assert "series" not in said and said["latest"] is None and said["forecast"][0]["ds"] == 1


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "'series' is missing"),
        ({"series": [{"values": [1, 2, 3]}]}, "series"),
        ({"series": {"values": [12345, 12345]}}, "2 known values"),
        ({"series": {"values": [1.0] * 401}}, "series.values has 401 steps; at most 400"),
        ({"series": {"values": [1, 2, 3]}, "horizon": 6}, "up to 5 steps, not 6"),
        ({"series": {"values": [1, 2, 3]}, "target": "zanzibar"}, "no field"),
    ],
)
def test_an_invalid_request_is_a_422(server: Server, body: dict[str, Any], word: str) -> None:
    server.rejects("/explain", body, word)


def test_the_interface_says_what_is_in_an_answer(server: Server) -> None:
    described = server.ask("GET", "/openapi.json").json
    schemas = described["components"]["schemas"]
    said = server.post("/explain", series={"values": waves(40).tolist(), "name": "a"})
    assert set(said) == set(schemas["ExplainResponse"]["properties"])
    for name, part in (
        ("ExplainedStep", said["forecast"][0]),
        ("KindOfSmoothing", said["weights"]["trend"][0]),
        ("Piece", said["pieces"][0]),
        ("LatestValues", said["latest"]),
    ):
        assert set(part) == set(schemas[name]["properties"])
