"""Ask the engines, one at a time and in turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from peers.task import Sizes, Task

OURS, PEERS = "ours", "peers"
ENGINES = {
    "recurra": OURS,
    "recurra_runtime": OURS,
    "torch": OURS,
    "gemm": OURS,
    "keras": PEERS,
    "sklearn": PEERS,
    "fasttext": PEERS,
}
"""Each engine, and the environment that it runs in."""

_SAID_BY_USERS = ("MALLOC_", "GOMP_", "OMP_", "KMP_", "MKL_", "OPENBLAS_", "TF_", "XLA_", "LD_PRELOAD", "KERAS_")


class EngineError(Exception):
    """An engine could not do what it was asked for; the message is what it said."""


@dataclass(frozen=True)
class Bench:
    """What every part needs.

    inputs: the folder that `inputs.py` filled. interpreters: the Python of each environment.
    """

    inputs: Path
    sizes: Sizes
    threads: int
    interpreters: dict[str, Path]
    versions: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)

    def environment(self) -> dict[str, str]:
        """Return the variables of a fresh shell: no tuning, quiet, and no more threads than stated."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith(_SAID_BY_USERS)}
        threads = {name: str(self.threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "KERAS_BACKEND": "tensorflow"}
        return plain | threads | quiet | {"PYTHONPATH": str(Path(__file__).parents[1])}

    @contextmanager
    def workers(self, names: Iterable[str]) -> Iterator[dict[str, Worker]]:
        """Start the named engines. One that cannot start is left out and noted."""
        with ExitStack() as stack:
            started: dict[str, Worker] = {}
            for name in dict.fromkeys(names):
                worker = stack.enter_context(Worker(name, self))
                try:
                    self.versions.update(worker.ask({"about": True})["versions"])
                except EngineError as error:
                    self.note(f"{name}: {error}")
                    continue
                started[name] = worker
            yield started

    def note(self, failure: str) -> None:
        self.failures.append(failure)
        self.say(f"  not measured: {failure}")


class Worker:
    """An engine's process. `ask` waits for its answer."""

    def __init__(self, name: str, bench: Bench) -> None:
        self.name = name
        self._log = (bench.inputs / f"{name}.log").open("w")
        self._process = subprocess.Popen(
            [
                str(bench.interpreters[ENGINES[name]]),
                "-m",
                "peers.worker",
                name,
                str(bench.inputs),
                str(bench.threads),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=bench.environment(),
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        if kind is not None:
            self._process.kill()
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._log.close()

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send one request. Raises EngineError with what the engine said, also where it died."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            said = Path(self._log.name).read_text(errors="replace").strip().splitlines()
            raise EngineError(said[-1] if said else "it ended without a word")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise EngineError(answer["error"])
        return answer


Job = tuple[str, Task]


def in_turns(bench: Bench, jobs: Sequence[Job]) -> dict[Job, list[dict[str, Any]]]:
    """Prepare every job, then run `rounds` rounds of each in turns; every other round goes backwards.

    Returns what each round measured. A job that fails is noted and left out.
    """
    measured: dict[Job, list[dict[str, Any]]] = {}
    numbers: dict[Job, int] = {}
    with bench.workers(engine for engine, _ in jobs) as workers:
        for engine, task in jobs:
            if engine in workers:
                bench.say(f"  preparing {engine}, {task.kind}, {task.cell} {task.variant}, batch {task.batch}")
                try:
                    numbers[engine, task] = workers[engine].ask({"prepare": task.plain()})["number"]
                except EngineError as error:
                    bench.note(f"{engine}, {task.kind}, {task.cell} {task.variant}, batch {task.batch}: {error}")
        for round_number in range(bench.sizes.rounds):
            bench.say(f"  round {round_number + 1} of {bench.sizes.rounds}, {len(numbers)} pieces of work")
            order = list(numbers)
            for job in order if round_number % 2 == 0 else reversed(order):
                try:
                    measured.setdefault(job, []).append(workers[job[0]].ask({"round": numbers[job]}))
                except EngineError as error:
                    bench.note(f"{job[0]}, {job[1].kind}: {error}")
    return measured
