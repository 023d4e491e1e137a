"""Tag texts one by one; `predict_file.py` tags whole files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from recurra.tasks.tag.model import Tagger
from recurra.tasks.tag.reading import open_tagged
from recurra.tasks.tag.tagged_file import TaggedFile


def tag_texts(model: Tagger, texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield for each text its tokens, which are what stands between spaces, and their tags."""
    for sentences, answers in model.tag_iter(text.split() for text in texts):
        for words, tags in zip(sentences, answers, strict=True):
            yield {"tokens": list(words), "tags": tags}


def open_as_learnt(
    tagger: Tagger,
    data: str,
    *,
    encoding: str = "utf-8",
    word_column: str | None = None,
    tag_column: str | None = None,
    tags_needed: bool = True,
) -> TaggedFile:
    """Open a file of sentences; its columns are those of the tagger's training where nothing else is said."""
    learnt = tagger.manifest.data if tagger.manifest else {}
    form, column = learnt.get("format"), learnt.get("tag_column")
    file = open_tagged(
        data,
        encoding=encoding,
        word_column=word_column,
        tag_column=tag_column,
        tags_needed=tags_needed,
        usual=(form, column) if isinstance(form, str) and isinstance(column, str) else None,
    )
    usual_word = learnt.get("word_column")
    if word_column is None and isinstance(usual_word, str) and file.format == form:
        return open_as_learnt(
            tagger, data, encoding=encoding, word_column=usual_word, tag_column=tag_column, tags_needed=tags_needed
        )
    return file
