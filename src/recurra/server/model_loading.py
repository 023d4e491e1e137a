"""Read a model directory once, for the model and what the server shows of it, and try it before it answers."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from recurra.errors import ArtefactError, RecurraError
from recurra.http.model_reloader import REPORT, ServedModel
from recurra.http.served_task import ServedTask
from recurra.tasks import registry

THREADS = 1
"""Of each call of a model: requests are already computed in several threads."""

TRIAL_SECONDS = 30.0
"""Time limit for a trial; sound models need some milliseconds."""


def load_model(directory: Path) -> ServedModel:
    """Return the model in `directory` and its report. Raises ArtefactError, also where the model cannot answer."""
    source = registry.read(directory, extra=(REPORT,))
    task = registry.task_of(source)
    model = ServedModel(
        model=registry.open_model(source, THREADS),
        manifest=source.manifest,
        parameters=source.manifest.network_as(task.shape()).parameters,
        report=source.files.get(REPORT),
    )
    check_answers(model, task.served(), directory)
    return model


def check_answers(model: ServedModel, task: ServedTask, directory: Path, seconds: float = TRIAL_SECONDS) -> None:
    """Have a model answer its task's trial. Raises ArtefactError where it cannot, with the reason.

    Every number must be finite, and all of it must go into JSON. A trial that takes longer than `seconds` is left to
    its thread: what runs in a graph cannot be ended.
    """
    reason = _outcome(
        lambda: _fault({"answer": task.trial(model.model), **model.summary, **task.facts(model.model)}), seconds
    )
    if reason:
        raise ArtefactError(f"{directory} holds a model that cannot answer: {reason}. Train it again.")


def _outcome(trial: Callable[[], str], seconds: float) -> str:
    """Return what `trial` returns, or why it did not."""
    outcome: list[str] = []

    def run() -> None:
        try:
            outcome.append(trial())
        except RecurraError as error:
            outcome.append(str(error).rstrip("."))
        except Exception as error:  # a graph fails in many ways, each with an exception of its own
            outcome.append(f"the trial of it ended with {type(error).__name__}")

    thread = threading.Thread(target=run, name="recurra-trial", daemon=True)
    thread.start()
    thread.join(seconds)
    return outcome[0] if outcome else f"the trial of it took longer than {seconds:g} s"


def _fault(value: dict[str, Any]) -> str:
    """Return what is wrong with an answer and a summary, or nothing."""
    if not _finite(value["answer"]):
        return "an answer of it has a number that is not finite"
    try:
        orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    except TypeError as error:
        return f"its labels, its summary or its answers do not go into JSON ({error})"
    return ""


def _finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_finite, value))
    if isinstance(value, np.ndarray):
        return bool(np.isfinite(value).all())
    return not isinstance(value, float | np.floating) or math.isfinite(value)
