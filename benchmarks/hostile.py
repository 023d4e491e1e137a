"""What hostile texts and reloads do to a server: the latest answer of 64 other clients, and memory.

    python benchmarks/hostile.py > benchmarks/results/hostile.json

The model is that of `serving.py`, of the default shape. 64 clients ask for the label of a review of 200 tokens again
and again, while others send texts that are made to be slow to read, of as many characters as the server takes:

    usual    --max-characters as it is, 100,000
    raised   a million characters, and --max-body to match

Then the model is replaced and loaded again 40 times while two clients ask.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from record import machine
from serving import CLIENTS, Answers, Client, clients, closed_loop, make_model, memory_mb, reviews, server

HOSTILE_CLIENTS = 8
EXPLAINING_CLIENTS = 2
RELOADS = 40
USUAL, RAISED = 100_000, 1_000_000

UNITS = {
    "open breaks": "<br ",
    "full stops": ".",
    "words": "w1 ",
    "one word": "a",
    "apostrophes": "a'",
    "ideographs": "中",
    "marks": "e\u0301",
    "emoji": "\U0001f600",
    "sentences": "w1! ",
    "different words": "",
    "an open break and spaces": " ",
}
"""What a text repeats. Two begin otherwise; each makes a regular expression or the vocabulary work."""


def hostile_text(name: str, characters: int) -> str:
    """Return a text of so many characters."""
    if name == "different words":
        text = " ".join(f"x{number}" for number in range(characters // 6))
    else:
        start = "<br" if name == "an open break and spaces" else ""
        text = start + UNITS[name] * (characters // len(UNITS[name]) + 1)
    return text[:characters]


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15, help="of each load, after a warm-up of 2")
    given = parser.parse_args()
    load = round(os.getloadavg()[0], 2)
    metrics: dict[str, Any] = {"clients": CLIENTS, "hostile_clients": HOSTILE_CLIENTS + EXPLAINING_CLIENTS}
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "model"
        make_model(directory)
        for name, characters in (("usual", USUAL), ("raised", RAISED)):
            more = ["--max-characters", str(characters), "--max-body", str(8 * characters)]
            with server(directory, 1, more) as (address, _):
                metrics[name] = asyncio.run(measure_load(address, characters, given.seconds))
        with server(directory, 1, []) as (address, process):
            metrics["reloads"] = asyncio.run(measure_reloads(address, process, directory))
    result = {
        "name": "hostile",
        "command": "python benchmarks/hostile.py",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "load_average_before": load,
        "metrics": metrics,
    }
    print(json.dumps(result, indent=1))


async def measure_load(address: str, characters: int, seconds: float) -> dict[str, Any]:
    """Return the latencies of usual requests without and with hostile ones beside them."""
    host, port = where(address)
    usual = reviews(f"{host}:{port}")
    texts = [hostile_text(name, characters) for name in UNITS]
    predicted = [request(host, port, "/predict", {"inputs": [text]}) for text in texts]
    explained = [request(host, port, "/explain", {"input": text}) for text in texts]
    async with clients(host, port, CLIENTS) as asking:
        await closed_loop(asking, usual, 2.0)
        alone = await closed_loop(asking, usual, seconds)
        async with (
            clients(host, port, HOSTILE_CLIENTS) as hostile,
            clients(host, port, EXPLAINING_CLIENTS) as explaining,
        ):
            beside, predictions, explanations = await asyncio.gather(
                closed_loop(asking, usual, seconds),
                closed_loop(hostile, predicted, seconds),
                closed_loop(explaining, explained, seconds),
            )
    return {
        "characters": characters,
        "alone": summed_up(alone),
        "beside": summed_up(beside),
        "hostile_predict": summed_up(predictions),
        "hostile_explain": summed_up(explanations),
    }


async def measure_reloads(address: str, process: int, directory: Path) -> dict[str, Any]:
    """Replace the model RELOADS times while two clients ask; return memory before and after, and the latencies."""
    host, port = where(address)
    usual = reviews(f"{host}:{port}")
    ended = asyncio.Event()
    answers: Answers = []
    memory = []

    async def ask(client: Client, place: int) -> None:
        while not ended.is_set():
            answers.append(await client.ask(usual[(len(answers) + place) % len(usual)]))

    async with clients(host, port, 2) as asking:
        asked = [asyncio.create_task(ask(client, place)) for place, client in enumerate(asking)]
        for number in range(RELOADS + 1):
            await asyncio.sleep(1)  # the model meets the words of the reviews
            memory.append(memory_mb(process))
            if number < RELOADS:
                await asyncio.to_thread(replace_model, directory)
                while await reloads(host, port) <= number:
                    await asyncio.sleep(0.1)
        ended.set()
        await asyncio.gather(*asked)
    found = {"memory_mb_before": memory[0], "memory_mb_after": memory[-1], "memory_mb_most": max(memory)}
    return {"reloads": RELOADS, **found, "answers": summed_up(answers)}


def replace_model(directory: Path) -> None:
    """Write a model of the same shape in the place of the one that is there."""
    with tempfile.TemporaryDirectory(dir=directory.parent) as folder:
        make_model(Path(folder) / "model")
        old = directory.with_name(f"old-{time.monotonic_ns()}")
        directory.rename(old)
        (Path(folder) / "model").rename(directory)
    for path in old.iterdir():
        path.unlink()
    old.rmdir()


async def reloads(host: str, port: int) -> int:
    """Return how many reloads the server counts; it notices a replaced directory by itself."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET /model HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    content = (await reader.read()).partition(b"\r\n\r\n")[2]
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return int(json.loads(content)["loading"]["reloads"])


def request(host: str, port: int, path: str, value: dict[str, Any]) -> bytes:
    """Return a whole request."""
    body = json.dumps(value, ensure_ascii=False).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def where(address: str) -> tuple[str, int]:
    """Return host and port of an address."""
    parts = urlsplit(address)
    assert parts.hostname is not None and parts.port is not None
    return parts.hostname, parts.port


def summed_up(answers: Answers) -> dict[str, Any]:
    """Return counts by status, and the latencies of all answers, refusals included."""
    taken = np.array([seconds for _, seconds in answers]) * 1000
    latencies = {"p50_ms": 50, "p99_ms": 99, "latest_ms": 100}
    return {
        "statuses": {str(status): count for status, count in sorted(Counter(s for s, _ in answers).items(), key=str)},
        **{name: round(float(np.percentile(taken, share)), 1) for name, share in latencies.items() if len(taken)},
    }


if __name__ == "__main__":
    main()
