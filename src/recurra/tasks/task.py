"""What a task is: one shape of sequence problem, as the commands, the server, the report and the docs know it.

A task is a folder here with one object of a class derived from `Task`, named in `registry.py`:

    options.py    what training, evaluation and prediction take
    shape.py      what the manifest states of the network
    model.py      the loaded model, which answers
    evaluate.py, predict.py, explain.py, terminal.py    what the commands do with a loaded model, and what they print
    http.py, page.html, page.js                         what the server does with it
    learn/        training; the only part that knows torch and onnx

Every function takes a loaded model, never a directory. Methods import what they need when they are called, so that
asking a task for its name and options costs nothing.
"""

from __future__ import annotations

import json
import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar

from recurra.errors import OptionError
from recurra.inference.requested_engine import VARIABLE, requested
from recurra.options.base import Options, flag
from recurra.options.reading import EncodingOptions
from recurra.options.training import TaskOptions
from recurra.storage.model_directory import MODEL, TOKENIZER, Artefact, Manifest
from recurra.terminal.progress import Reporter

if TYPE_CHECKING:
    from rich.console import Console

    from recurra.http.served_task import ServedTask
    from recurra.storage.shape import Shape
    from recurra.training.comparison import Comparison
    from recurra.training.trainer import Trainer

Model = TypeVar("Model")
AnsweringModel = TypeVar("AnsweringModel", contravariant=True)

Answers = Iterator[dict[str, Any]]


@dataclass(frozen=True)
class Explained:
    """An explanation of one answer. values: plain JSON; page: HTML with the given number of words in its table;
    show: prints it to a console."""

    values: dict[str, Any]
    page: Callable[[int], str]
    show: Callable[[int], None]


class Terminal(Protocol):
    """What the commands print of a model. A module with these functions is one."""

    def print_training(self, console: Console, metrics: Mapping[str, Any], /) -> None:
        """Print the scores at the end of a training run, the baseline beside them."""

    def print_evaluation(self, console: Console, result: Mapping[str, Any], /) -> None:
        """Print what `Task.evaluate` returned."""

    def print_answer(self, answer: Mapping[str, Any], /) -> None:
        """Print what `Task.predict` yielded for one input."""

    def inspection(self, manifest: Mapping[str, Any], /) -> dict[str, str]:
        """Return names and values that `recurra inspect` prints of the task, the network and the scores.

        manifest: the manifest as JSON, with all metrics.
        """
        ...


class PredictFile(Protocol[AnsweringModel]):
    """Answers every row of a file into another."""

    def __call__(
        self,
        model: AnsweringModel,
        data: str,
        output: Path,
        options: Any,
        /,
        *,
        resume: bool = False,
        overwrite: bool = False,
        escape_formulas: bool = False,
        reporter: Reporter | None = None,
    ) -> dict[str, Any]:
        """Write the answers to `output`, which appears when it is whole. Returns counts, `rows` among them."""
        ...


class Task(ABC, Generic[Model]):
    """One task; `Model` is the class of its loaded models. What a task does not override, it cannot do.

    name: as in `--task` and in the manifest. takes, gives: what goes in and what comes out, in a few words.
    options: of training; evaluate_options, predict_options: of `recurra evaluate` and `recurra predict`; text_options:
    those of the latter that go with texts as well as with files. comparison_options: of `recurra compare`, some of
    those of training, with defaults of its own.
    command: what such a model is used with, where `{directory}` is the model.
    """

    name: ClassVar[str]
    takes: ClassVar[str]
    gives: ClassVar[str]
    options: ClassVar[type[TaskOptions]]
    evaluate_options: ClassVar[type[Options]] = EncodingOptions
    predict_options: ClassVar[type[Options]] = Options
    text_options: ClassVar[type[Options]] = Options
    comparison_options: ClassVar[type[Options]] = Options
    command: ClassVar[str] = 'recurra predict {directory} "Type a text here."'

    @abstractmethod
    def shape(self) -> type[Shape]:
        """Return the class of the network's shape in a manifest."""

    def files(self, manifest: Manifest) -> Collection[str]:
        """Return the names of the files that `open` reads."""
        return (MODEL, TOKENIZER)

    @abstractmethod
    def open(self, source: Artefact, threads: int | None = None) -> Model:
        """Return the model in a checked directory. Raises ArtefactError where its parts do not fit each other."""

    def try_out(self, model: Model) -> None:
        """Answer something small, once, when a model was opened. Raises ArtefactError where it cannot."""

    def engine(self, manifest: Manifest, *, weights: bool) -> str:
        """Return the name of what computes the answers here. weights: whether the directory has them.

        Raises OptionError where RECURRA_ENGINE requests another one, or one that there is not.
        """
        if requested() == "kernel":
            raise OptionError(
                f"{VARIABLE}=kernel: only models of classes, labels, numbers, speech, series and forecasts are "
                f"answered by the kernel. This is a model of the task {self.name}; leave {VARIABLE} out."
            )
        return "onnxruntime"

    def evaluate(self, model: Model, data: str, options: Any, reporter: Reporter) -> dict[str, Any]:
        """Return what was measured on `data`; a score has its 95 % interval under the same name with `_ci95`."""
        raise self.cannot("evaluate")

    def evaluate_several(
        self, models: Mapping[str, Model], data: str, options: Any, reporter: Reporter, differences: Path | None = None
    ) -> dict[str, Any]:
        """Return several models, by name, judged on the same rows: see `several_models.compare_models`.

        Each of its models has all that was measured of it in "scores". differences: a CSV file for the rows that are
        not answered alike.
        """
        raise OptionError(
            f"Several models of the task {self.name} cannot be judged together, as those of classify, multilabel and "
            "regress can. Evaluate one at a time: recurra evaluate MODEL DATA"
        )

    def predict(self, model: Model, inputs: Iterable[str], options: Any) -> Answers:
        """Yield an answer for each of the inputs."""
        raise self.cannot("predict")

    def file_predictor(self) -> PredictFile[Model]:
        """Return what answers every row of a file: `predict_file` in the module of that name."""
        raise self.cannot("predict")

    def explain(self, model: Model, text: str, target: str | None) -> Explained:
        """Explain the answer to `text`."""
        raise self.cannot("explain")

    @abstractmethod
    def terminal(self) -> Terminal:
        """Return what prints of such a model, for a person: the module `terminal.py` of the task."""

    def next_command(self, directory: str, columns: Mapping[str, str | None] | None = None) -> str:
        """Return the command to try a trained model with. directory: quoted for a shell. columns: a row of the
        model as an example, where a text alone is none."""
        if columns:
            row = shlex.quote(json.dumps(columns, ensure_ascii=False))
            return f"recurra predict {directory} {row}"
        return self.command.format(directory=directory)

    @abstractmethod
    def served(self) -> ServedTask:
        """Return what the server does with such a model. Needs the extra `serve`."""

    @abstractmethod
    def trainer(self) -> type[Trainer[Any]]:
        """Return how such a model is trained. Needs the extra `train`."""

    def comparison(self) -> type[Comparison[Any]]:
        """Return how models of several cells are compared. Needs the extra `train`."""
        raise OptionError(f"Cells cannot be compared with --task {self.name}.")

    def can(self, verb: Literal["evaluate", "predict", "explain", "comparison"]) -> bool:
        """Return whether the task has overridden a method that it may leave out."""
        return getattr(type(self), verb) is not getattr(Task, verb)

    def cannot(self, verb: str, directory: Path | str = "DIR") -> OptionError:
        """Return the error of a command that has nothing to do with such a model."""
        return OptionError(
            f"{directory} is a model of the task {self.name}, which has no `recurra {verb}`. Try: "
            + self.command.format(directory=directory)
        )

    def accepted(self, given: Mapping[str, Any], options: type[Options]) -> dict[str, Any]:
        """Return the options in `given`. Raises OptionError for one that is not among `options`."""
        for name in given:
            if name not in options.model_fields:
                raise OptionError(f"{flag(name)} does not go with a model of the task {self.name}.")
        return dict(given)


FINGERPRINTS = ("fingerprint", "training_fingerprint")
"""Of everything that a training run read, and of the data without the file of --test, in the manifest."""


def warn_of_training_data(
    manifest: Manifest | None, fingerprint: str, reporter: Reporter, name: str = "the model"
) -> None:
    """Report where the data to evaluate on are those that a model was trained on, or one that it goes on with: all of
    them, or those beside --test.

    Models of 0.1.0 know the fingerprint of all of them alone. name: what the model is called.
    """
    if manifest is None:
        return
    parent = manifest.data.get("from") or {}
    trainings = [manifest.data, parent, *(parent.get("ancestors") or [])]
    if fingerprint in (data.get(each) for data in trainings for each in FINGERPRINTS):
        reporter.info(
            f"These are the very data that {name} was trained on: the figures show how well it remembers them, not "
            "how well it does on new data. `recurra inspect` shows its held-out score."
        )
