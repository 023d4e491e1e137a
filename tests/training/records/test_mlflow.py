"""The record as a run of MLflow: in a database, read back by MLflow's own client, and on a server that goes away."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from recurra.errors import OutputError
from recurra.training.records.mlflow import ADDRESS, EXPERIMENT, SETTINGS, MLflowRecorder
from recurra.training.records.recorder import Point
from support.records import mlflow_client, mlflow_figures, mlflow_runs

POINTS = [Point("step/loss", number, 1 / number, 1_700_000_000.25 + number) for number in range(1, 1203)]


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (ADDRESS, EXPERIMENT):
        monkeypatch.delenv(name, raising=False)
    for name, value in SETTINGS.items():  # set here, so that they are taken back
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The part of MLflow's interface that a run uses, which answers nothing more once `gone` is set."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            path = self.path.partition("?")[0].partition("/mlflow/")[2]
            received.append((path, body))
            answer: dict[str, Any] = {}
            if path == "experiments/get-by-name":
                answer = {"experiment": {"experiment_id": "7", "name": "recurra"}}
            elif path == "runs/create":
                answer = {"run": {"info": {"run_id": "abc", "run_uuid": "abc"}, "data": {}}}
            found = json.dumps(answer).encode()
            self.send_response(503 if made.gone.is_set() else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)
            if path == "runs/log-batch" and body.get("metrics"):
                made.gone.set()

        do_GET = do_POST = _answer

        def log_message(self, format: str, *args: Any) -> None:
            pass

    received: list[tuple[str, dict[str, Any]]] = []
    made: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.received, made.gone = received, threading.Event()
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    monkeypatch.setenv(ADDRESS, f"http://127.0.0.1:{made.server_port}")
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def test_a_run_is_written_to_a_database_and_goes_on_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(EXPERIMENT, "films")
    folder = tmp_path / "log"
    first = MLflowRecorder(folder, "model")
    first.check(replace=False)
    assert not folder.exists()
    token = first.begin()
    first.parameters({f"option {number}": "x" * 50 * number for number in range(130)})
    first.write(POINTS[:1101])
    first.close("stopped")
    (run,) = mlflow_runs(folder, "films")
    assert (run.info.status, run.info.run_name) == ("KILLED", "model")
    assert run.data.params == {f"option {number}": "x" * min(50 * number, 6000) for number in range(130)}

    second = MLflowRecorder(folder, "model")
    assert second.continues(token)
    assert second.resume(token) == {"step/loss": 1101}
    assert mlflow_runs(folder, "films")[0].info.status == "RUNNING"
    second.parameters({"option 3": "x" * 150})
    second.write(POINTS[1101:])
    second.finish({"model": "model", "digest": "abc"})
    second.close("finished")
    (run,), client = mlflow_runs(folder, "films"), mlflow_client(folder)
    assert (run.info.status, run.data.tags["recurra.digest"]) == ("FINISHED", "abc")
    history = client.get_metric_history(run.info.run_id, "step/loss")
    assert [(metric.step, metric.value, metric.timestamp) for metric in history] == [
        (point.step, point.value, int(point.time * 1000)) for point in POINTS
    ]


def test_a_second_run_stands_beside_the_first(train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path) -> None:
    train_tiny(reviews, tmp_path / "m", log="mlflow")
    before = mlflow_figures(tmp_path / "m.log")
    train_tiny(reviews, tmp_path / "m", log="mlflow", overwrite=True, epochs=2)
    runs = mlflow_runs(tmp_path / "m.log")
    assert sorted(run.data.params["epochs"] for run in runs) == ["1", "2"]
    assert {name for name, _, _ in before} == runs[0].data.metrics.keys() == runs[1].data.metrics.keys()


def test_another_address_or_a_database_that_is_gone_is_another_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = MLflowRecorder(tmp_path, "m")
    token = {"address": f"sqlite:///{tmp_path / 'mlflow.db'}", "run": "abc"}
    assert not recorder.continues(token)
    (tmp_path / "mlflow.db").touch()
    assert recorder.continues(token)
    monkeypatch.setenv(ADDRESS, "http://127.0.0.1:9")
    assert not MLflowRecorder(tmp_path, "m").continues(token)


def test_an_address_where_nobody_answers_is_told_before_training(
    cli: Callable[..., Any], reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESS, "http://127.0.0.1:9")
    with pytest.raises(
        OutputError, match=r"--log mlflow: http://127\.0\.0\.1:9 of MLFLOW_TRACKING_URI does not answer"
    ):
        MLflowRecorder(tmp_path, "m").check(replace=False)
    result = cli("train", reviews, "--out", tmp_path / "m", "--log", "mlflow")
    assert result.exit_code == 1 and "Start the server, or correct the address" in result.stderr
    assert os.listdir(tmp_path) == ["reviews.csv"]


def test_a_server_that_goes_away_loses_no_training(
    cli: Callable[..., Any], reviews: Path, tmp_path: Path, server: Any
) -> None:
    words = "--hidden 4 --embedding 4 --epochs 3 --threads 1 --precision fp32 --no-baseline --log mlflow"
    result = cli("train", reviews, "--out", tmp_path / "m", *words.split())
    assert result.exit_code == 0, result.stderr
    assert result.stderr.count("--log mlflow: the record ends here, and the run goes on: ") == 1
    assert (tmp_path / "m" / "manifest.json").is_file()
    batches = [body["metrics"] for path, body in server.received if path == "runs/log-batch" and body.get("metrics")]
    assert len(batches) == 2, "the one that was taken, and the one that was not"
    assert {metric["key"] for metric in batches[0]} >= {"step/loss", "step/learning_rate", "epoch/valid_loss"}
