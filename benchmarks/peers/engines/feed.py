"""What the engines have in common: reading the inputs, and giving them out in batches. NumPy only."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peers.task import Task, rounds_of

VOCABULARY, EMBEDDING, HIDDEN = 20_000, 128, 64


@cache
def ids(inputs: Path) -> NDArray[np.int32]:
    """Return the token ids [N, 200]."""
    found: NDArray[np.int32] = np.load(inputs / "ids.npy")
    return found


@cache
def texts(inputs: Path) -> dict[str, Any]:
    """Return {"long", "labels", "any"}: see `inputs.py`."""
    content: dict[str, Any] = json.loads((inputs / "texts.json").read_text(encoding="utf-8"))
    return content


def labels(inputs: Path) -> NDArray[np.float32]:
    """Return 1 for each long review that is positive, else 0 [N]."""
    return np.array(texts(inputs)["labels"], dtype=np.float32)


def batches(rows: Any, size: int) -> Iterator[Any]:
    """Give `size` of `rows` at a time, over and over."""
    return cycle([rows[start : start + size] for start in range(0, len(rows) - size + 1, size)])


def repeated(task: Task, call: Callable[[Any], object], rows: Any) -> Callable[[], dict[str, Any]]:
    """Warm `call` up on batches of `rows`, and return the round that times as many calls as fill `task.seconds`."""
    given = batches(rows, task.batch)
    for _ in range(2):
        call(next(given))
    started = time.perf_counter()
    call(next(given))
    calls = rounds_of(task.seconds, time.perf_counter() - started)

    def round_() -> dict[str, Any]:
        several = [next(given) for _ in range(calls)]
        began = time.perf_counter()
        for batch in several:
            call(batch)
        return {"items": calls * task.batch, "seconds": time.perf_counter() - began}

    return round_


def one_by_one(task: Task, call: Callable[[str], object], inputs: Path) -> Callable[[], dict[str, Any]]:
    """Warm `call` up on single texts, and return the round that times `task.batch` of them, each alone."""
    given = cycle(texts(inputs)["any"])
    for _ in range(5):
        call(next(given))

    def round_() -> dict[str, Any]:
        milliseconds = []
        for _ in range(task.batch):
            text = next(given)
            began = time.perf_counter()
            call(text)
            milliseconds.append(1000 * (time.perf_counter() - began))
        return {"milliseconds": milliseconds}

    return round_
