"""`POST /predict`: the model's own answers, whatever else is in the request."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recurra.tasks.series.http.predict import BATCH_STEPS, outputs
from recurra.tasks.series.model import SeriesModel
from support.live_server import Server
from support.series import made


def drawn(*lengths: int) -> list[np.ndarray[Any, Any]]:
    rng = np.random.default_rng(len(lengths))
    series = [rng.normal(size=(length, 3)) for length in lengths]
    series[0][0, 1] = np.nan
    return series


def sent(series: np.ndarray[Any, Any]) -> list[list[float | None]]:
    return [[None if np.isnan(value) else float(value) for value in step] for step in series]


def test_labels_are_the_models_own(labels: tuple[Server, SeriesModel]) -> None:
    server, model = labels
    series = drawn(1, 40, 7, 2_500, 3)
    said = server.post("/predict", series=[sent(one) for one in series])
    assert said["model"] == "model"
    assert [output["label"] for output in said["outputs"]] == model.predict(series).tolist()
    found = [[output["probabilities"][label] for label in ("low", "mid", "high")] for output in said["outputs"]]
    np.testing.assert_allclose(found, model.predict_proba(series), atol=1e-5)
    assert server.post("/predict", series=sent(series[1]))["outputs"] == said["outputs"][1:2]


def test_ranked_labels(labels: tuple[Server, SeriesModel], numbers: tuple[Server, SeriesModel]) -> None:
    series = [sent(one) for one in drawn(4, 9)]
    for output in labels[0].post("/predict", series=series, top=2)["outputs"]:
        falling = sorted(output["probabilities"].items(), key=lambda pair: -pair[1])
        assert [(one["label"], one["probability"]) for one in output["top"]] == falling[:2]
    for server, top, words in ((labels[0], 0, "top"), (numbers[0], 2, "answers with a number")):
        refused = server.ask("POST", "/predict", {"series": series, "top": top})
        assert refused.status == 422 and words in refused.json["error"]["message"]


def test_numbers_are_the_models_own(numbers: tuple[Server, SeriesModel]) -> None:
    server, model = numbers
    series = drawn(5, 12)
    said = server.post("/predict", series=[sent(one) for one in series])["outputs"]
    np.testing.assert_allclose([output["number"] for output in said], model.predict(series), atol=1e-5)
    server.rejects("/predict", {"series": sent(drawn(31)[0])}, "series has 31 steps; at most 30 are read")


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "'series' is missing"),
        ({"series": [[1, 2, 3]], "other": 1}, "no field"),
        ({"series": ["secret"]}, "series.0 must be a list of 3 values"),
        ({"series": [[[1, 2, 3]], [[1, 2, "secret"]]]}, "series.1.0.2 must be a number"),
        ({"series": [[12345]]}, "series.0 has 1 value"),
        ({"series": [[["zanzibar", 1, 2]]]}, "series.0.0.0 must be a number"),
        ({"series": [[[1, 2, 3]]] * 257}, "at most 256"),
        ({"series": [[[1, 2, 3]], [[None] * 3] * 2]}, "series.1: a series has no value, all of its steps are missing"),
    ],
)
def test_an_invalid_request_is_a_422(labels: tuple[Server, SeriesModel], body: dict[str, Any], word: str) -> None:
    labels[0].rejects("/predict", body, word)


def test_not_a_number_is_no_json(labels: tuple[Server, SeriesModel]) -> None:
    answer = labels[0].ask("POST", "/predict", b'{"series": [[NaN, 1, 2]]}', {"Content-Type": "application/json"})
    assert answer.status == 400 and answer.json["error"]["code"] == "not_json"


def test_long_series_are_answered_one_by_one_and_short_ones_together() -> None:
    model = made()
    sizes: list[int] = []
    whole = model.outputs
    model.outputs = lambda series: sizes.append(len(list(series))) or whole(series)  # type: ignore[assignment,func-returns-value]
    half = BATCH_STEPS // 2
    assert len(list(outputs(model, drawn(half, half, 3, BATCH_STEPS + 1, 1, 2)))) == 6
    assert sizes == [2, 1, 1, 2]
