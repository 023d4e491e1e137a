"""Starting, stopping, reloading, several workers: real processes and real signals."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from recurra.cli.app import app
from support.live_server import Server, Starter, ended_well, made_texts, write_model
from support.waiting import PATIENCE_SECONDS, until

RELOADS = 50


def test_a_server_that_cannot_start_exits_with_a_message(tmp_path: Path) -> None:
    directory = write_model(tmp_path / "model")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = CliRunner().invoke(app(), ["serve", str(directory), "--port", str(taken.getsockname()[1])])
    assert result.exit_code == 2 and "--port" in result.stderr and not result.stdout
    (directory / "model.onnx").write_bytes(b"")
    command = [sys.executable, "-m", "recurra.cli", "serve", str(directory), "--port", "0", "--workers", "2"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    assert done.returncode == 1 and "model.onnx" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("options", [(), ("--json",), ("--workers", "2")])
def test_a_log_that_cannot_be_written_from_the_start_is_said(
    both_ways: Path, options: tuple[str, ...], unbuffered: str
) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "recurra.cli", "serve", str(both_ways), "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=full,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    said = json.loads(done.stdout)["error"] if "--json" in options else done.stdout
    assert done.returncode == 1 and "The log, which is standard error, cannot be written: No space" in said


class Asker:
    """Clients that ask without pause, each on a connection of its own for each request, and note what they get."""

    def __init__(self, server: Server, texts: list[str], clients: int = 6) -> None:
        self._server = server
        self._texts = texts
        self._over = threading.Event()
        self.statuses: Counter[int | str] = Counter()
        self.answers: list[Any] = []
        self._pool = ThreadPoolExecutor(clients)
        self._running = [self._pool.submit(self._ask) for _ in range(clients)]

    def _ask(self) -> None:
        while not self._over.is_set():
            try:
                answer = self._server.predict(*self._texts)
            except ConnectionRefusedError:
                self.statuses["refused"] += 1
                return
            except (ConnectionResetError, BrokenPipeError):
                self.statuses["reset"] += 1  # connected, and never read by the server
            except http.client.RemoteDisconnected:
                self.statuses["reset"] += 1
            else:
                self.statuses[answer.status] += 1
                if answer.status == 200:
                    self.answers.append(answer.json)

    def end(self) -> None:
        self._over.set()
        for running in self._running:
            running.result(PATIENCE_SECONDS)
        self._pool.shutdown()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_termination_under_load_answers_what_was_accepted(start: Starter, tmp_path: Path, workers: str) -> None:
    texts = made_texts(40, longest=300)
    server = start(write_model(tmp_path / "model", hidden=16), "--workers", workers)
    asker = Asker(server, texts)
    until(lambda: asker.statuses[200] >= 10, "the load runs")
    status = server.stop()
    asker.end()
    assert status == 0, server.log()
    assert set(asker.statuses) <= {200, 503, "refused", "reset"}, asker.statuses
    assert all(len(answer["outputs"]) == 40 for answer in asker.answers)
    lines = [line for line in server.log().splitlines() if " POST /predict " in line]
    logged = Counter(int(line.split(" /predict ")[1].split()[0]) for line in lines)
    # Every request that the server has read was answered, and its answer arrived.
    assert logged[200] == asker.statuses[200] and logged[503] == asker.statuses[503]
    assert set(logged) <= {200, 503}
    ended_well(server)


def test_readiness_turns_while_accepted_requests_are_finished(start: Starter, tmp_path: Path) -> None:
    server = start(write_model(tmp_path / "model", hidden=96), "--threads", "1", "--timeout", "60")
    kept = http.client.HTTPConnection(server.host, server.port, timeout=30)
    kept.request("GET", "/v2/health/ready")
    assert json.loads(kept.getresponse().read()) == {"ready": True}
    with ThreadPoolExecutor(1) as pool:
        heavy = pool.submit(server.predict, *made_texts(256, longest=800), timeout=60)
        until(lambda: server.figure("recurra_queue_requests ") >= 1, "the request is computed")
        server.process.send_signal(signal.SIGTERM)
        until(lambda: "Stopping" in server.log(), "the signal is noticed")
        kept.request("GET", "/v2/health/ready")
        response = kept.getresponse()
        assert (response.status, json.loads(response.read())) == (503, {"ready": False})
        assert response.getheader("Connection") == "close"
        assert server.ask("GET", "/v2/health/live").status == 200
        refused = server.predict("w1")
        assert (refused.status, refused.headers["connection"]) == (503, "close")
        assert heavy.result(60).status == 200
    kept.close()
    ended_well(server)


def memory_and_files(server: Server) -> tuple[int, int]:
    """Return the resident memory in KiB and the number of open files of a server."""
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024, len(os.listdir(f"/proc/{server.process.pid}/fd"))


def test_reloads_under_load_mix_no_models_and_leak_nothing(start: Starter, tmp_path: Path) -> None:
    directory = write_model(tmp_path / "model", labels=("a0", "a1"))
    server = start(directory)
    expected: dict[str, Any] = {}
    texts = made_texts(2)
    for letter, seed in (("a", 0), ("b", 1)):
        write_model(directory, labels=(f"{letter}0", f"{letter}1"), seed=seed)
        server.process.send_signal(signal.SIGHUP)
        until(lambda letter=letter: label_of(server, texts) == letter, "it is loaded")  # type: ignore[misc]
        expected[letter] = server.predict(*texts).json["outputs"]
    asker = Asker(server, texts, clients=2)
    early = 0, 0
    for number in range(RELOADS):
        letter = "ab"[number % 2]
        write_model(directory, labels=(f"{letter}0", f"{letter}1"), seed=number % 2)
        server.process.send_signal(signal.SIGHUP)
        until(lambda letter=letter: label_of(server, texts) == letter, "the new model answers")  # type: ignore[misc]
        if number == RELOADS // 5:
            early = memory_and_files(server)
    asker.end()
    late = memory_and_files(server)
    assert server.figure('recurra_model_reloads_total{outcome="sound"}') >= RELOADS
    assert set(asker.statuses) == {200}
    for answer in asker.answers:
        letter = next(iter(answer["outputs"][0]["probabilities"]))[0]
        for output, known in zip(answer["outputs"], expected[letter], strict=True):
            assert output["label"] == known["label"]
            assert output["probabilities"] == pytest.approx(known["probabilities"], abs=1e-6)
    assert late[0] - early[0] < 12 * 1024 and late[1] <= early[1] + 4, (early, late)
    ended_well(server)


def label_of(server: Server, texts: list[str]) -> str:
    return str(server.predict(*texts).json["outputs"][0]["label"])[0]


def test_a_changed_directory_is_noticed_and_a_bad_one_keeps_the_old_model(start: Starter, tmp_path: Path) -> None:
    directory = write_model(tmp_path / "model", labels=("a", "b"))
    server = start(directory)
    write_model(directory, labels=("c", "d"), seed=1)
    until(lambda: server.ask("GET", "/model").json["labels"] == ["c", "d"], "the change is noticed")
    (directory / "model.onnx").write_bytes(b"nothing")
    until(lambda: server.figure("recurra_model_stale "), "the damage is noticed")
    assert server.predict("w1").json["outputs"][0]["label"] in "cd"
    loading = server.ask("GET", "/model").json["loading"]
    assert "model.onnx" in loading["last_error"] and loading["failed_reloads"] >= 1
    assert server.ask("GET", "/v2/health/ready").status == 200
    assert "the one in use stays" in server.log()
    assert server.stop() == 0


def test_keys_are_read_again(start: Starter, both_ways: Path, tmp_path: Path) -> None:
    old, new = ({"X-API-Key": word * 20} for word in "xy")
    keys = tmp_path / "keys"
    keys.write_text("x" * 20)
    keys.chmod(0o600)
    server = start(both_ways, "--api-key-file", str(keys))
    assert (server.predict("a", headers=old).status, server.predict("a", headers=new).status) == (200, 401)
    keys.write_text("y" * 20)
    server.process.send_signal(signal.SIGHUP)
    until(lambda: server.predict("a", headers=new).status == 200, "the new key opens")
    assert server.predict("a", headers=old).status == 401
    keys.write_text("")
    server.process.send_signal(signal.SIGHUP)
    until(lambda: "stay as they are" in server.log(), "the empty file is noticed")
    assert server.predict("a", headers=new).status == 200
    assert server.stop() == 0


def children(server: Server) -> list[int]:
    return [int(n) for n in Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()]


def test_workers_share_the_port_add_up_their_figures_and_are_replaced(start: Starter, tmp_path: Path) -> None:
    directory = write_model(tmp_path / "model", labels=("a", "b"))
    server = start(directory, "--workers", "2")
    first = children(server)
    assert len(first) == 2
    for number in range(30):
        assert server.predict(f"w{number}").status == 200
    assert server.figure('recurra_requests_total{method="POST",route="/predict",status="200"}') == 30
    os.kill(first[0], signal.SIGKILL)
    until(lambda: len(children(server)) == 2 and first[0] not in children(server), "the dead worker is replaced")
    assert "another one starts" in server.log()
    for _ in range(10):
        assert server.predict("w1").status == 200
    assert server.figure('recurra_requests_total{method="POST",route="/predict",status="200"}') == 40
    write_model(directory, labels=("c", "d"), seed=1)
    server.process.send_signal(signal.SIGHUP)
    until(lambda: all(server.predict("w1").json["outputs"][0]["label"] in "cd" for _ in range(10)), "all have reloaded")
    assert server.stop(signal.SIGINT) == 0
    assert not any(Path(f"/proc/{number}").exists() for number in first)


def test_workers_end_with_a_supervisor_that_is_killed(start: Starter, both_ways: Path) -> None:
    server = start(both_ways, "--workers", "2")
    workers = children(server)
    server.process.kill()
    server.process.wait(PATIENCE_SECONDS)
    until(lambda: not any(running(number) for number in workers), "the workers have ended")
    with socket.create_server((server.host, server.port)):  # the port is free
        pass
    assert server.log().count("The supervisor is gone") == 2 and "Traceback" not in server.log()


def running(number: int) -> bool:
    """Return whether a process runs: one that has ended and that nobody waits for does not."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


ENDLESS = """
import sys, threading
from pathlib import Path
from recurra.http.options import ServeOptions
from recurra.server import model_loading, process, start
from recurra.many_to_one.engines.onnx import GraphSession
from recurra.tasks.classify.model import Classifier

forever = threading.Event()
{patch}
start.serve(Path(sys.argv[1]), ServeOptions(port=0, timeout=60), on_ready=lambda address: print(address, flush=True))
process.end_process()
"""


@pytest.mark.parametrize("signals", [1, 2])
def test_an_answer_that_never_ends_does_not_keep_the_server_from_ending(
    both_ways: Path, tmp_path: Path, signals: int
) -> None:
    """A graph with an endless loop holds a thread for ever; here a function does."""
    untried = "Classifier.try_out = model_loading.check_answers = lambda *_: None"
    patch = f"{untried}\nGraphSession.answer = lambda *_, **__: forever.wait()"
    script = tmp_path / "serve.py"
    script.write_text(ENDLESS.format(patch=patch))
    with (tmp_path / "errors").open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, str(script), str(both_ways)],
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "RECURRA_ENGINE": "onnxruntime"},
        )
    assert process.stdout is not None
    host, _, port = process.stdout.readline().decode().strip().removeprefix("http://").rpartition(":")
    process.stdout.close()
    server = Server(process, host, int(port), tmp_path / "errors")
    waiting = asked(server, "w1")
    until(lambda: server.figure("recurra_requests_in_flight ") >= 2, "it is computed")
    process.send_signal(signal.SIGTERM)
    until(lambda: "Stopping" in server.log(), "the signal is noticed")
    if signals == 1:
        waiting.close()  # nobody waits for the answer any more
    else:
        process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0
    waiting.close()


def test_a_server_whose_model_never_ends_its_trial_can_be_stopped(both_ways: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    script = tmp_path / "serve.py"
    patch = "model_loading._fault = lambda _: forever.wait()"
    script.write_text(ENDLESS.format(patch=patch).replace("port=0", f"port={port}"))
    with (tmp_path / "errors").open("wb") as errors:
        process = subprocess.Popen([sys.executable, str(script), str(both_ways)], stderr=errors)
    server = Server(process, "127.0.0.1", port, tmp_path / "errors")

    def alive() -> bool:
        with suppress(ConnectionError):
            return server.ask("GET", "/v2/health/live").status == 200
        return False

    until(alive, "it listens")
    assert server.ask("GET", "/v2/health/ready").status == 503
    assert server.stop() == 0, server.log()


def asked(server: Server, *texts: str) -> socket.socket:
    """Send a request and leave its answer to come."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    connection.request("POST", "/predict", json.dumps({"inputs": texts}), {"Content-Type": "application/json"})
    assert connection.sock is not None
    return connection.sock
