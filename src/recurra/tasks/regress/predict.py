"""Answer texts one by one with numbers; `predict_file.py` answers whole files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from recurra.many_to_one.unknown_words import KnownWords
from recurra.tasks.regress.model import TextRegressor
from recurra.terminal.progress import Reporter

TEXTS_AT_ONCE = 4096


def predict_texts(
    model: TextRegressor, texts: Iterable[str], reporter: Reporter | None = None
) -> Iterator[dict[str, Any]]:
    """Yield for each text its number (value), the ends of the interval about it (lo, hi), whether it was cut, and
    whether nothing known was read; at the end, report how many texts were such."""
    known, reporter = KnownWords(), reporter or Reporter()
    for part in model.predict_iter(model.rows(texts), TEXTS_AT_ONCE):
        known.add(part)
        columns = (part.values, part.low, part.high, part.truncated, part.nothing_known)
        for value, low, high, cut, nothing_known in zip(*(column.tolist() for column in columns), strict=True):
            yield {"value": value, "lo": low, "hi": high, "truncated": cut, "nothing_known": nothing_known}
    for sentence in known.sentences(model.manifest, "Such an answer says nothing of the text.", "text"):
        reporter.info(sentence)
