"""Recurra's answers, as an application gets them: `recurra.load`, with no training framework in the process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from peers.engines import feed
from peers.task import Task
from peers.worker import Round

if TYPE_CHECKING:
    from recurra import Model

PACKAGES: tuple[str, ...] = ("recurra", "onnxruntime", "numpy")


def set_up(threads: int) -> None:
    """Nothing: `load` is told how many threads to use."""


def prepare(task: Task, inputs: Path, threads: int) -> Round:
    """Ids go through the model's engine, texts through the model. The variant is the recipe of the model."""
    model = _model(inputs / f"model-{task.variant}", threads)
    if task.kind == "ids":  # wrapped round where the model knows fewer words
        return feed.repeated(task, model.engine.run, list(feed.ids(inputs) % model.tokenizer.size))
    if task.kind == "latency":
        return feed.one_by_one(task, lambda text: model.predict_proba([text]), inputs)
    return feed.repeated(task, model.predict_proba, feed.texts(inputs)["long"])


@cache
def _model(directory: Path, threads: int) -> Model:
    import recurra

    return recurra.load(directory, threads=threads)
