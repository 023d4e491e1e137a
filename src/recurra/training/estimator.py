"""What estimators share: scikit-learn's manners around the training of a task.

An estimator is trained by the task's own Trainer, which reads the rows from a temporary file: the model is the one that
`recurra train` makes of the same rows, options and seed, where the rows to evaluate on are in a file of their own.
"""

from __future__ import annotations

import json
import os
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Generic, Self, TypeVar

import torch
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from recurra.errors import OptionError, RecurraError
from recurra.options.base import validated
from recurra.options.training import TaskOptions
from recurra.report.notebook import NOT_EVALUATED, Shown, model_html
from recurra.storage import model_directory
from recurra.storage.model_directory import METRICS, Artefact
from recurra.terminal.progress import Reporter
from recurra.training.control import UNATTENDED
from recurra.training.setup import choose_setup
from recurra.training.trainer import RunContext, Trainer
from recurra.training.word_vectors import with_width

Model = TypeVar("Model")


class TaskEstimator(BaseEstimator, Generic[Model]):
    """An estimator that learns rows as the trainer of its task does.

    Fitted attributes: history_, one dict an epoch; n_iter_, the epochs trained; network_shape_, the network in plain
    values; findings_, what training found in the rows, in sentences; model_, which answers.
    """

    _FACTS: ClassVar[tuple[str, ...]] = ()
    """What the manifest keeps of what the trainer says of the data, beside their fingerprint and number."""

    @property
    @abstractmethod
    def _trained_by(self) -> tuple[type[TaskOptions], type[Trainer[Any]]]:
        """The options of the task, and its trainer."""

    @abstractmethod
    def _open(self, source: Artefact) -> Model:
        """Return the model in a checked directory."""

    def save(self, directory: str | os.PathLike[str], *, overwrite: bool = False) -> Self:
        """Write a model directory, which `recurra.load` and `recurra serve` read without torch. Raises OutputError."""
        check_is_fitted(self)
        model_directory.write(directory, **self._parts, overwrite=overwrite)
        return self

    def _train(self, write: Callable[[Path], Path], called: str) -> None:
        """Train on the rows in the file that `write` makes in a folder. called: what a message calls that file."""
        options = self._options()
        choose_setup(options)
        options = with_width(options)
        heard = _Heard()
        with TemporaryDirectory(prefix="recurra-") as folder, torch_as_it_was():
            path = write(Path(folder))
            context = RunContext(str(path), Path(folder), Path(folder) / "rejects", heard, holds_out=False)
            try:
                with self._trained_by[1](options, context) as trainer:
                    facts = trainer.read()
                    trainer.split()
                    history = trainer.fit(UNATTENDED)
                    self._parts = self._described(trainer, facts, history)
            except RecurraError as error:
                raise type(error)(str(error).replace(str(path), called)) from None
        self.history_ = history
        self.n_iter_ = len(history)
        self.network_shape_ = self._parts["network"]
        self.findings_ = heard.findings
        self.model_: Model = self._opened()

    def _described(
        self, trainer: Trainer[Any], facts: Mapping[str, Any], history: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """Return what `model_directory.write` takes of a trained model."""
        vectors = trainer.word_vectors()
        kept = {name: facts[name] for name in ("fingerprint", "rows", *self._FACTS)}
        verdict = {"tone": "even", "headline": NOT_EVALUATED}
        metrics = {"task": trainer.options.task, "test": None, "history": history, "verdict": verdict}
        return {
            "files": {**trainer.model_files(), METRICS: json.dumps(metrics, allow_nan=False).encode()},
            "task": trainer.options.task,
            "labels": trainer.labels(),
            "network": trainer.network(),
            "config": trainer.config(),
            "metrics": {} if vectors is None else {"word_vectors": vectors},
            "data": {"name": f"rows given to {type(self).__name__}.fit", **kept},
        }

    def _options(self) -> TaskOptions:
        """Return the parameters, checked. One that has its default counts as not given, as others may decide it.

        Raises OptionError.
        """
        options, _ = self._trained_by
        usual = type(self)().get_params()
        given = {name: value for name, value in self.get_params().items() if value != usual[name]}
        plain = {name: os.fspath(value) if isinstance(value, os.PathLike) else value for name, value in given.items()}
        return validated(options, {"task": options.model_fields["task"].default, **plain})

    def _opened(self) -> Model:
        """Return the trained model, opened as one in a directory is."""
        with TemporaryDirectory(prefix="recurra-") as folder:
            directory = Path(folder) / "model"
            model_directory.write(directory, **self._parts)
            return self._open(model_directory.read(directory, model_directory.LIMITS))

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the open model: another process opens its own."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "model_"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "_parts" in state:
            self.model_ = self._opened()

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether it is fitted."""
        return hasattr(self, "model_")

    def __sklearn_tags__(self) -> Tags:
        tags: Tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.one_d_array, tags.input_tags.string = False, True, True
        tags.non_deterministic = False
        return tags

    def _repr_html_(self) -> str:
        """Return a fitted estimator for a notebook: its learning curves, and scikit-learn's own page of parameters."""
        page: str = super()._repr_html_()
        return fitted_html(self, self.history_) + page if hasattr(self, "model_") else page

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Return what notebooks ask for first."""
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


def fitted_html(estimator: object, history: Sequence[Mapping[str, Any]]) -> str:
    """Return a fitted estimator for a notebook."""
    shown = Shown({"Epochs trained": f"{len(history):,}"}, NOT_EVALUATED, "even", history)
    return model_html(type(estimator).__name__, shown)


class _Heard(Reporter):
    """Says nothing, and keeps what is said of the data."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.findings: list[str] = []

    def info(self, sentence: str) -> None:
        if sentence.startswith("Data: ") and sentence != "Data: no problems found.":
            self.findings.append(sentence.removeprefix("Data: "))


def column(values: Iterable[Any], name: str = "X", what: str = "texts") -> list[Any]:
    """Return the items of one column: a list, an array, a Series, or a frame of a single column.

    Raises OptionError for a single text, a table of several columns, and what has no order.
    """
    if isinstance(values, str | bytes):
        raise OptionError(f"{name} must be a list of {what}; got one text. Pass it in a list: [text].")
    columns = getattr(values, "columns", None)
    if columns is not None and len(columns) == 1:
        values = values[columns[0]]  # type: ignore[index]
    shape = getattr(values, "shape", None)
    if shape is not None and len(shape) == 2 and shape[1] == 1:
        return [row[0] for row in values]
    if shape is not None and len(shape) != 1:
        raise OptionError(f"{name} must be one column of {what}; got an array of shape {shape}.")
    if isinstance(values, dict | set | frozenset) or not isinstance(values, Iterable):
        raise OptionError(f"{name} must be a list of {what}; got {type(values).__name__}.")
    return list(values)


def texts(values: Iterable[str], name: str) -> list[str]:
    """Return the texts of one column. Raises OptionError where an item is no str, and as `column` does."""
    found = column(values, name)
    for row, text in enumerate(found):
        if not isinstance(text, str):
            raise OptionError(f"Item {row} of {name} is {type(text).__name__}; every item must be a str.")
    return found


@contextmanager
def torch_as_it_was() -> Iterator[None]:
    """Restore the caller's random generator and number of threads."""
    threads = torch.get_num_threads()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(threads)
