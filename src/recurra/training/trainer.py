"""What each task writes to be trained: the steps that `recurra train` goes through."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeAlias, TypeVar

from numpy.typing import NDArray

from recurra.options.training import TaskOptions
from recurra.report.verdict import Verdict
from recurra.storage.model_directory import TOKENIZER, WEIGHTS, Label
from recurra.terminal.progress import Reporter
from recurra.training.control import RunControl
from recurra.training.split import Fold

if TYPE_CHECKING:
    from recurra.training.fit import Fitted

Options = TypeVar("Options", bound=TaskOptions)
Answers: TypeAlias = Mapping[str, NDArray[Any]]
"""Arrays by name, a value for each of some rows."""


@dataclass
class Timing:
    """Seconds by step."""

    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count the time inside the block as that of the step `name`."""
        before = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - before

    def move(self, step: str, to: str, seconds: float) -> None:
        """Count `seconds` of `step` as those of another step, which ran inside it."""
        self.seconds[step] -= seconds
        self.seconds[to] = self.seconds.get(to, 0.0) + seconds

    def all(self) -> dict[str, float]:
        """Return the seconds of each step, and in "total" those since the beginning."""
        return {**self.seconds, "total": time.perf_counter() - self.started}


@dataclass(frozen=True)
class RunContext:
    """The surroundings of one run of training.

    data: a path or a name from the catalog. directory: for temporary files, which go with the run. rejects: the file
    for broken rows where the options skip them. timing: seconds of each step. holds_out: False where no row is to be
    held out and evaluated on, and `evaluate` is not called: the data are those that an estimator is fitted to. fold:
    that is held out, in cross-validation.
    """

    data: str
    directory: Path
    rejects: Path
    reporter: Reporter
    timing: Timing = field(default_factory=Timing)
    holds_out: bool = True
    fold: Fold | None = None


class Trainer(ABC, Generic[Options]):
    """How a task is trained. `recurra train` calls the methods once each, in the order of this class.

    A trainer is a context: on leaving it, its temporary files are removed.
    """

    summary_scores: ClassVar[tuple[str, ...]]
    """Names of the scores of the held-out rows that the manifest carries too."""
    loss_unit: str = "nats"
    """Unit of the loss in the learning curves; "" for none."""
    search_metric: ClassVar[str] = "loss"
    """The figure of `validation` that a search for options makes as good as it can, unless another one is named."""

    _fitted: Fitted[Any]

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
        """Read the data, report what is wrong with them, and divide them into training, validation and held-out rows.

        Returns "data" of metrics.json: name, how, fingerprint (of everything that was read), rows, and more. Held-out
        rows influence nothing from here on but the scores. Time goes to the steps "read" and "tokenise" of
        `context.timing`.
        """

    @abstractmethod
    def split(self) -> tuple[dict[str, Any], bytes]:
        """Return ("split" of metrics.json: how, train, valid, test; bytes that differ where the division does)."""

    @abstractmethod
    def heading(self) -> str:
        """Return in a few words what is about to be trained."""

    @abstractmethod
    def fit(self, control: RunControl) -> list[dict[str, Any]]:
        """Train, export what the reading side needs, and keep it in `_fitted`. Returns the history: an entry an epoch.

        Raises TrainingError's kinds, and ExportError where the exported graph answers differently.
        """

    pooled: Answers | None = None
    """The answers to the held-out rows of all folds, in cross-validation: what `evaluate` is then to judge."""

    def held_out(self) -> Answers:
        """Return what was answered of the held-out rows, and the baseline's answers: arrays [n, ...] by name, "row",
        the numbers of the rows in the data, among them. Those of all folds together are judged too.

        For tasks that take --folds. Time goes to the steps "evaluate" and "baseline".
        """
        raise NotImplementedError

    def judged(self, held: Answers) -> dict[str, Any]:
        """Return the parts of metrics.json that are of held-out rows: at least "test", "baseline" and "paired"."""
        raise NotImplementedError

    def out_of_fold(self, held: Answers) -> dict[str, list[Any]]:
        """Return the columns of the file of out-of-fold answers, a value for each of the held-out rows: "row", its
        number in the data from 1, and more."""
        raise NotImplementedError

    @abstractmethod
    def evaluate(self) -> dict[str, Any]:
        """Evaluate the exported graph on the held-out rows, and a cheap baseline beside it.

        Returns parts of metrics.json: at least "test", "baseline" and "config"; a score comes with its 95 % interval
        under the same name with `_ci95` after it. Time goes to the steps "evaluate" and "baseline".
        """

    @property
    def epochs_tell(self) -> bool:
        """Whether the figures of an epoch are those of `validation` so far: not where more is joined to the network
        after training."""
        return True

    def validation(self) -> dict[str, float]:
        """Return the figures of the validation rows by name, of the network that was fitted: of its best epoch, or of
        the last one where that is kept."""
        if not self._fitted.history:
            return {}
        epochs = self._fitted.history
        kept = epochs[-1] if self.options.keep == "last" else min(epochs, key=lambda entry: float(entry["valid_loss"]))
        return {
            name.removeprefix("valid_"): float(value)
            for name, value in kept.items()
            if name.startswith("valid_") and value is not None
        }

    def labels(self) -> list[Label]:
        """Return the labels of a task that has some, in the order of the network's outputs."""
        return []

    def network(self) -> dict[str, Any]:
        """Return the shape of the network, as the manifest carries it."""
        shape: dict[str, Any] = self._fitted.shape.model_dump()
        return shape

    def word_vectors(self) -> dict[str, Any] | None:
        """Return where the word vectors come from; None where they come from no file."""
        return self._fitted.word_vectors

    def config(self) -> dict[str, Any]:
        """Return "config" of metrics.json: the options, with the values that "auto" and None came to."""
        fitted = self._fitted
        return {
            **self.options.model_dump(),
            "epochs": fitted.epochs,
            "precision": fitted.precision,
            "device": fitted.device,
            **self.chosen(),
        }

    def chosen(self) -> dict[str, Any]:
        """Return the options that the task itself has chosen, with their values."""
        return {}

    def summary(self, metrics: Mapping[str, Any]) -> dict[str, Any]:
        """Return the few figures of metrics.json that the manifest carries; none where no row was held out."""
        test = metrics["test"] or {}
        vectors = metrics.get("word_vectors")
        figures = {name: test[name] for name in self.summary_scores if name in test}
        return figures | ({} if vectors is None else {"word_vectors": vectors})

    def files(self, metrics: Mapping[str, Any]) -> dict[str, bytes]:
        """Return the files of the model directory by name, all but metrics.json and the manifest."""
        from recurra.report.curves import curves_png

        return {
            **self.model_files(),
            "report.html": self.report(metrics).encode("utf-8", "replace"),
            "curves.png": curves_png(self._fitted.history, self.loss_unit),
            "README.md": self.card(metrics).encode("utf-8", "replace"),
        }

    def model_files(self) -> dict[str, bytes]:
        """Return the files that a model answers with or goes on from: those of people are not among them."""
        from safetensors.numpy import save

        return {
            **self._fitted.graphs,
            TOKENIZER: self.tokenizer_json().encode(),
            WEIGHTS: save(self._fitted.weights),
        }

    @abstractmethod
    def tokenizer_json(self) -> str:
        """Return the content of tokenizer.json: how an input becomes what the graph takes."""

    def verdict(self, metrics: Mapping[str, Any]) -> Verdict | None:
        """Return the verdict of the report; None where the task has none."""
        return None

    @abstractmethod
    def report(self, metrics: Mapping[str, Any]) -> str:
        """Return the content of report.html."""

    @abstractmethod
    def card(self, metrics: Mapping[str, Any]) -> str:
        """Return the content of README.md, the model card."""

    def close(self) -> None:
        """Remove temporary files, and forget the rows."""
