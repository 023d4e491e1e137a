"""`recurra evaluate`: scores of a trained model on new data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recurra.cli.options import Data, Directory, Json, flags_by_task, print_json, takes
from recurra.data.tables.location import joined
from recurra.options.base import validated
from recurra.tasks.registry import all_tasks, open_model, read, task_of
from recurra.terminal.progress import Reporter
from recurra.terminal.table import console


def command() -> Callable[..., None]:
    """Return the command, with the options of all tasks."""

    @takes(flags_by_task(all_tasks(), lambda task: task.evaluate_options))
    def evaluate(*, directory: Directory, data: Data, json_: Json = False, given: dict[str, Any]) -> None:
        """Evaluate a model on data that it has not seen, labelled as in training.

        Example: recurra evaluate model new-reviews.csv --text review --label sentiment
        """
        source = read(directory)
        task = task_of(source)
        if not task.can("evaluate"):
            raise task.cannot("evaluate", directory)
        options = validated(task.evaluate_options, task.accepted(given, task.evaluate_options))
        result = task.evaluate(open_model(source), joined(data), options, Reporter())
        if json_:
            print_json(result)
        else:
            task.terminal().print_evaluation(console(), result)

    return evaluate
