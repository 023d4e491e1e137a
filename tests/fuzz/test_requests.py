"""Requests of any method, path, header and body: each is answered as the server describes itself, never by 500."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import strategies as st

from support.damage import JSON, altered, damaged
from support.dialects import ROWS, Dialected
from support.fuzzing import fuzzed
from support.in_process import Answered, InProcess
from support.live_models import SAMPLES
from support.speech import spoken, wav_bytes

SECRET = "zanzibar"
"""A word of every request's text, which may be in no log and no error."""

LIMITS: dict[str, Any] = {
    "max_characters": 300,
    "max_inputs": 8,
    "max_written": 20,
    "max_body": 5000,
    "max_upload": 5000,
}

TENSOR = {"name": "text", "datatype": "BYTES", "shape": [1], "data": [SECRET]}
BODIES: dict[str, list[Any]] = {
    "/predict": [{"inputs": [SECRET, "w1 w2"]}],
    "/explain": [{"input": f"{SECRET} w1. w2!"}, {"input": SECRET, "target": "pos"}],
    "/v2/models/model/infer": [{"inputs": [TENSOR]}, {"id": "1", "inputs": [TENSOR], "outputs": [{"name": "label"}]}],
    "/generate": [{"prompt": SECRET, "tokens": 5, "seed": 1}, {"prompt": SECRET, "stream": True, "top_k": 3}],
    "/tag": [{"texts": [f"{SECRET} w1"]}, {"sentences": [[SECRET, "w1"], ["w2"]]}],
    "/translate": [{"texts": [SECRET]}, {"texts": [SECRET, ""], "beam": 2, "attention": True, "length_penalty": 0.5}],
    "/chat": [{"turns": [SECRET], "seed": 1}, {"turns": ["Hi", SECRET], "beam": 2}, {"turns": ["a"], "stream": True}],
    "/transcribe": [{"audio": base64.b64encode(wav_bytes(spoken("bad")[:1000])).decode()}],
}  # fmt: skip
"""Good JSON by route."""

READ = ("/", "/model", "/metrics", "/report", "/report/ticket", "/docs", "/openapi.json", "/v2", "/v2/health/live",
        "/v2/health/ready", "/v2/models/model", "/v2/models/model/ready", "/v2/models/zanzibar", "/static/page.css",
        "/nothing/\u00e9", "/static/../model", "//", "/predict/")  # fmt: skip
METHODS = ("POST", "POST", "POST", "POST", "GET", "PUT", "HEAD", "OPTIONS", "\u00e9")
KINDS = (b"application/json", b"application/json; charset=utf-8", b"text/csv", b"text/plain", b"", b"\xff", b"a/b+json")
NAMES = (b"content-length", b"authorization", b"x-api-key", b"origin", b"accept", b"transfer-encoding", b"range",
         b"host", b"if-none-match", b"expect", b"content-encoding", b"sec-websocket-protocol")  # fmt: skip
VALUES = (b"0", b"-1", b"9" * 40, b"Bearer x", b"*", b"null", b"http://[", b"\xff\xfe", b"bytes=0-", b"localhost", b"")
headers = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES) | st.binary(max_size=10)), max_size=2)


class Apps(dict[str, tuple[InProcess, dict[str, Any]]]):
    """An application of each task and its OpenAPI description, made when it is first used."""

    def __init__(self, folder: Any) -> None:
        super().__init__()
        self._folder = folder

    def __missing__(self, task: str) -> tuple[InProcess, dict[str, Any]]:
        app = InProcess(SAMPLES[task].write(self._folder / task / "model"), **LIMITS)
        self[task] = app, json.loads(app.ask("GET", "/openapi.json").content)
        return self[task]


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    made = Apps(tmp_path_factory.mktemp("apps"))
    yield made
    for app, _ in made.values():
        app.close()


@st.composite
def json_bodies(draw: st.DrawFn, good: list[Any]) -> bytes:
    """Draw a body: good JSON with values altered or bytes damaged, or any other JSON."""
    match draw(st.integers(0, 4)):
        case 0:
            return draw(damaged(json.dumps(draw(st.sampled_from(good))).encode()))
        case 1:
            value = draw(JSON)
        case _:
            value = draw(altered(draw(st.sampled_from(good))))
    return json.dumps(value, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


def described(description: dict[str, Any], path: str, method: str) -> dict[str, Any] | None:
    """Return what the OpenAPI description says of a route's answers, by status."""
    template = path.replace("/models/model", "/models/{name}").replace(f"/models/{SECRET}", "/models/{name}")
    route = description["paths"].get(template, {}).get(method.lower())
    return route["responses"] if route else None


def is_as_described(answer: Answered, description: dict[str, Any], path: str, method: str) -> None:
    """Check status, content type and JSON against the description; errors against the one form that they have."""
    assert answer.status < 500, answer
    assert "Traceback" not in answer.log and " failed" not in answer.log, answer.log
    assert SECRET not in answer.log, answer.log
    kind = answer.headers.get("content-type", "")
    if answer.status >= 400 and method != "HEAD":
        error = json.loads(answer.content)["error"]
        message = error if path.startswith("/v2") else error["message"]
        assert message and SECRET not in message and "Traceback" not in message, message
        assert len(message) < 600 and message[-1] in ".?!'"
    responses = described(description, path, method)
    if responses is None:
        return
    assert str(answer.status) in responses, (answer, sorted(responses))
    schema = responses[str(answer.status)].get("content", {}).get("application/json", {}).get("schema")
    if schema is not None and kind.startswith("application/json"):
        whole = {**schema, "components": description["components"]}
        jsonschema_rs.validate(whole, json.loads(answer.content))


@fuzzed(120, data=st.data())
def test_json_of_every_task(apps: Apps, data: st.DataObject) -> None:
    task = data.draw(st.sampled_from(sorted(SAMPLES)))
    app, description = apps[task]
    path = data.draw(st.sampled_from([path for path in BODIES if path in description["paths"] or "models" in path]))
    body = data.draw(json_bodies(BODIES[path]))
    answer = app.ask("POST", path, body, [(b"content-type", b"application/json")], pieces=data.draw(st.integers(1, 3)))
    is_as_described(answer, description, path, "POST")
    if answer.status == 200:
        sane(json.loads(body), answer)


def sane(request: dict[str, Any], answer: Answered) -> None:
    """Check an answer's numbers and counts against the request."""
    if answer.headers["content-type"].startswith("text/event-stream"):
        events = [json.loads(it.removeprefix("data: ")) for it in answer.content.decode().split("\n\n")[:-1]]
        assert "answer" in events[-1], events[-1]
        return
    given = request.get("inputs") or request.get("texts") or request.get("sentences") or []
    result = json.loads(answer.content, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    outputs = result.get("outputs", [])
    if outputs and "name" not in outputs[0]:
        assert len(outputs) == len(given)
    for text, output in zip(given, outputs, strict=False):
        if "probabilities" in output:
            shares = list(output["probabilities"].values())
            assert all(0 <= share <= 1 for share in shares)
            assert "labels" in output or math.isclose(sum(shares), 1, abs_tol=1e-6)  # several labels do not share
        if "tags" in output:
            assert output["tokens"] == (text.split() if isinstance(text, str) else text)
            assert len(output["tags"]) == len(output["tokens"])


@fuzzed(60, data=st.data())
def test_requests_of_every_kind(apps: Apps, data: st.DataObject) -> None:
    app, description = apps[data.draw(st.sampled_from(sorted(SAMPLES)))]
    path, method = data.draw(st.sampled_from((*READ, *BODIES, "/score"))), data.draw(st.sampled_from(METHODS))
    body = data.draw(st.binary(max_size=50) | json_bodies(BODIES.get(path, [{}])))
    kind = data.draw(st.sampled_from(KINDS))
    query = data.draw(st.sampled_from((b"", b"text=text", b"text=", b"ticket=x.y", b"\xff=%ff&&", b"a" * 3000)))
    answer = app.ask(method, path, body, [(b"content-type", kind), *data.draw(headers)], query)
    assert answer.status != 500 and "Traceback" not in answer.log and " failed" not in answer.log, answer
    assert SECRET not in answer.log.replace("/v2/models/zanzibar", ""), answer.log
    if path not in READ:
        is_as_described(answer, description, path, method)


@fuzzed(40, data=st.data())
def test_a_csv_to_score(apps: Apps, data: st.DataObject) -> None:
    app, description = apps["classify"]
    rows = data.draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=8))
    dialect = Dialected(".csv")
    content = data.draw(damaged(dialect.written(rows)))
    answer = app.ask("POST", "/score", content, [(b"content-type", b"text/csv")], b"text=text")
    is_as_described(answer, description, "/score", "POST")
    if answer.status == 200:
        read, scored = dialect.read(content), dialect.read(answer.content)
        assert read is not None and scored is not None
        assert [row[: len(read[0])] for row in scored] == read
        for row in scored[1:]:
            label, probability = row[len(read[0]) :][:2]
            assert (not label and not probability) or (label in ("neg", "pos") and 0.5 <= float(probability) <= 1)
