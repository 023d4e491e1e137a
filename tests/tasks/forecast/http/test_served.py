"""What `/model` says of a model that forecasts, what it answers before it is served, and what logs hold."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.tasks.forecast.http.served import TASK
from support.forecast import made
from support.live_server import Server


@pytest.mark.parametrize("changes", [{}, {"horizon": 1}, {"cell": "lstm"}])
def test_facts_and_trial(changes: dict[str, object]) -> None:
    model = made(**changes)
    facts = TASK.facts(model)
    assert (facts["horizon"], facts["season"], facts["frequency"]) == (model.shape.horizon, 6, None)
    quantiles, explained = TASK.trial(model)
    assert quantiles.shape == (3, model.shape.horizon, 3) and np.isfinite(quantiles).all()
    assert [step["y"] for step in explained["forecast"]] == pytest.approx(quantiles[1, :, 1], rel=1e-5)


def test_a_server_says_what_it_reads_and_logs_no_values(server: Server) -> None:
    said = server.ask("GET", "/model").json
    assert (said["horizon"], said["season"], said["frequency"]) == (5, 6, "M")
    assert said["covariates"] == {"past": [], "future": [], "static": []}
    server.post("/forecast", series=[{"values": [4711.5, 4711.5, None, 4712], "name": "zanzibar"}])
    figures = server.ask("GET", "/metrics").content.decode()
    assert "4711" not in server.log() and "4711" not in figures and "zanzibar" not in figures
    schema = server.ask("GET", "/openapi.json").json["paths"]["/forecast"]["post"]["requestBody"]
    properties = schema["content"]["application/json"]["schema"]["properties"]
    assert properties["series"]["maxItems"] == 256
    assert properties["series"]["items"]["properties"]["values"]["maxItems"] == 400
