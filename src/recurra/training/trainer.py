"""What a task is: one shape of sequence problem, told in the steps that `recurra train` goes through."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from recurra.options.everything import TaskOptions
from recurra.storage.model_directory import Label
from recurra.terminal.progress import Reporter, TrainingProgress

if TYPE_CHECKING:
    from recurra.training.checkpoints import CheckpointStore

Options = TypeVar("Options", bound=TaskOptions)


@dataclass
class Timing:
    """Seconds by step."""

    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        before = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - before

    def move(self, step: str, to: str, seconds: float) -> None:
        """Count `seconds` of `step` as those of another step, which ran inside it."""
        self.seconds[step] -= seconds
        self.seconds[to] = self.seconds.get(to, 0.0) + seconds

    def all(self) -> dict[str, float]:
        return {**self.seconds, "total": time.perf_counter() - self.started}


@dataclass(frozen=True)
class RunContext:
    """The surroundings of one run of training.

    data: a path or a name from the catalog. directory: for temporary files, which go with the run. rejects: the file
    for broken rows where the options say to skip them. timing: seconds of each step.
    """

    data: str
    directory: Path
    rejects: Path
    reporter: Reporter
    timing: Timing = field(default_factory=Timing)


@dataclass(frozen=True)
class RunControl:
    """How one training is stopped, resumed and watched. identity: what must be the same when it is resumed."""

    store: CheckpointStore
    resume: bool
    identity: dict[str, Any]
    on_progress: Callable[[TrainingProgress], None]


class Trainer(ABC, Generic[Options]):
    """One shape of problem. `recurra train` calls the methods once each, in the order in which they stand here.

    A task is a context: on leaving it, what it laid aside is removed.
    """

    def __init__(self, options: Options, context: RunContext) -> None:
        self.options = options
        self.context = context

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def read(self) -> dict[str, Any]:
        """Read the data, say what is wrong with them, and divide them into training, validation and held-out rows.

        Returns what metrics.json says of the data: name, how, fingerprint (of all that was read), rows. Held-out rows
        influence nothing from here on but the score. Time goes to the steps "read" and "tokenise" of `context.timing`.
        """

    @abstractmethod
    def split(self) -> tuple[dict[str, Any], bytes]:
        """Return ({"how", "train", "valid", "test"} for metrics.json, bytes that tell one division from another)."""

    @abstractmethod
    def heading(self) -> str:
        """Return in a few words what is about to be trained."""

    @abstractmethod
    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        """Train, and export what the reading side needs. Returns the history, one entry an epoch."""

    @abstractmethod
    def evaluate(self) -> dict[str, Any]:
        """Evaluate the exported graph on the held-out rows, and a cheap baseline beside it.

        Returns parts of metrics.json: at least "labels", "test", "baseline" and "config"; a score comes with its
        95 % interval under the same name with `_ci95` after it. Time goes to the steps "evaluate" and "baseline".
        """

    @abstractmethod
    def summary(self, metrics: Mapping[str, Any]) -> dict[str, Any]:
        """Return the few figures that the manifest carries."""

    @abstractmethod
    def network(self) -> dict[str, Any]:
        """Return the shape of the network, as the manifest carries it."""

    @abstractmethod
    def labels(self) -> list[Label]:
        """Return the labels of a task that has some."""

    @abstractmethod
    def files(self, metrics: Mapping[str, Any]) -> dict[str, bytes]:
        """Return the files of the model directory: model.onnx, tokenizer.json, weights.safetensors, report.html,
        curves.png, README.md, and what else the task needs; metrics.json and the manifest are written for all alike.
        """

    @abstractmethod
    def close(self) -> None:
        """Remove what was laid aside."""
