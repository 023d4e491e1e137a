"""All records of one run: what is written into them, when, and what happens where that fails."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from recurra.errors import InterruptedTraining
from recurra.storage.files import atomic_write
from recurra.terminal.progress import Reporter, TrainingProgress
from recurra.training.records.recorder import Ending, Parameter, Point, Recorder, Token, reason

Result = TypeVar("Result")

MOST_STEPS = 10_000
"""Steps of one network that are recorded; of more, every second, third ... is."""
WAITING = 1_000
"""Points that wait for the next checkpoint at most."""
INTERVAL = "_ci95"


class Records:
    """The records of one run, a context. What fails in one is told once, and training goes on without it.

    Points are written before each checkpoint. So a run that is killed and resumed has those of every step: the steps
    after its last checkpoint are done again, and what is recorded of them already is left out.
    """

    def __init__(self, recorders: Iterable[Recorder], tokens: Path, reporter: Reporter) -> None:
        """tokens: the file that says, until the run has ended, which records are its own."""
        self._recorders = list(recorders)
        self._tokens = tokens
        self._reporter = reporter
        self._waiting: list[Point] = []
        self._last: dict[str, dict[str, int]] = {}
        self._said: dict[str, Parameter] = {}
        self._step = 0

    def begin(self, parameters: Mapping[str, Any], *, resume: bool) -> None:
        """Begin, or go on with what this run has begun before, and write the parameters that have a value."""
        if not self._recorders:
            return
        before, now = read_tokens(self._tokens) if resume else {}, {}
        for recorder in list(self._recorders):
            token = before.get(recorder.name)
            last: dict[str, int] | None = {}
            if token is not None and recorder.continues(token):
                last = self._tried(recorder, recorder.resume, token)
            else:
                token = self._tried(recorder, recorder.begin)
            if token is not None and last is not None:
                now[recorder.name], self._last[recorder.name] = token, last
        steps = [step for last in self._last.values() for step in last.values()]
        self._step = max(steps, default=0)
        if now:
            atomic_write(self._tokens, json.dumps(now).encode())
        self._parameters(parameters)

    def watch(self, progress: TrainingProgress) -> None:
        """Record a step, or an epoch that has ended."""
        if not self._recorders:
            return
        stage = "".join(f"{_name(part)}/" for part in progress.stage.split(", ") if part)
        entry = progress.finished_epoch
        if entry is not None:
            figures = {"number" if name == "epoch" else name: value for name, value in entry.items()}
            self._add(f"{stage}epoch/", progress.step, figures)
        elif progress.step % math.ceil(progress.steps / MOST_STEPS) == 0:
            values = {"loss": progress.batch_loss, "learning_rate": progress.learning_rate}
            self._add(f"{stage}step/", progress.step, values)
        if len(self._waiting) >= WAITING:
            self.flush()

    def flush(self) -> None:
        """Write the points that wait."""
        if not self._waiting:
            return
        points, self._waiting = self._waiting, []
        for recorder in list(self._recorders):
            last = self._last[recorder.name]
            new = [point for point in points if point.step > last.get(point.name, -1)]
            if new:
                self._tried(recorder, recorder.write, new)

    def finish(self, config: Mapping[str, Any], scores: Mapping[str, Any], facts: Mapping[str, str]) -> None:
        """Write how the run has ended. config: the options, with what was chosen in place of None and "auto"; scores:
        of the held-out rows, with their intervals; facts: of the model."""
        self._parameters(config, chosen=True)
        self._add("test/", self._step, {**scores, **_ends(scores)})
        self.flush()
        for recorder in list(self._recorders):
            self._tried(recorder, recorder.finish, facts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ending: Ending = "failed"
        if error is None:
            ending = "finished"
        elif isinstance(error, InterruptedTraining | KeyboardInterrupt):
            ending = "stopped"
        self.flush()
        for recorder in list(self._recorders):
            self._tried(recorder, recorder.close, ending)

    def _parameters(self, values: Mapping[str, Any], *, chosen: bool = False) -> None:
        """Write parameters that were not written before. chosen: "auto" is what it has come to."""
        new = {
            name: value if isinstance(value, Parameter) else json.dumps(value)
            for name, value in values.items()
            if value is not None and name not in self._said and (chosen or value != "auto")
        }
        self._said |= new
        for recorder in list(self._recorders):
            self._tried(recorder, recorder.parameters, new)

    def _add(self, prefix: str, step: int, values: Mapping[str, Any]) -> None:
        now, self._step = time.time(), step
        for name, value in values.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                self._waiting.append(Point(prefix + name, step, float(value), now))

    def _tried(self, recorder: Recorder, method: Callable[..., Result], *arguments: Any) -> Result | None:
        """Return what a method of a recorder returns; where it fails, tell that, do without the recorder from here on,
        and return None."""
        try:
            return method(*arguments)
        except Exception as error:  # whatever happens to a record must not end the training
            self._recorders.remove(recorder)
            self._reporter.info(f"--log {recorder.name}: the record ends here, and the run goes on: {reason(error)}")
            return None


def read_tokens(path: Path) -> dict[str, Token]:
    """Return which records a run that was stopped has begun, by kind; none where that cannot be read."""
    try:
        tokens = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return tokens if isinstance(tokens, dict) else {}


def _ends(scores: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ends of the intervals among some scores: `accuracy_low` and `accuracy_high`."""
    intervals = {name.removesuffix(INTERVAL): both for name, both in scores.items() if name.endswith(INTERVAL) and both}
    return {f"{name}_{end}": both[i] for name, both in intervals.items() for i, end in enumerate(("low", "high"))}


def _name(stage: str) -> str:
    """Return a stage as every kind of record can write it: "member 1 of 5" as member-1-of-5."""
    return re.sub(r"[^\w.-]+", "-", stage)
