"""Rows of a request to a model of several columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import recurra
from support.column_rows import ANSWERS, FEATURES, TEXTS, ColumnModels, column_rows
from support.in_process import InProcess

JSON = ((b"content-type", b"application/json"),)


@pytest.fixture(scope="module", params=ANSWERS)
def served(request: pytest.FixtureRequest, column_models: ColumnModels) -> Iterator[tuple[InProcess, Any]]:
    running = InProcess(column_models[request.param])
    yield running, recurra.load(column_models[request.param])
    running.close()


def ask(server: InProcess, path: str, body: object) -> tuple[int, Any]:
    answer = server.ask("POST", path, json.dumps(body).encode(), JSON)
    return answer.status, json.loads(answer.content)


def test_rows_are_answered_as_in_python(served: tuple[InProcess, Any]) -> None:
    server, model = served
    rows = [{name: row[name] or None for name in TEXTS} for row in column_rows(6, seed=2)]
    status, found = ask(server, "/predict", {"inputs": rows})
    assert status == 200
    given = [
        list(out["probabilities"].values()) if "probabilities" in out else out["value"] for out in found["outputs"]
    ]
    wanted = model.answers(rows) if "probabilities" in found["outputs"][0] else model.predict(rows)
    np.testing.assert_allclose(given, wanted, atol=1e-6)
    status, found = ask(server, "/explain", {"input": rows[0]})
    assert (status, [part["text"] for part in found["columns"]]) == (200, TEXTS)
    described = json.loads(server.ask("GET", "/model").content)
    assert described["columns"] == TEXTS


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a text", "inputs.0 is a text, and the model reads the columns"),
        ({"title": "a", "x": 1}, "has the field 'x', which the model does not read; known here: 'title'"),
        ({"title": None}, "inputs.0 has no text"),
        ({"title": 3}, "'title' is int"),
        (3, "inputs.0: input should be a valid string"),
        ({"title": "a\0"}, "NUL"),
    ],
)
def test_a_row_that_cannot_be_answered(served: tuple[InProcess, Any], row: object, said: str) -> None:
    status, found = ask(served[0], "/predict", {"inputs": [row]})
    assert status == 422 and said in found["error"]["message"]


def test_tables_and_tensors_of_a_classifier(column_models: ColumnModels) -> None:
    server, model = InProcess(column_models["classify"]), recurra.load(column_models["classify"])
    try:
        answer = server.ask("POST", "/score", column_models.table.read_bytes(), ((b"content-type", b"text/csv"),))
        assert answer.status == 200 and answer.content.count(b"\n") == 91
        rows = column_rows(2, seed=3)
        tensors = [
            {"name": name, "shape": [2], "datatype": "BYTES", "data": [row[name] for row in rows]} for name in TEXTS
        ]
        path = f"/v2/models/{server.service.name}/infer"
        status, found = ask(server, path, {"inputs": tensors, "outputs": [{"name": "label"}]})
        assert (status, found["outputs"][0]["data"]) == (200, model.predict(rows).tolist())  # type: ignore[attr-defined]
        status, found = ask(server, path, {"inputs": tensors[:1]})
        assert status == 422 and "Input tensors named 'title', 'body, long' are expected" in str(found)
        assert server.talk("/stream", ["{}"]).code not in (None, 1000)
    finally:
        server.close()


def test_a_model_of_texts_takes_no_rows(forward: Any) -> None:
    server = InProcess(forward)
    try:
        status, found = ask(server, "/predict", {"inputs": [{"title": "a"}]})
        assert status == 422 and "inputs.0 is an object, and the model reads texts" in found["error"]["message"]
    finally:
        server.close()


@pytest.mark.parametrize("task", ANSWERS)
def test_features_are_fields_of_a_row(task: str, feature_models: ColumnModels) -> None:
    server, model = InProcess(feature_models[task]), recurra.load(feature_models[task])
    try:
        rows = [{name: row[name] or None for name in (*TEXTS, *FEATURES)} for row in column_rows(5, seed=4)]
        del rows[0]["price"]
        status, found = ask(server, "/predict", {"inputs": rows})
        first = found["outputs"][0]
        given = [list(o["probabilities"].values()) if "probabilities" in o else o["value"] for o in found["outputs"]]
        wanted = model.answers(rows) if "probabilities" in first else model.predict(rows)  # type: ignore[attr-defined]
        assert status == 200
        np.testing.assert_allclose(given, wanted, atol=1e-6)
        status, found = ask(server, "/explain", {"input": rows[1]})
        assert (status, list(found["features"])) == (200, FEATURES)
        described = server.ask("GET", "/model").content
        assert json.loads(described)["features"] == [
            {"name": "price", "kind": "number"}, {"name": "brand", "kind": "category", "categories": 3},
        ]  # fmt: skip
        assert b"acme" not in described  # a cell of the training rows
        status, found = ask(server, "/predict", {"inputs": [{"title": "a", "price": "1,5"}]})
        assert status == 422 and "the feature 'price' holds '1,5', which is no number" in found["error"]["message"]
        if task == "classify":
            table = feature_models.table.read_bytes()
            answer = server.ask("POST", "/score", table, ((b"content-type", b"text/csv"),))
            assert answer.status == 200 and answer.content.count(b"\n") == 91
    finally:
        server.close()
