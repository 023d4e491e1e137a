"""One engine in its own process: a line of JSON in, a line of JSON out. It sleeps in between.

    python -m peers.worker ENGINE INPUTS THREADS

    {"prepare": {...a Task...}}   build, warm up, settle how much one round is  ->  {"number": 0}
    {"round": 0}                  run one round of it                           ->  what the round measured
    {"about": true}               ->  {"versions": {...}, "peak_mb": ...}

A failure is answered by {"error": "..."}; the process goes on. The end of the input ends it.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol, TextIO, cast

from peers.task import Task

Round = Callable[[], dict[str, Any]]


class Engine(Protocol):
    """A module of `engines/`. PACKAGES: the names whose versions decide its figures."""

    PACKAGES: tuple[str, ...]

    def set_up(self, threads: int) -> None:
        """Settle threads and whatever else is settled once a process."""

    def prepare(self, task: Task, inputs: Path, threads: int) -> Round:
        """Build what the task needs, warm it up, and return the function that runs one round."""


def main() -> None:
    name, inputs, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not come between the answers
    engine = cast(Engine, importlib.import_module(f"peers.engines.{name}_engine"))
    engine.set_up(threads)
    serve(engine, inputs, threads, sys.stdin, answers)
    answers.flush()
    os._exit(0)  # threads that wait for another round need no goodbye


def serve(engine: Engine, inputs: Path, threads: int, requests: TextIO, answers: TextIO) -> None:
    """Answer every line of `requests` until they end."""
    rounds: list[Round] = []
    for line in iter(requests.readline, ""):
        asked = json.loads(line)
        try:
            if "prepare" in asked:
                rounds.append(engine.prepare(Task(**asked["prepare"]), inputs, threads))
                answer: dict[str, Any] = {"number": len(rounds) - 1}
            elif "round" in asked:
                answer = rounds[asked["round"]]()
            else:
                answer = {"versions": _versions(engine.PACKAGES), "peak_mb": peak_mb()}
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def peak_mb() -> int | None:
    """Return the most memory that this process ever held, in MiB; None where the kernel does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return round(int(peak.split()[1]) / 1024)


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    return {package: metadata.version(package) for package in packages}


if __name__ == "__main__":
    main()
