"""What `/model` says of a model of series, what it answers before it is served, and that logs hold nothing of it."""

from __future__ import annotations

import math

import pytest

from recurra.tasks.series.http.served import TASK
from recurra.tasks.series.model import SeriesModel
from support.live_server import Server
from support.series import made


@pytest.mark.parametrize("changes", [{}, {"kind": "regress", "outputs": 1}, {"channels": 1, "masks": 0}])
def test_facts_and_trial(changes: dict[str, object]) -> None:
    model = made(**changes)
    facts = TASK.facts(model)
    assert facts["channels"] == [f"c{place}" for place in range(model.shape.channels)]
    assert facts["kind"] == model.shape.kind and len(facts["means"]) == model.shape.channels
    outputs, answers, explanation = TASK.trial(model)
    assert outputs.shape == (3, model.shape.outputs) and all(map(math.isfinite, outputs.ravel()))
    assert len(answers) == 3 and len(explanation["windows"]) == 7


def test_a_server_says_what_it_reads_and_logs_no_values(labels: tuple[Server, SeriesModel]) -> None:
    server, _ = labels
    said = server.ask("GET", "/model").json
    assert (said["kind"], said["channels"], said["stream_steps"]) == ("classify", ["c0", "c1", "c2"], 2_000)
    assert said["limits"]["max_steps"] == 20_000
    server.post("/predict", series=[[4711.5, 4711.5, None]])
    server.post("/explain", series=[[4711.5, 4711.5, None]])
    figures = server.ask("GET", "/metrics").content.decode()
    assert "4711" not in server.log() and "4711" not in figures
    interface = server.ask("GET", "/openapi.json").json
    (schema,) = [
        interface["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
    ]
    assert [form["maxItems"] for form in schema["series"]["oneOf"]] == [256, 20_000, 20_000]
