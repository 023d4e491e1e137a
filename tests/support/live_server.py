"""Model directories with random weights, and real servers on this machine, asked through sockets."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.shape import CODES, ManyToOneShape
from recurra.storage import model_directory
from recurra.text.word_tokenizer import WordTokenizer
from support.waiting import PATIENCE_SECONDS

WORDS = [f"w{number}" for number in range(60)]
REPORT = b"<!doctype html><title>Report</title><style>p{color:red}</style><p>It is 91.2 % right."


def write_model(
    directory: Path,
    *,
    seed: int = 0,
    labels: tuple[str, ...] = ("neg", "pos"),
    direction: Literal["both", "forward"] = "both",
    hidden: int = 6,
    ngrams: int = 0,
    subwords: int = 0,
    report: bytes | None = REPORT,
    task: Literal["classify", "multilabel"] = "classify",
) -> Path:
    """Write a model directory with random weights in place of whatever model is there."""
    several = task == "multilabel"
    shape = ManyToOneShape(
        vocabulary=len(WORDS) + 2,
        embedding=5,
        cell="lstm",
        hidden=hidden,
        layers=1,
        direction=direction,
        pooling="max",
        outputs=1 if len(labels) == 2 and not several else len(labels),
        link="sigmoid" if several else "softmax",
        ngrams=ngrams,
        ngram_buckets=997 if ngrams > 1 else 0,
        subwords=subwords,
    )
    weights = _random_weights(shape, seed)
    files = {
        "model.onnx": build(shape, weights, 1.0),
        "tokenizer.json": WordTokenizer(WORDS, max_tokens=1000, subwords=subwords).to_json(),
    }
    content = {name: file if isinstance(file, bytes) else file.encode() for name, file in files.items()}
    if report is not None:
        content["report.html"] = report
    model_directory.write(
        directory,
        content,
        task=task,
        labels=list(labels),
        network=shape.model_dump(),
        config={},
        metrics={},
        data={},
        overwrite=True,
    )
    return directory


def _random_weights(shape: ManyToOneShape, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    weights: dict[str, Any] = {}
    for name, size in shape.weight_shapes().items():
        if name in CODES:
            weights[name] = rng.integers(-127, 128, size).astype(np.int8)
            weights[name][:2] = 0
        elif name.removesuffix("scale") + "codes" in CODES:
            weights[name] = np.full(size, 1e-4)
        else:
            weights[name] = rng.normal(size=size)
    return weights


def made_texts(count: int, seed: int = 0, longest: int = 40) -> list[str]:
    """Different texts of unequal lengths, with words that the model does not know among them."""
    rng = np.random.default_rng(seed)
    return [
        " ".join([*rng.choice([*WORDS, "unheard", "of", "!"], rng.integers(1, longest)), f"t{number}"])
        for number in range(count)
    ]


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Server:
    """A running `recurra serve`."""

    process: subprocess.Popen[bytes]
    host: str
    port: int
    errors: Path
    connections: list[http.client.HTTPConnection] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Any = None,
        headers: dict[str, str] | None = None,
        timeout: float = 30,
    ) -> Answer:
        """Send a request on a connection of its own; a body that is no bytes goes as JSON."""
        sent = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def post(self, path: str, **body: Any) -> Any:
        """Send a request that must be answered; return the JSON of its answer."""
        answer = self.ask("POST", path, body)
        assert answer.status == 200, answer.content
        return answer.json

    def stream(self, path: str, **body: Any) -> tuple[list[str], Any]:
        """Send a request whose answer is to be streamed; return its pieces and the whole answer at the end."""
        answer = self.ask("POST", path, {**body, "stream": True})
        assert answer.status == 200 and answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        lines = answer.content.decode().split("\n\n")
        assert lines.pop() == "" and all(line.startswith("data: ") for line in lines)
        events = [json.loads(line.removeprefix("data: ")) for line in lines]
        assert [list(event) for event in events] == [["piece"]] * (len(events) - 1) + [["answer"]]
        return [event["piece"] for event in events[:-1]], events[-1]["answer"]

    def rejects(self, path: str, body: Any, word: str) -> None:
        """Send a request that must be rejected with `word` in the message, and without the word secret."""
        answer = self.ask("POST", path, body)
        assert answer.status == 422, answer.content
        message = answer.json["error"]["message"]
        assert word in message and "secret" not in message

    def predict(self, *texts: str, **more: Any) -> Answer:
        return self.ask("POST", "/predict", {"inputs": list(texts)}, **more)

    def figure(self, start: str, headers: dict[str, str] | None = None) -> float:
        """Return the sum of the figures in /metrics whose lines begin so."""
        lines = self.ask("GET", "/metrics", headers=headers).content.decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(start))

    def log(self) -> str:
        return self.errors.read_text(encoding="utf-8")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; return the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


Starter = Callable[..., Server]


def start_server(directory: Path, errors: Path, *options: str) -> Server:
    """Run a server on a free port, and wait until it says that it is ready."""
    port = () if "--port" in options else ("--port", "0")
    with errors.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "recurra.cli", "serve", str(directory), *port, "--json", *options],
            stdout=subprocess.PIPE,
            stderr=stream,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    process.stdout.close()
    if not line:
        process.wait(PATIENCE_SECONDS)
        pytest.fail(f"the server did not start:\n{errors.read_text()}")
    host, _, port = json.loads(line)["address"].removeprefix("http://").rpartition(":")
    return Server(process, host.strip("[]"), int(port), errors)


def ended_well(server: Server) -> None:
    """Stop a server; it must end with status 0 and must not have failed anywhere."""
    status = server.stop()
    said = server.log()
    assert "Traceback" not in said and "failed" not in said and "Warning" not in said, said
    assert status == 0, said
