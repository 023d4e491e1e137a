"""Rows that a model of several columns is given, from Python and the command line."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import recurra
from recurra.errors import OptionError
from recurra.many_to_one.given import columns_of, from_json, rows_of, text_of, texts_in
from recurra.text.text_columns import joined
from support.column_rows import ANSWERS, TEXTS, ColumnModels, column_rows, write_columns


def test_rows_of_every_kind_have_the_same_texts() -> None:
    rows: list[dict[str, Any]] = [{"title": "a", "body": None, "x": 1}, {"title": "", "body": "b, c", "x": 2}]
    wanted = [joined(["a", None]), joined(["", "b, c"])]
    missing = [{"title": "a", "body": float("nan")}, {"title": pd.NA, "body": "b, c"}]
    for items in (rows, tuple(rows), iter(rows), pd.DataFrame(rows), pl.DataFrame(rows), missing):
        assert texts_in(items, ("title", "body")) == wanted
    assert texts_in(pd.DataFrame(rows), ("title",)) == ["a", ""]
    assert columns_of("title,body", rows) == ("title", "body") == columns_of(["title", "body"], [])
    assert columns_of("title,body", pd.DataFrame({"title,body": []})) == ("title,body",)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("a text", "reads the columns 'title', 'body', so every item must be a mapping"),
        ({"titel": "a", "body": "b"}, "no 'title' and has 'titel'.* Did you mean"),
        ({"title": 3, "body": "b"}, "'title' is int; the text of a column must be a str"),
        ({"title": " ", "body": "<br>"}, "no text: one of the columns"),
        ({}, "no text"),
    ],
)
def test_a_row_that_says_too_little_is_refused(item: object, said: str) -> None:
    with pytest.raises(OptionError, match=said):
        text_of(item, ("title", "body"), "Item 4")
    with pytest.raises(OptionError, match="Item 0 of texts is dict"):
        text_of({"title": "a"}, (), "Item 0 of texts")


def test_tables_and_objects_that_are_none() -> None:
    with pytest.raises(OptionError, match=r"no column 'body'.*Did you mean 'bodi'"):
        rows_of(pd.DataFrame({"title": ["a"], "bodi": ["b"]}), ("title", "body"))
    with pytest.raises(OptionError, match="twice"):
        columns_of(["a", "a"], [])
    for given in ("plain", "[1]", "{", "[" * 100_000):
        with pytest.raises(OptionError, match=r'no JSON object.*"title"'):
            from_json(given, ("title",), "Text 1")


@pytest.mark.parametrize("task", ANSWERS)
def test_a_model_of_several_columns_answers_alike_everywhere(
    task: str, column_models: ColumnModels, cli: Callable[..., Any], tmp_path: Path
) -> None:
    rows = column_rows(30, seed=1)
    table, directory = write_columns(tmp_path / "new.csv", rows), column_models[task]
    model: Any = recurra.load(directory)
    assert model.tokenizer.columns == tuple(TEXTS) and model.tokenizer.truncate == "both"
    frame = pd.DataFrame(rows)
    wanted = model.answers(frame)
    np.testing.assert_array_equal(model.answers(rows), wanted)
    np.testing.assert_array_equal(model.answers([joined([row[name] for name in TEXTS]) for row in rows]), wanted)
    swapped = frame.rename(columns=dict(zip(TEXTS, reversed(TEXTS), strict=True)))
    assert not np.allclose(model.answers(swapped), wanted)  # the mark tells the columns apart

    said = cli("predict", directory, *(json.dumps({name: row[name] for name in TEXTS}) for row in rows), "--json")
    named = [answer.get("probability", answer.get("value")) for answer in json.loads(said.stdout)["predictions"]]
    output = tmp_path / "out.csv"
    assert cli("predict", directory, "--input", table, "--output", output).exit_code == 0
    with output.open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    assert [row["title"] for row in written] == [row["title"] for row in rows]
    column = {"classify": "probability", "regress": "prediction"}.get(task)
    if column:
        np.testing.assert_allclose([float(row[column]) for row in written], named, atol=1e-5)
    judged = json.loads(cli("evaluate", directory, table, "--json").stdout)
    assert judged["left_out_rows"] == 0

    explained = json.loads(
        cli("explain", directory, json.dumps({name: rows[1][name] for name in TEXTS}), "--json").stdout
    )
    assert [part["text"] for part in explained["columns"]] == TEXTS
    for part, name in zip(explained["columns"], TEXTS, strict=True):
        assert explained["text"][part["start"] : part["end"]] == rows[1][name]
    assert "columns" in recurra.load(directory).explain(rows[1]).to_dict()  # type: ignore[attr-defined]
    assert "'title', 'body, long' joined" in cli("inspect", directory).stdout.replace("\n", " ")


def test_what_a_command_line_says_of_columns(
    column_models: ColumnModels, cli: Callable[..., Any], tmp_path: Path
) -> None:
    directory = column_models["classify"]
    refused = cli("predict", directory, "a text")
    assert refused.exit_code == 2 and 'Give one for each row, such as \'{"title": "..."' in refused.stderr
    lacking = write_columns(tmp_path / "new.csv", [{"Title": "a", "Body": "b"}])
    refused = cli("predict", directory, "--input", lacking, "--output", tmp_path / "o.csv")
    assert "no column 'body, long', and the model reads the columns 'title', 'body, long'" in refused.stderr
    one = cli("predict", directory, "--input", lacking, "--output", tmp_path / "o.csv", "--text", "Body")
    assert "the model reads the columns" in one.stderr and "Name as many" in one.stderr
    both = cli("predict", directory, "--input", lacking, "--output", tmp_path / "o.csv", "--text", "Title,Body")
    assert both.exit_code == 0
    with pytest.raises(OptionError, match="several columns"):
        recurra.load(directory).session()  # type: ignore[attr-defined]
    for text, said in (
        ("title,label", "both name the column 'label'"),
        ("title,titel", "no column 'titel'.*Did you mean 'title'"),
        ("title,title", "twice"),
        (",", "names no column"),
    ):
        refused = cli("train", column_models.table, "--text", text, "--label", "label", "--out", tmp_path / "m")
        assert refused.exit_code and re.search(said, refused.stderr.replace("\n", " "))


def test_rows_of_the_same_texts_stay_together(column_models: ColumnModels, tmp_path: Path) -> None:
    column_models["classify"]
    quality = column_models.metrics["classify"]["hygiene"]
    rows = column_rows(90)
    texts = [joined([row[name] for name in TEXTS]) for row in rows]
    assert quality["exact_duplicates"] == len(texts) - len(set(texts))
    assert quality["empty_texts"] == 0
