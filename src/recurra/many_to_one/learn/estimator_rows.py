"""The rows that `fit` and `predict` of an estimator are given: texts, or rows of named columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recurra.data.feature_table import FeatureTable
from recurra.errors import OptionError
from recurra.many_to_one.given import names_in, rows_of, texts_in
from recurra.options.columns import as_named, feature_columns
from recurra.text.tokenizer import Tokenizer
from recurra.training.estimator import column


def feature_table(
    named: str | Sequence[str] | None, text: str | Sequence[str] | None, X: Iterable[Any]
) -> FeatureTable | None:
    """Return what takes the columns that the parameter `features` names; None where it names none.

    text: the parameter of that name. Raises OptionError where the columns of the texts have no names, and for a column
    that is named twice.
    """
    if named is None:
        return None
    names, kinds = feature_columns(named if isinstance(named, str) else as_named(list(named)), names_in(X))
    texts = [text] if isinstance(text, str) else list(text or ())
    if not texts:
        raise OptionError(
            "features name columns beside the text, so text must name that of the text, as in text='body'."
        )
    for name in names:
        if name in texts or list(names).count(name) > 1:
            raise OptionError(f"The column {name!r} is named twice in text and features. Name each column once.")
    return FeatureTable(names, kinds)


def learnt_rows(
    X: Iterable[Any], columns: Sequence[str], table: FeatureTable | None, name: str = "X"
) -> tuple[list[str], list[list[Any]]]:
    """Return the texts to learn from, those of several columns joined, and the cells beside each.

    columns: none where the items are texts. Raises OptionError, naming the row, for anything else.
    """
    if table is None:
        return texts_in(X if columns else column(X, name), columns, name), []
    rows = list(rows_of(X, [*columns, *table.names], name))
    texts = texts_in(rows, columns, name, beside=table.names)
    return texts, [[row.get(feature) for feature in table.names] for row in rows]


def asked(X: Iterable[Any], columns: Sequence[str], *, features: bool = False) -> Iterable[Any]:
    """Return what a model is asked: rows where it reads several columns, else texts. columns: of the training;
    features: whether it reads others beside the texts."""
    if len(columns) > 1 or features:
        return X
    rows = hasattr(X, "columns") or (isinstance(X, Sequence) and len(X) > 0 and isinstance(X[0], Mapping))
    return texts_in(X, columns) if columns and rows else column(X)


def table_names(tokenizer: Tokenizer) -> tuple[str, ...]:
    """Return the columns beside the texts that a model reads."""
    return () if tokenizer.features is None else tokenizer.features.names
