"""What every task's server has, whatever its model does: routes, page, metrics, keys, reloading."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from recurra.errors import ArtefactError
from recurra.http.model_reloader import ModelReloader
from recurra.server.model_loading import load_model
from support.live_models import SAMPLES, SERVED, write_chatter, write_tagger
from support.live_server import Starter, ended_well, write_model
from support.servers import Servers
from support.waiting import until

KEY = "0123456789abcdef-of-the-task"


def test_every_task_has_a_model_to_test_its_server_with() -> None:
    assert SAMPLES.keys() == SERVED.keys()


@pytest.mark.parametrize("task", list(SERVED))
def test_a_server_shows_and_answers_what_its_model_can_do_and_no_more(task: str, servers: Servers) -> None:
    running = servers[task]
    interface = running.ask("GET", "/openapi.json").json["paths"].keys()
    page = running.ask("GET", "/").content.decode()
    summary = running.ask("GET", "/model").json
    assert summary["task"] == task and summary["answers"].keys() == SERVED[task].routes.keys()
    assert "<!-- t" not in page and "/static/page.js" in page
    for name, title in SERVED[task].tabs:
        assert (
            f'id="tab-{name}"' in page and f">{title}</button>" in page and f'<div role="tabpanel" id="{name}"' in page
        )
    assert page.count('role="tab"') == len(SERVED[task].tabs) == page.count('role="tabpanel"')
    for other in SERVED.values():
        for path in other.routes.keys() - SERVED[task].routes.keys() - {"/v2/models/{name}/infer", "/stream"}:
            answer = running.ask("POST", path, {})
            assert path not in interface and answer.status == 404
            message = answer.json["error"]["message"]
            assert "a model of the task" in message and other.name in message and SERVED[task].usage in message
    if task != "classify":
        name = summary["name"]
        assert SAMPLES[task].path in interface and "Open Inference" in str(running.ask("GET", "/openapi.json").json)
        assert running.ask("GET", f"/v2/models/{name}/ready").json == {"name": name, "ready": True}
        infer = running.ask("POST", f"/v2/models/{name}/infer", {"inputs": []})
        assert infer.status == 404 and SERVED[task].description in infer.json["error"]
    if task not in ("classify", "series"):  # both have a stream there
        with pytest.raises(InvalidStatus) as refused:
            connect(f"ws://{running.host}:{running.port}/stream")
        assert refused.value.response.status_code == 404


@pytest.mark.parametrize("task", list(SERVED))
def test_every_server_has_health_report_and_metrics_that_never_quote(task: str, servers: Servers) -> None:
    running, sample = servers[task], SAMPLES[task]
    count = f'recurra_requests_total{{method="POST",route="{sample.path}",status="200"}}'
    work = "recurra_batch_rows_count" if task in ("classify", "multilabel", "regress") else "recurra_steps_total"
    before, steps = running.figure(count), running.figure(work)
    running.post(sample.path, **sample.body)
    assert running.figure(count) == before + 1
    until(lambda: running.figure(work) > steps, "the work is counted")
    assert running.ask("GET", "/v2/health/ready").json == {"ready": True}
    assert b"It is" in running.ask("GET", "/report").content
    assert f"POST {sample.path} 200" in running.log()
    assert "zanzibar" not in running.log() + running.ask("GET", "/metrics").content.decode()


NULS = {
    "/predict": {"inputs": ["a", "b\0"]},
    "/generate": {"prompt": "\0"},
    "/tag": {"sentences": [["a", "b\0c"]]},
    "/translate": {"texts": ["\0"]},
    "/chat": {"turns": ["a", "\0b"]},
}


@pytest.mark.parametrize("task", [task for task, sample in SAMPLES.items() if sample.path in NULS and task != "series"])
def test_what_no_text_may_contain_is_refused_by_every_task(task: str, servers: Servers) -> None:
    path = SAMPLES[task].path
    answer = servers[task].ask("POST", path, NULS[path])
    assert answer.status == 422 and "contains a NUL character" in answer.json["error"]["message"]
    surrogate = json.dumps(NULS[path]).replace("\\u0000", "\\ud800").encode()
    answer = servers[task].ask("POST", path, surrogate)
    assert answer.status == 400 and "not JSON" in answer.json["error"]["message"]


def test_keys_guard_every_task(start: Starter, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(KEY)
    keys.chmod(0o600)
    running = start(write_chatter(tmp_path / "chat"), "--api-key-file", str(keys), "--workers", "2")
    assert running.ask("POST", "/chat", {"turns": ["a"]}).status == 401
    answer = running.ask("POST", "/chat", {"turns": ["a"], "stream": True}, {"X-API-Key": KEY})
    assert answer.status == 200 and b'data: {"answer"' in answer.content
    ended_well(running)


def test_another_model_is_loaded_and_one_of_another_task_is_not(start: Starter, tmp_path: Path) -> None:
    directory = write_tagger(tmp_path / "model", tags=("A", "B"))
    running = start(directory)
    write_tagger(directory, tags=("C", "D"))
    running.process.send_signal(signal.SIGHUP)
    until(lambda: running.ask("GET", "/model").json["labels"] == ["C", "D"], "the new tagger is loaded")
    write_chatter(directory)
    running.process.send_signal(signal.SIGHUP)
    until(lambda: running.figure("recurra_model_stale "), "the other task is noticed")
    error = running.ask("GET", "/model").json["loading"]["last_error"]
    assert "task 'chat'" in error and "task 'tag'" in error and "start the server again" in error
    assert set(running.post("/tag", texts=["w1 w2"])["outputs"][0]["tags"]) <= {"C", "D"}
    assert running.stop() == 0


def test_the_first_model_must_be_of_the_task_that_was_looked_up(tmp_path: Path) -> None:
    directory = write_model(tmp_path / "model")
    reloader = ModelReloader(directory, load_model, task="classify")
    reloader.load()
    write_chatter(directory)
    with pytest.raises(ArtefactError, match="task 'chat'"):
        ModelReloader(directory, load_model, task="classify").load()
    assert reloader.reload() is False and reloader.current is not None and reloader.current.task == "classify"
