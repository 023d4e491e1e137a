"""Names of classes out of metadata, whatever is in it."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.tables.class_names import class_names
from recurra.data.tables.readers import open_table
from support.damage import JSON
from support.saved_datasets import table_of


def test_names_by_column() -> None:
    features = {
        "label": {"names": ["neg", "pos"], "_type": "ClassLabel"},
        "text": {"dtype": "string", "_type": "Value"},
        "list": [{"names": ["a"], "_type": "ClassLabel"}],
        "odd": {"names": ["a", 1], "_type": "ClassLabel"},
    }
    assert class_names(json.dumps({"info": {"features": features}})) == {"label": ["neg", "pos"]}


@given(features=st.dictionaries(st.text(), JSON) | JSON, whole=st.booleans())
def test_other_metadata_name_nothing(features: object, whole: bool) -> None:
    assert class_names(json.dumps({"info": {"features": features}} if whole else features)) == {}


@pytest.mark.parametrize("metadata", [None, "", b"{", "[1]", "[" * 100_000])
def test_no_json(metadata: str | bytes | None) -> None:
    assert class_names(metadata) == {}


def test_numbers_in_parquet_become_their_names(tmp_path: Path) -> None:
    columns = {"label": pa.array([1, 0, -1, None, 7]), "n": [1, 0, -1, None, 7], "t": ["a", "b", "c", "d", "e"]}
    pq.write_table(table_of(columns, {"label": ["it's", 'b "c"'], "t": ["x"]}), tmp_path / "t.parquet")
    rows = [row for batch in open_table(tmp_path / "t.parquet").batches(["label", "n", "t"]) for row in batch]
    assert rows == [
        ('b "c"', "1", "a"), ("it's", "0", "b"), (None, "-1", "c"), (None, None, "d"), ("7", "7", "e")
    ]  # fmt: skip
