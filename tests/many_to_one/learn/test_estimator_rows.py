"""Rows that estimators are given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import recurra
from recurra import SequenceClassifier, SequenceMultilabelClassifier, SequenceRegressor
from recurra.errors import OptionError
from recurra.many_to_one.learn.estimator_rows import asked, feature_table, learnt_rows, table_names
from support.column_rows import SMALL, TEXTS, column_rows

ROWS = column_rows(40)
TABLE = pd.DataFrame(ROWS)


def test_one_named_column_is_chosen_out_of_a_table() -> None:
    assert learnt_rows(TABLE, ("title",), None)[0] == TABLE["title"].tolist() == list(asked(TABLE, ("title",)))
    assert list(asked(["a"], ("title",))) == ["a"] == learnt_rows(["a"], (), None)[0]
    assert asked(ROWS, tuple(TEXTS)) is ROWS
    with pytest.raises(OptionError, match="one column of texts"):
        learnt_rows(TABLE, (), None)


def test_cells_come_with_their_texts() -> None:
    table = feature_table("price,brand:category", "title", TABLE)
    assert table is not None and table.names == ("price", "brand") and feature_table(None, None, TABLE) is None
    texts, cells = learnt_rows(TABLE, ("title",), table)
    assert texts == TABLE["title"].tolist() and cells == TABLE[["price", "brand"]].to_numpy().tolist()
    assert learnt_rows(ROWS, ("title",), table) == (texts, cells)
    assert asked(TABLE, ("title",), features=True) is TABLE


@pytest.mark.parametrize(
    ("kind", "answers"),
    [
        (SequenceClassifier, TABLE["label"]),
        (SequenceRegressor, TABLE["stars"].astype(float)),
        (SequenceMultilabelClassifier, [tags.split(";") if tags else [] for tags in TABLE["tags"]]),
    ],
)
def test_an_estimator_of_several_columns(kind: type[Any], answers: Any, tmp_path: Path) -> None:
    estimator = clone(kind(text=TEXTS, **SMALL)).fit(TABLE, answers)
    found = estimator.predict(TABLE)
    np.testing.assert_array_equal(estimator.predict(ROWS), found)
    estimator.save(tmp_path / "model")
    model: Any = recurra.load(tmp_path / "model")
    again = model.predict(TABLE)
    if kind is SequenceRegressor:
        np.testing.assert_allclose(again, found, atol=1e-5)
    elif kind is SequenceClassifier:
        assert again.tolist() == found.tolist()
    assert model.manifest.data["texts"] == TEXTS and table_names(model.tokenizer) == ()
    with pytest.raises(OptionError, match="mapping"):
        estimator.predict(["a text"])
