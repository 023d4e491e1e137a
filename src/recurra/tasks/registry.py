"""Open a model directory, whatever its task."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from typing import Any

from recurra.errors import ArtefactError
from recurra.seq2seq.shape import Seq2SeqShape
from recurra.storage import model_directory
from recurra.storage.model_directory import Artefact, Manifest
from recurra.tasks.classify.engines.choice import needed
from recurra.tasks.classify.shape import NetworkShape
from recurra.tasks.generate.shape import LanguageShape
from recurra.tasks.tag.shape import TaggerShape

Loader = Callable[[Artefact, int | None], Any]


def _classifier(source: Artefact, threads: int | None) -> Any:
    from recurra.tasks.classify.model import from_artefact

    return from_artefact(source, threads)


def _tagger(source: Artefact, threads: int | None) -> Any:
    from recurra.tasks.tag.model import Tagger

    return Tagger.from_artefact(source, threads)


def _generator(source: Artefact, threads: int | None) -> Any:
    from recurra.tasks.generate.model import from_artefact

    return from_artefact(source, threads)


def _translator(source: Artefact, threads: int | None) -> Any:
    from recurra.tasks.translate.model import from_artefact

    return from_artefact(source, threads)


def _chatter(source: Artefact, threads: int | None) -> Any:
    from recurra.tasks.chat.model import from_artefact

    return from_artefact(source, threads)


LOADERS: dict[str, Loader] = {
    "classify": _classifier,
    "generate": _generator,
    "tag": _tagger,
    "translate": _translator,
    "chat": _chatter,
}
"""How the model of a task is made from its artefact."""

SHAPES: dict[str, type[NetworkShape | LanguageShape | TaggerShape | Seq2SeqShape]] = {
    "classify": NetworkShape,
    "generate": LanguageShape,
    "tag": TaggerShape,
    "translate": Seq2SeqShape,
    "chat": Seq2SeqShape,
}
"""What the manifest of a task's model says of its network."""


def read(directory: str | os.PathLike[str], extra: Collection[str] = ()) -> Artefact:
    """Check a model directory once, and return its manifest with the files that its task opens, and `extra` ones.

    Raises ArtefactError, naming the file and the reason, for a directory that is not a sound model.
    """
    return model_directory.read(directory, lambda manifest: (model_directory.STEP, *needed(manifest), *extra))


def open_model(source: Artefact, threads: int | None = None) -> Any:
    """Return the model in a directory that was read. Raises ArtefactError where its parts do not fit each other."""
    return LOADERS[task_of(source.path, source.manifest)](source, threads)


def load(directory: str | os.PathLike[str], threads: int | None = None) -> Any:
    """Return the model in `directory`, after every file in it was checked.

    A classifier is a `recurra.tasks.classify.model.Model`; other tasks have classes of their own beside it.
    threads: how many batches run at once (None: one for each processor).
    Raises ArtefactError, naming the file and the reason, for a directory that is not a sound model.
    """
    return open_model(read(directory), threads)


def task_of(directory: str | os.PathLike[str], manifest: Manifest) -> str:
    """Return the name of a model's task. Raises ArtefactError for a task that this Recurra does not have."""
    if manifest.task not in LOADERS:
        raise ArtefactError(
            f"{directory} is a model of the task {manifest.task!r}, which this Recurra does not have; its tasks are "
            f"{', '.join(LOADERS)}. Upgrade with: pip install --upgrade recurra"
        )
    return manifest.task
