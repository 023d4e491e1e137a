"""`POST /explain`: what `recurra explain` says of a series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recurra.tasks.series.explain import explain, plain
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
    ],
)
def test_an_invalid_request_is_a_422(labels: tuple[Server, SeriesModel], body: dict[str, Any], word: str) -> None:
    labels[0].rejects("/explain", body, word)
