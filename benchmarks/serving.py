"""Requests per second and latency of `recurra serve`, asked by clients on the same machine.

    python benchmarks/serving.py > benchmarks/results/serving.json

The model has the default shape (30,000 words, embedding 128, bidirectional LSTM of 64) and random weights, which cost
the same as learnt ones. Each request brings one review of 200 tokens. Three loads, one after the other:

    clients_64     64 clients, each of which asks again as soon as it is answered
    clients_128    128 of them
    offered_twice  requests at twice the rate that 64 clients got, whether answers come or not

The load generator is a process of its own and shares the processors with the server. `cpu_seconds` are those of the
server and of the generator during the load; together with `load_average_before` they tell how much of the machine
other programs took.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import safetensors.numpy
from record import machine

import recurra
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.shape import ManyToOneShape
from recurra.storage import model_directory
from recurra.text.word_tokenizer import WordTokenizer

VOCABULARY = 30_000
TOKENS = 200
CLIENTS = 64
REVIEWS = 512
_CONNECTIONS = 512
_TIMEOUT_SECONDS = 20


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15, help="of each load, after a warm-up of 2")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server")
    parser.add_argument("--serve", default="", help="further options of recurra serve")
    given = parser.parse_args()
    load = round(os.getloadavg()[0], 2)
    with tempfile.TemporaryDirectory() as folder:
        make_model(Path(folder) / "model")
        engine = recurra.load(Path(folder) / "model").engine.name
        with server(Path(folder) / "model", given.workers, given.serve.split()) as (address, process):
            metrics = asyncio.run(measure(address, process, given.seconds))
    result = {
        "name": "serving",
        "command": "python benchmarks/serving.py",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "load_average_before": load,
        "metrics": {"tokens_per_request": TOKENS, "workers": given.workers, "engine": engine, **metrics},
    }
    print(json.dumps(result, indent=1))


def make_model(directory: Path) -> None:
    """Write a model of the default shape with random weights."""
    words = [f"w{number}" for number in range(VOCABULARY)]
    shape = ManyToOneShape(
        vocabulary=len(words) + 2,
        embedding=128,
        cell="lstm",
        hidden=64,
        layers=1,
        direction="both",
        pooling="max-mean",
        outputs=1,
    )
    rng = np.random.default_rng(3)
    weights = {
        name: rng.normal(size=size, scale=0.1).astype(np.float32) for name, size in shape.weight_shapes().items()
    }
    content = {
        model_directory.MODEL: build(shape, weights, 1.0),
        model_directory.TOKENIZER: WordTokenizer(words, max_tokens=1000).to_json().encode(),
        model_directory.WEIGHTS: safetensors.numpy.save(weights),
    }
    metrics = {"export": {"precision": "fp32"}, "temperature": 1.0}
    labels = ["negative", "positive"]
    model_directory.write(
        directory,
        content,
        task="classify",
        labels=labels,
        network=shape.model_dump(),
        config={},
        metrics=metrics,
        data={},
    )


@contextlib.contextmanager
def server(model: Path, workers: int, more: list[str]) -> Iterator[tuple[str, int]]:
    """Run a server; give its address and the number of its process."""
    command = [sys.executable, "-m", "recurra.cli", "serve", str(model), "--port", "0", "--workers", str(workers)]
    with subprocess.Popen(
        [*command, *more, "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["address"], process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            status = process.wait(60)
            print(f"the server ended with status {status}", file=sys.stderr)


async def measure(address: str, process: int, seconds: float) -> dict[str, Any]:
    """Return the figures of each load."""
    where = urlsplit(address)
    assert where.hostname is not None and where.port is not None
    bodies = reviews(where.netloc)
    async with clients(where.hostname, where.port, CLIENTS) as connections:
        await closed_loop(connections, bodies, 2.0)
    found: dict[str, Any] = {"memory_mb_before": memory_mb(process)}
    for number in (CLIENTS, 2 * CLIENTS):
        async with clients(where.hostname, where.port, number) as connections:
            with accounted(process) as account:
                answers = await closed_loop(connections, bodies, seconds)
        found[f"clients_{number}"] = summed_up(answers, seconds) | account
    rate = 2 * found[f"clients_{CLIENTS}"]["accepted_per_second"]
    async with clients(where.hostname, where.port, _CONNECTIONS) as connections:
        with accounted(process) as account:
            answers = await open_loop(connections, bodies, rate, seconds)
    found["offered_twice"] = {"offered_per_second": round(rate)} | summed_up(answers, seconds) | account
    found["memory_mb_after"] = memory_mb(process)
    return found


def reviews(host: str) -> list[bytes]:
    """Return whole requests, each with one review of TOKENS words."""
    rng = np.random.default_rng(5)
    requests = []
    for _ in range(REVIEWS):
        text = " ".join(f"w{word}" for word in rng.zipf(1.3, TOKENS) % VOCABULARY)
        body = json.dumps({"inputs": [text]}).encode()
        head = f"POST /predict HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        requests.append(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return requests


class Client(asyncio.Protocol):
    """One kept-alive connection: sends a request, waits for the answer, and gives its status."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport
        self._received = bytearray()
        self._answer: asyncio.Future[int] | None = None
        self.open = True

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.address: tuple[str, int] = transport.get_extra_info("peername")[:2]

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._received[:end]).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(self._received) >= end + 4 + length and self._answer is not None and not self._answer.done():
            self._received.clear()
            self._answer.set_result(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    async def ask(self, request: bytes) -> tuple[int | str, float]:
        """Return the status, or what went wrong, and the seconds it took."""
        started = time.perf_counter()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                return await self._answer, time.perf_counter() - started
        except (OSError, TimeoutError) as error:
            return type(error).__name__, time.perf_counter() - started

    def close(self) -> None:
        self._transport.close()


Answers = list[tuple[int | str, float]]


@contextlib.asynccontextmanager
async def clients(host: str, port: int, number: int) -> AsyncIterator[list[Client]]:
    """Open connections."""
    loop = asyncio.get_running_loop()
    opened = [(await loop.create_connection(Client, host, port))[1] for _ in range(number)]
    yield opened
    for client in opened:
        client.close()


async def closed_loop(connections: list[Client], bodies: list[bytes], seconds: float) -> Answers:
    """Have every client ask again as soon as it is answered."""
    answers: Answers = []
    until = time.perf_counter() + seconds

    async def one(place: int, client: Client) -> None:
        number = place
        while time.perf_counter() < until:
            answers.append(await client.ask(bodies[number % len(bodies)]))
            number += len(connections)

    await asyncio.gather(*(one(place, client) for place, client in enumerate(connections)))
    return answers


async def open_loop(connections: list[Client], bodies: list[bytes], rate: float, seconds: float) -> Answers:
    """Send `rate` requests a second at even distances, each on a free connection; "late" where none is free."""
    answers: Answers = []
    free = list(connections)
    running: set[asyncio.Task[None]] = set()
    loop = asyncio.get_running_loop()
    address = connections[0].address

    async def one(client: Client, number: int) -> None:
        if not client.open:  # it was idle for longer than the server keeps a connection
            _, client = await loop.create_connection(Client, *address)
        answers.append(await client.ask(bodies[number % len(bodies)]))
        free.append(client)

    started = time.perf_counter()
    sent = 0
    while (now := time.perf_counter() - started) < seconds:
        while sent < now * rate:
            if free:
                task = asyncio.create_task(one(free.pop(), sent))
                running.add(task)
                task.add_done_callback(running.discard)
            else:
                answers.append(("late", 0.0))
            sent += 1
        await asyncio.sleep(0.001)
    await asyncio.gather(*running)
    return answers


def summed_up(answers: Answers, seconds: float) -> dict[str, Any]:
    """Return counts by status, and rate and latency of the accepted requests."""
    accepted = np.array([taken for status, taken in answers if status == 200]) * 1000
    refused = np.array([taken for status, taken in answers if status == 429]) * 1000
    return {
        "statuses": {str(status): count for status, count in sorted(Counter(s for s, _ in answers).items(), key=str)},
        "accepted_per_second": round(len(accepted) / seconds),
        "accepted_p50_ms": round(float(np.percentile(accepted, 50)), 1),
        "accepted_p99_ms": round(float(np.percentile(accepted, 99)), 1),
        "accepted_max_ms": round(float(accepted.max()), 1),
        "refused_p99_ms": round(float(np.percentile(refused, 99)), 1) if len(refused) else None,
    }


@contextlib.contextmanager
def accounted(process: int) -> Iterator[dict[str, float]]:
    """Give the processor seconds of the server and of this process, filled in at the end."""
    account: dict[str, float] = {}
    server_before, own_before, started = processor_seconds(process), time.process_time(), time.perf_counter()
    yield account
    account["seconds"] = round(time.perf_counter() - started, 1)
    account["cpu_seconds_server"] = round(processor_seconds(process) - server_before, 1)
    account["cpu_seconds_generator"] = round(time.process_time() - own_before, 1)


def family(process: int) -> list[int]:
    """Return a process and its children."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *map(int, children)]


def processor_seconds(process: int) -> float:
    """Return the seconds of processor time that a process and its children have used."""
    ticks = 0
    for number in family(process):
        fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mb(process: int) -> int:
    """Return the resident memory of a process and its children."""
    pages = sum(int(Path(f"/proc/{number}/statm").read_text().split()[1]) for number in family(process))
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)


if __name__ == "__main__":
    main()
