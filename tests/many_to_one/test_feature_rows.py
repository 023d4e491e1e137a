"""Numbers and categories beside the text, from a table to answers, through the command line."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import recurra
from recurra.errors import OptionError
from recurra.many_to_one.feature_rows import FeatureRows
from recurra.many_to_one.given import RowRead
from support.column_rows import ANSWERS, FEATURES, TEXTS, ColumnModels, column_rows, write_columns


@pytest.mark.parametrize("task", ANSWERS)
def test_a_model_with_features_answers_alike_everywhere(
    task: str,
    feature_models: ColumnModels,
    cli: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    directory, rows = feature_models[task], column_rows(20, seed=1)
    rows[3] |= {"brand": "never seen", "price": ""}
    table = write_columns(tmp_path / "new.csv", rows)
    model: Any = recurra.load(directory)
    assert model.tokenizer.features.names == tuple(FEATURES) and model.manifest.data["features"] == FEATURES
    wanted = model.answers(pd.DataFrame(rows))
    np.testing.assert_array_equal(model.answers(rows), wanted)
    typed = [row | {"price": float(row["price"]) if row["price"] else None} for row in rows]
    np.testing.assert_array_equal(model.answers(typed), wanted)
    cheap = model.answers([row | {"price": -100.0} for row in rows])
    assert not np.allclose(cheap, wanted)
    monkeypatch.setenv("RECURRA_ENGINE", "onnxruntime")
    np.testing.assert_allclose(recurra.load(directory).answers(rows), wanted, atol=1e-5)  # type: ignore[attr-defined]
    monkeypatch.delenv("RECURRA_ENGINE")
    assert cli("predict", directory, "--input", table, "--output", tmp_path / "o.csv").exit_code == 0
    with (tmp_path / "o.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    if task == "classify":
        np.testing.assert_allclose([float(row["probability"]) for row in written], wanted.max(axis=1), atol=1e-5)
    judged = cli("evaluate", directory, table, "--json")
    assert judged.exit_code == 0, judged.stderr
    explained = model.explain(rows[3])
    assert (
        list(explained.features) == FEATURES
        and explained.features["brand"] == 0 == explained.to_dict()["features"]["brand"]
    )
    metrics = feature_models.metrics[task]
    assert [one["name"] for one in metrics["features"]["columns"]] == [*FEATURES, "the text"]
    assert (
        metrics["baseline"]["name"].endswith(" beside the features")
        or " beside the features," in metrics["baseline"]["name"]
    )
    assert "What the columns beside the text are worth" in (directory / "report.html").read_text(encoding="utf-8")
    assert any("'price' is a number" in said for said in metrics["hygiene"]["findings"])


def test_what_a_command_line_says_of_features(
    feature_models: ColumnModels, column_models: ColumnModels, cli: Callable[..., Any], tmp_path: Path
) -> None:
    directory = feature_models["classify"]
    for row, said in (
        ({"title": "a", "price": "1,5"}, "the feature 'price' holds '1,5', which is no number"),
        ({"price": 3}, "has no text"),
        ({"title": "a", "prize": 3}, "has 'prize', which the model does not read"),
    ):
        refused = cli("predict", directory, json.dumps(row))
        assert refused.exit_code and said in refused.stderr
    assert cli("predict", directory, json.dumps({"title": "a"})).exit_code == 0
    odd = [row | {"price": "n. s."} for row in column_rows(4)]
    done = cli(
        "predict", directory, "--input", write_columns(tmp_path / "odd.csv", odd), "--output", tmp_path / "p.csv"
    )
    assert done.exit_code == 0
    lacking = [{name: row[name] for name in (*TEXTS, "label")} for row in column_rows(4)]
    path = write_columns(tmp_path / "lacking.csv", lacking)
    refused = cli("predict", directory, "--input", path, "--output", tmp_path / "q.csv")
    assert refused.exit_code and "no column 'price' (--features)" in refused.stderr
    both = cli("evaluate", directory, column_models["classify"], feature_models.table, "--json")
    assert both.exit_code == 0 and len(json.loads(both.stdout)["models"]) == 2
    for features, said in (
        ("price,prize", "no column 'prize' .--features...Did you mean 'price'"),
        ("price,label", "--features and --label both name"),
        ("price,title", "--features and --text both name"),
        ("price,price", "twice|both name"),
        ("price:category,id:number,brand:number", "brand.*holds no number"),
    ):
        refused = cli(
            "train", feature_models.table, "--text", "title", "--label", "label", "--features", features, "--out",
            tmp_path / "m",
        )  # fmt: skip
        assert refused.exit_code and re.search(said, refused.stderr.replace("\n", " ")), refused.stderr
    refused = cli(
        "train", feature_models.table, "--text", "title", "--label", "label", "--features", "price", "--out",
        tmp_path / "m", "--unlabelled", feature_models.table,
    )  # fmt: skip
    assert refused.exit_code and "--features does not go with --unlabelled" in refused.stderr
    with pytest.raises(OptionError, match="mapping"):
        recurra.load(directory).predict(["a text"])  # type: ignore[attr-defined]
    with pytest.raises(OptionError, match="no column 'price'"):
        recurra.load(directory).predict(pd.DataFrame(lacking))  # type: ignore[attr-defined]


def test_cells_that_are_no_numbers_are_counted(feature_models: ColumnModels) -> None:
    model: Any = recurra.load(feature_models["classify"])
    rows = FeatureRows(model.tokenizer)
    found = [rows.of_cells(["a", "b", price, "acme"]) for price in ("3", "abc", None, "x")]
    assert all(isinstance(one, RowRead) for one in found)
    np.testing.assert_array_equal(found[1].features, found[2].features)  # type: ignore[union-attr]
    assert rows.sentences() == [
        "The feature 'price' holds no number in 2 rows, such as 'abc': it counts as missing there."
    ]
    assert FeatureRows(model.tokenizer).sentences() == []
