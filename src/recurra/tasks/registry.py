"""The tasks by name. To add one: its folder, and its line here. A task is imported when it is first used."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args, overload

from recurra.errors import UPGRADE, ArtefactError, OptionError, did_you_mean
from recurra.options.arguments import check_text, described
from recurra.report.notebook import NotebookModel, Shown
from recurra.report.verdict import Tone
from recurra.storage import model_directory
from recurra.storage.model_directory import Artefact
from recurra.storage.packaged_models import find_model
from recurra.tasks.task import Task

if TYPE_CHECKING:
    from recurra.tasks.chat.model import Chatter
    from recurra.tasks.classify.model import Classifier
    from recurra.tasks.forecast.model import ForecastModel
    from recurra.tasks.generate.model import Generator
    from recurra.tasks.multilabel.model import MultilabelClassifier
    from recurra.tasks.regress.model import TextRegressor
    from recurra.tasks.series.model import SeriesModel
    from recurra.tasks.tag.model import Tagger
    from recurra.tasks.transcribe.model import Transcriber
    from recurra.tasks.translate.model import Translator

    AnyModel: TypeAlias = (
        Classifier
        | MultilabelClassifier
        | TextRegressor
        | Generator
        | Tagger
        | Translator
        | Chatter
        | Transcriber
        | SeriesModel
        | ForecastModel
    )

TASKS: dict[str, str] = {
    "classify": "recurra.tasks.classify.task:TASK",
    "multilabel": "recurra.tasks.multilabel.task:TASK",
    "regress": "recurra.tasks.regress.task:TASK",
    "generate": "recurra.tasks.generate.task:TASK",
    "tag": "recurra.tasks.tag.task:TASK",
    "translate": "recurra.tasks.translate.task:TASK",
    "chat": "recurra.tasks.chat.task:TASK",
    "transcribe": "recurra.tasks.transcribe.task:TASK",
    "series": "recurra.tasks.series.task:TASK",
    "forecast": "recurra.tasks.forecast.task:TASK",
}
"""The object of each task, as "module:NAME"."""


def get_task(name: str) -> Task[Any]:
    """Return a task. Raises OptionError for a name that no task has."""
    if name not in TASKS:
        raise OptionError(f"There is no task {name!r}.{did_you_mean(name, TASKS)} The tasks are: {', '.join(TASKS)}.")
    module, _, attribute = TASKS[name].partition(":")
    task: Task[Any] = getattr(import_module(module), attribute)
    return task


def all_tasks() -> list[Task[Any]]:
    """Return all tasks, in the order of `TASKS`."""
    return [get_task(name) for name in TASKS]


def task_of(source: Artefact) -> Task[Any]:
    """Return the task of a model. Raises ArtefactError where this Recurra has no such task."""
    return task_named(source.manifest.task, source.path)


def task_named(name: str, directory: str | os.PathLike[str]) -> Task[Any]:
    """Return the task that the manifest in `directory` names. Raises ArtefactError for a base, or what is no task."""
    if name == model_directory.BASE:
        raise ArtefactError(
            f"{directory} is a base, which answers nothing by itself. Start a model from it: "
            f"recurra train DATA --from {directory} --out model"
        )
    if name not in TASKS:
        raise ArtefactError(
            f"{directory} is a model of the task {name!r}, which this Recurra does not have; its tasks are "
            f"{', '.join(TASKS)}. {UPGRADE}"
        )
    return get_task(name)


def read(directory: str | os.PathLike[str], extra: Collection[str] = ()) -> Artefact:
    """Check a model directory once, and return its manifest with the files that its task opens, and `extra` ones.

    Raises ArtefactError, naming the file and the reason, for a directory that is not a sound model.
    """
    return model_directory.read(
        directory, lambda manifest: (*task_named(manifest.task, directory).files(manifest), *extra)
    )


def open_model(source: Artefact, threads: int | None = None) -> Any:
    """Return the model in a directory that was read, after it answered something small.

    Raises ArtefactError, naming the directory, where its parts do not fit each other or it cannot answer; OptionError
    where RECURRA_ENGINE names an engine that it does not have.
    """
    task = task_of(source)
    task.engine(source.manifest, weights=model_directory.WEIGHTS in source.manifest.files)
    try:
        model = task.open(source, threads)
        task.try_out(model)
    except ArtefactError as error:
        raise model_directory.of_directory(source.path, error) from error.__cause__
    return model


@overload
def load(directory: str | os.PathLike[str], threads: int | None = ..., *, task: Literal["classify"]) -> Classifier: ...
@overload
def load(
    directory: str | os.PathLike[str], threads: int | None = ..., *, task: Literal["multilabel"]
) -> MultilabelClassifier: ...
@overload
def load(
    directory: str | os.PathLike[str], threads: int | None = ..., *, task: Literal["regress"]
) -> TextRegressor: ...
@overload
def load(directory: str | os.PathLike[str], threads: int | None = ..., *, task: Literal["generate"]) -> Generator: ...
@overload
def load(directory: str | os.PathLike[str], threads: int | None = ..., *, task: Literal["tag"]) -> Tagger: ...
@overload
def load(directory: str | os.PathLike[str], threads: int | None = ..., *, task: Literal["translate"]) -> Translator: ...
@overload
def load(directory: str | os.PathLike[str], threads: int | None = ..., *, task: Literal["chat"]) -> Chatter: ...
@overload
def load(
    directory: str | os.PathLike[str], threads: int | None = ..., *, task: Literal["transcribe"]
) -> Transcriber: ...
@overload
def load(directory: str | os.PathLike[str], threads: int | None = ..., *, task: Literal["series"]) -> SeriesModel: ...
@overload
def load(
    directory: str | os.PathLike[str], threads: int | None = ..., *, task: Literal["forecast"]
) -> ForecastModel: ...
@overload
def load(directory: str | os.PathLike[str], threads: int | None = ..., *, task: None = ...) -> AnyModel: ...
def load(directory: str | os.PathLike[str], threads: int | None = None, *, task: str | None = None) -> Any:
    """Return the model in `directory`, after every file in it was checked.

    directory: a path, or the name of a model that comes with Recurra, such as "sentiment-en"; a path that exists wins,
    with a warning. threads: how many batches run at once (None: one for each processor). task: the task that the model
    must have, which also says its class to a type checker: classify a Classifier, multilabel a MultilabelClassifier,
    regress a TextRegressor, generate a Generator, tag a Tagger, translate a Translator, chat a Chatter, transcribe a
    Transcriber, series a SeriesModel, forecast a ForecastModel. Raises ArtefactError, naming the file and the
    reason, for a directory that is not a sound model or holds a model of another task, OptionError for arguments
    of other types.
    """
    if not isinstance(directory, str | os.PathLike):
        raise OptionError(f"The directory to load must be a path; got {described(directory)}.")
    if task is not None:
        check_text(task, "task")
    found = find_model(directory)
    if found.note:
        warnings.warn(found.note, stacklevel=2)
    source = read(found.path)
    if task is not None and source.manifest.task != get_task(task).name:
        raise ArtefactError(
            f"{directory} is a model of the task {source.manifest.task}, not {task}. Train one with: "
            f"recurra train DATA --task {task} --out DIR"
        )
    model = open_model(source, threads)
    if isinstance(model, NotebookModel):
        model.show_as(lambda: _shown(source))
    return model


def _shown(source: Artefact) -> Shown:
    """Return what a notebook shows of a loaded model: of its directory as it was, or of its manifest where that is
    gone."""
    manifest, metrics = source.manifest, dict(source.manifest.metrics)
    with suppress(ArtefactError):
        now = read(source.path, (model_directory.METRICS,))
        if now.manifest.digest == manifest.digest:
            metrics = model_directory.read_metrics(now)
    verdict, history = metrics.get("verdict"), metrics.get("history")
    facts: dict[str, str] = {"Directory": str(source.path)}
    try:
        facts |= task_of(source).terminal().inspection({**manifest.model_dump(), "metrics": metrics})
        tone, headline = (verdict["tone"], str(verdict["headline"])) if verdict else ("even", None)
        entries = [dict(entry) for entry in history or []]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):  # what somebody has changed in the metrics
        return Shown(facts)
    tones: dict[str, Tone] = {each: each for each in get_args(Tone)}
    return Shown(facts, headline, tones.get(str(tone), "even"), entries)


def open_as(task: str, directory: str | os.PathLike[str]) -> Any:
    """Return the model in `directory` for the command of its task.

    Raises OptionError for a model of another task, ArtefactError for what is no sound model.
    """
    source = read(directory)
    if source.manifest.task != task:
        usual = task_of(source).command.format(directory=directory)
        raise OptionError(f"{directory} is a model of the task {source.manifest.task}, not {task}. Try: {usual}")
    return open_model(source)
