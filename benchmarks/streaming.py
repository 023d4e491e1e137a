"""What a token of a stream costs, from the tenth to the millionth, and how large the session's state is there.

    python benchmarks/streaming.py MODEL > benchmarks/results/streaming.json

MODEL was trained with --direction forward. The text is random words of its vocabulary. A session is brought to each
place; from there, words are fed one at a time, each with a running answer, and then as one chunk. Given are medians
over rounds that visit all places in turn, so that other work on the machine disturbs them alike; in one process, on
one thread, by wall and by processor time. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
from record import machine

import recurra
from recurra.many_to_one.stream import StreamSession

PLACES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
SINGLE, CHUNK, ROUNDS = 200, 1_000, 25


def states_at_places(model: recurra.Model, words: list[str]) -> dict[int, dict[str, Any]]:
    """Return the state of one stream after so many tokens."""
    session, states = model.session(), {}
    for place in PLACES:
        while session.tokens < place:
            session.feed(" ".join(words[: place - session.tokens]) + " ")
        states[place] = session.state()
    return states


def timed(session: StreamSession, chunks: list[str]) -> tuple[float, float]:
    """Return the wall and the processor seconds that feeding the chunks takes."""
    wall, work = time.perf_counter(), time.process_time()
    for chunk in chunks:
        session.feed(chunk)
    return time.perf_counter() - wall, time.process_time() - work


def measured(model: recurra.Model, states: dict[int, dict[str, Any]], words: list[str]) -> list[dict[str, Any]]:
    """Return costs and sizes at each place."""
    single = [f"{word} " for word in words[:SINGLE]]
    chunk = [" ".join(words[:CHUNK]) + " "]
    seconds: dict[tuple[int, str], list[tuple[float, float]]] = {}
    for _ in range(ROUNDS):
        for place, state in states.items():
            seconds.setdefault((place, "alone"), []).append(timed(model.session(state), single))
            seconds.setdefault((place, "chunk"), []).append(timed(model.session(state), chunk))
    found = []
    for place, state in states.items():
        wall, work = 1e6 * np.median(seconds[place, "alone"], axis=0) / SINGLE
        together, _ = 1e6 * np.median(seconds[place, "chunk"], axis=0) / CHUNK
        found.append(
            {
                "tokens": place,
                "microseconds_a_token": round(float(wall), 1),
                "processor_microseconds_a_token": round(float(work), 1),
                "microseconds_a_token_in_chunks_of_1000": round(float(together), 2),
                "state_numbers": sum(len(array) for array in state["arrays"].values()),
                "state_json_bytes": len(json.dumps(state)),
            }
        )
    return found


def main() -> None:
    (directory,) = sys.argv[1:]
    model = recurra.load(directory, threads=1)
    rng = np.random.default_rng(0)
    words = [word for word in model.tokenizer.words if word.isalpha()]
    words = [words[i] for i in rng.integers(0, len(words), 20_000)]
    model.session().feed(" ".join(words[:2_000]))
    load = os.getloadavg()[0]
    result = {
        "name": "streaming",
        "command": "python benchmarks/streaming.py MODEL",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "load_average_before": round(load, 1),
        "metrics": {
            "model": model.manifest.network if model.manifest else {},
            "places": measured(model, states_at_places(model, words), words),
        },
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
