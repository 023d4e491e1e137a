"""Translate texts one by one; `predict_file.py` translates whole files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from recurra.errors import ArtefactError
from recurra.tasks.registry import load
from recurra.tasks.translate.model import Translator


def translate_texts(
    directory: Path, texts: Iterable[str], *, beam: int | None = None, length_penalty: float | None = None
) -> Iterator[dict[str, Any]]:
    """Yield for each text its translation, the score that it was chosen by, and whether the text was cut."""
    for answer in opened(directory).translate_iter(texts, beam=beam, length_penalty=length_penalty):
        yield {"translation": answer.text, "score": answer.score, "truncated": answer.truncated}


def opened(directory: Path) -> Translator:
    """Return the translator in a directory. Raises ArtefactError for a model of another task."""
    model = load(directory)
    if not isinstance(model, Translator):
        raise ArtefactError(
            f"{directory} is no model that translates. Train one with: recurra train TEXT --task translate "
            "--target-file TRANSLATION --out DIR"
        )
    return model
