"""`POST /predict` and `POST /explain` of a served model of numbers: the model's own answers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from support.live_server import Server, ended_well, start_server
from support.regressors import regressor, write_regressor


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("numbers")
    running = start_server(write_regressor(folder / "model"), folder / "errors")
    yield running
    ended_well(running)
    assert "zanzibar" not in running.log()


def test_numbers_are_the_models_own(server: Server) -> None:
    texts = ["w1 w2", "", "zanzibar", "w3 " * 50]
    said = server.post("/predict", inputs=texts)["outputs"]
    model = regressor()
    np.testing.assert_allclose([one["value"] for one in said], model.predict(texts), atol=1e-4)
    np.testing.assert_allclose([[one["lo"], one["hi"]] for one in said], model.predict_interval(texts), atol=1e-4)
    assert [one["nothing_known"] for one in said] == [False, True, True, False]
    assert server.ask("POST", "/predict", {"inputs": ["a"], "top": 2}).status == 422


def test_explanations_are_the_models_own(server: Server) -> None:
    said = server.post("/explain", input="w1 w2. w3")
    expected = regressor().explain("w1 w2. w3").to_dict()
    assert said["model"] == "model"
    assert [word["text"] for word in said["words"]] == [word["text"] for word in expected["words"]]
    np.testing.assert_allclose(
        [word["contribution"] for word in said["words"]],
        [word["contribution"] for word in expected["words"]],
        atol=1e-4,
    )
    assert said["value"] == pytest.approx(expected["value"], abs=1e-4)


def test_the_page_and_the_facts(server: Server) -> None:
    facts = server.ask("GET", "/model").json
    assert facts["targets"] == {"lowest": 1.0, "highest": 10.0, "level": 0.9}
    assert 'id="scale"' in server.ask("GET", "/").content.decode()
    for script in ("page.js", "scale.js", "contributions.js"):
        assert server.ask("GET", f"/static/{script}").status == 200
