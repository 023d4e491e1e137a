"""Tag texts one by one; `predict_file.py` tags whole files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from recurra.tasks.tag.model import Tagger
from recurra.tasks.tag.options import TagTextOptions

USUAL = TagTextOptions()


def tag_texts(model: Tagger, texts: Iterable[str], options: TagTextOptions = USUAL) -> Iterator[dict[str, Any]]:
    """Yield for each text its tokens, which are separated by white space, and their tags."""
    for sentences, answers in model.tag_iter((text.split() for text in texts), scheme=options.scheme):
        for words, tags in zip(sentences, answers, strict=True):
            yield {"tokens": list(words), "tags": tags}
