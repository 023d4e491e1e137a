"""What is measured: a file for each part. Each has `run(bench, about)`, which returns the part's metrics as plain JSON.

about: what `inputs.write` says of the inputs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peers.driver import Bench
from peers.parts import growth, inference, latency, memory, training, wall

PARTS: dict[str, Callable[[Bench, dict[str, Any]], dict[str, Any]]] = {
    "training": training.run,
    "inference": inference.run,
    "latency": latency.run,
    "memory": memory.run,
    "growth": growth.run,
    "wall": wall.run,
}
"""In the order in which they run: the longest last."""
