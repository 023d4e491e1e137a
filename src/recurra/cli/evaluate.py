"""`recurra evaluate`: scores of a trained model on new data, or of several on the same rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from recurra.cli.options import Data, Directory, Json, flags_by_task, found_model, print_json, takes
from recurra.data.model_folder import is_model
from recurra.data.tables.location import joined
from recurra.errors import OptionError
from recurra.options.base import validated
from recurra.storage.packaged_models import find_model
from recurra.tasks.registry import all_tasks, open_model, read, task_of
from recurra.tasks.task import Task
from recurra.terminal.model_table import print_models
from recurra.terminal.progress import Reporter
from recurra.terminal.table import console

Differences = Annotated[
    Path | None,
    typer.Option(
        "--differences",
        metavar="FILE.csv",
        help="Of several models: a file to write the rows to that they do not answer alike.",
        show_default=False,
    ),
]


def command() -> Callable[..., None]:
    """Return the command, with the options of all tasks."""

    @takes(flags_by_task(all_tasks(), lambda task: task.evaluate_options))
    def evaluate(
        *,
        directory: Directory,
        data: Data,
        differences: Differences = None,
        json_: Json = False,
        given: dict[str, Any],
    ) -> None:
        """Evaluate a model on data that it has not seen, labelled as in training.

        Several models before the data are judged on the same rows, with a paired test.

        Example: recurra evaluate model new-reviews.csv --text review --label sentiment
        """
        directories, files = _models_and_data(directory, data)
        source = read(directory)
        task = task_of(source)
        if not task.can("evaluate"):
            raise task.cannot("evaluate", directory)
        options = validated(task.evaluate_options, task.accepted(given, task.evaluate_options))
        if len(directories) > 1:
            models = _opened(directories, task)
            result = task.evaluate_several(models, joined(files), options, Reporter(), differences)
            if json_:
                print_json(result)
            else:
                print_models(console(), result)
            return
        if differences is not None:
            raise OptionError("--differences is of several models; give another one beside the first, before the data.")
        result = task.evaluate(open_model(source), joined(files), options, Reporter())
        if json_:
            print_json(result)
        else:
            task.terminal().print_evaluation(console(), result)

    return evaluate


def _models_and_data(first: Path, rest: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Return the models, which come first, and the data. Raises OptionError without data, and for a model twice."""
    models, data = [first], list(rest)
    while data and is_model(find_model(data[0]).path):
        models.append(found_model(data.pop(0)))
    if not data:
        raise OptionError(
            f"{models[-1]} is a model, and no data are named. Give them after the models: recurra evaluate MODEL DATA"
        )
    if len({path.resolve() for path in models}) < len(models):
        raise OptionError("A model is named twice, and would be compared with itself. Name each once.")
    return models, data


def _opened(directories: Sequence[Path], task: Task[Any]) -> dict[str, Any]:
    """Return the models by name, that of their folder where these differ. Raises OptionError for another task."""
    short = [path.resolve().name for path in directories]
    names = short if len(set(short)) == len(short) else list(map(str, directories))
    models = {}
    for name, directory in zip(names, directories, strict=True):
        source = read(directory)
        if source.manifest.task != task.name:
            raise OptionError(
                f"{directory} is a model of the task {source.manifest.task}, and {directories[0]} of the task "
                f"{task.name}: models of one task can be judged on the same rows."
            )
        models[name] = open_model(source)
    return models
