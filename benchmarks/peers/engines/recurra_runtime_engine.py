"""Recurra's answers, as an application gets them: `recurra.load`, with no training framework in the process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from peers.engines import feed
from peers.task import Task
from peers.worker import Round

if TYPE_CHECKING:
    from recurra import Model

PACKAGES: tuple[str, ...] = ("recurra", "onnxruntime", "numpy")


def set_up(threads: int) -> None:
    """Nothing: `load` is told how many threads to use."""


def prepare(task: Task, inputs: Path, threads: int) -> Round:
    """Ids go through the session, texts through the model. The variant is the recipe of the model."""
    directory = inputs / f"model-{task.variant}"
    if task.kind == "ids":
        return feed.repeated(task, *_session(directory, threads, inputs))
    model = _model(directory, threads)
    if task.kind == "latency":
        return feed.one_by_one(task, lambda text: model.predict_proba([text]), inputs)
    return feed.repeated(task, model.predict_proba, feed.texts(inputs)["long"])


def _session(directory: Path, threads: int, inputs: Path) -> tuple[Callable[[Any], object], list[NDArray[np.int32]]]:
    """Return what answers for ids, and the ids of each review, wrapped round where the model knows fewer words."""
    from recurra import artefact
    from recurra.runtime import GraphSession

    source = artefact.read(directory)
    ids = feed.ids(inputs) % source.network.vocabulary
    return GraphSession(source.files[artefact.MODEL], threads).run, list(ids)


@cache
def _model(directory: Path, threads: int) -> Model:
    import recurra

    return recurra.load(directory, threads=threads)
