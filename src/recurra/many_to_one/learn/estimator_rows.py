"""The rows that `fit` and `predict` of an estimator are given: texts, or rows of named columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recurra.many_to_one.given import texts_in
from recurra.training.estimator import column


def learnt_texts(X: Iterable[Any], columns: Sequence[str], name: str = "X") -> list[str]:
    """Return the texts to learn from, those of several columns joined. columns: none where the items are texts.

    Raises OptionError, naming the row, for anything else.
    """
    return texts_in(X if columns else column(X, name), columns, name)


def asked(X: Iterable[Any], columns: Sequence[str]) -> Iterable[Any]:
    """Return what a model is asked: rows where it reads several columns, else texts. columns: of the training."""
    if len(columns) > 1:
        return X
    rows = hasattr(X, "columns") or (isinstance(X, Sequence) and len(X) > 0 and isinstance(X[0], Mapping))
    return texts_in(X, columns) if columns and rows else column(X)
