"""Translate texts one by one; `predict_file.py` translates whole files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from recurra.tasks.translate.model import Translator


def translate_texts(
    model: Translator, texts: Iterable[str], *, beam: int | None = None, length_penalty: float | None = None
) -> Iterator[dict[str, Any]]:
    """Yield for each text its translation, the score that it was chosen by, and whether the text was cut."""
    for answer in model.translate_iter(texts, beam=beam, length_penalty=length_penalty):
        yield {"translation": answer.text, "score": answer.score, "truncated": answer.truncated}
