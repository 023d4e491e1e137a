"""Tag texts one by one; `predict_file.py` tags whole files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from recurra.tasks.tag.model import Tagger


def tag_texts(model: Tagger, texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield for each text its tokens, which are separated by white space, and their tags."""
    for sentences, answers in model.tag_iter(text.split() for text in texts):
        for words, tags in zip(sentences, answers, strict=True):
            yield {"tokens": list(words), "tags": tags}
