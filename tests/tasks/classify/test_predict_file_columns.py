"""Bulk scoring keeps every other column as it was, read back by programs that are not Recurra."""

from __future__ import annotations

import csv
import datetime
import decimal
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import polars
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from recurra.errors import ReadError
from recurra.many_to_one.options import ReadOptions
from recurra.tasks.classify import predict_file as module
from recurra.tasks.classify.options import PredictOptions
from recurra.tasks.registry import load
from recurra.terminal.progress import Reporter

QUIET = Reporter(quiet=True)
ALPHABET = st.one_of(
    st.sampled_from("=+-@\t\r\n\",;' |\\/{}[]\u2028\u00a0\ufeff\u200b1٣é映"), st.characters(exclude_categories=["Cs"])
)
CELLS = st.text(ALPHABET.filter(lambda c: c != "\0"), max_size=12)
TABLES = st.lists(st.tuples(CELLS, CELLS), min_size=8, max_size=30)
quickly = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # each example is a whole run: no time to look for a smaller one
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def predict_file(directory: Path, *given: Any, **more: Any) -> dict[str, Any]:
    """Load a model and label a file with it."""
    return module.predict_file(load(directory), *given, **more)


@pytest.fixture
def model(trained: tuple[Path, dict[str, Any]]) -> Path:
    return trained[0]


def run(model: Path, data: Path, output: Path, **more: Any) -> dict[str, Any]:
    return predict_file(model, str(data), output, ReadOptions(text="text"), overwrite=True, reporter=QUIET, **more)


def cells_of(path: Path, delimiter: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter, strict=True))


@quickly
@given(rows=TABLES)
def test_csv_cells_come_out_as_they_went_in(model: Path, tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    data, output = tmp_path / "in.csv", tmp_path / "out.csv"
    with data.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("text", "other"), *rows])
    assert run(model, data, output)["rows"] == len(rows)
    header, *found = cells_of(output)
    assert header == ["text", "other", "predicted", "probability", "truncated"]
    assert [tuple(row[:2]) for row in found] == rows
    theirs = pandas.read_csv(output, dtype=str, keep_default_na=False, lineterminator="\n", encoding="utf-8")
    assert list(theirs[["text", "other"]].itertuples(index=False, name=None)) == rows


@quickly
@given(rows=TABLES)
def test_parquet_cells_come_out_as_they_went_in(model: Path, tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    data = polars.DataFrame(rows, schema={"text": polars.String, "other": polars.String}, orient="row")
    data.write_parquet(tmp_path / "in.parquet")
    options = PredictOptions(text="text", answer_empty=True)
    whole = str(tmp_path / "in.parquet"), tmp_path / "out.parquet"
    predict_file(model, *whole, options, overwrite=True, reporter=QUIET)
    found = polars.read_parquet(tmp_path / "out.parquet")
    assert found.columns == ["text", "other", "predicted", "probability", "truncated"]
    assert found.select("text", "other").equals(data)
    assert found.null_count().sum_horizontal().item() == 0


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), CELLS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(CELLS, inner, max_size=3)),
    max_leaves=6,
)


@quickly
@given(
    rows=st.lists(st.tuples(CELLS, st.dictionaries(CELLS, VALUES, max_size=3)), min_size=4, max_size=20),
    ascii_only=st.booleans(),
)
def test_json_lines_keep_their_very_characters(
    model: Path, tmp_path: Path, rows: list[tuple[str, dict[str, Any]]], ascii_only: bool
) -> None:
    lines = [json.dumps({**more, "text": text}, ensure_ascii=ascii_only) for text, more in rows]
    data, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    data.write_text("\n".join(lines), encoding="utf-8", newline="")
    run(model, data, output)
    written = output.read_text("utf-8").split("\n")
    assert written.pop() == ""
    assert len(written) == len(lines)
    for line, before in zip(written, lines, strict=True):
        assert line.startswith(before[:-1])
        added = list(json.loads(line))[-3:]
        assert [re.sub("_+$", "", name) for name in added] == ["predicted", "probability", "truncated"]
        assert {k: v for k, v in json.loads(line).items() if k not in added} == json.loads(before)


def test_json_lines_of_different_keys(model: Path, tmp_path: Path) -> None:
    lines = [
        '  {"text": "good", "n": 1.00, "big": 123456789012345678901234567890}  ',
        '{"text":"bad","predicted":"mine"}',
    ]
    (tmp_path / "in.jsonl").write_text("\n\n".join(lines) + "\n")
    run(model, tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    first, second = (tmp_path / "out.jsonl").read_text().splitlines()
    assert first.startswith(
        '{"text": "good", "n": 1.00, "big": 123456789012345678901234567890, "predicted": "positive"'
    )
    assert second.startswith('{"text":"bad","predicted":"mine", "predicted_": "negative", "probability": ')


def test_parquet_columns_keep_their_types(model: Path, tmp_path: Path) -> None:
    day = datetime.date(2020, 2, 29)
    data = polars.DataFrame(
        {
            "text": ["good", None, "bad"],
            "int8": [1, None, -3],
            "uint64": [2**63 + 5, 0, 1],
            "price": [decimal.Decimal("1.10"), None, decimal.Decimal("-2.25")],
            "day": [day, None, day],
            "when": [datetime.datetime(2020, 1, 1, 1, 2, 3, 456789), None, datetime.datetime(1900, 1, 1)],
            "raw": [b"\xff\x00", None, b""],
            "tags": [["a", None], [], None],
            "point": [{"x": 1.5, "y": "q"}, None, {"x": None, "y": ""}],
            "yes": [True, None, False],
        },
        schema_overrides={"int8": polars.Int8, "uint64": polars.UInt64, "price": polars.Decimal(9, 2)},
    )
    data.write_parquet(tmp_path / "in.parquet")
    run(model, tmp_path / "in.parquet", tmp_path / "out.parquet")
    found = polars.read_parquet(tmp_path / "out.parquet")
    kept = found.drop("predicted", "probability", "truncated")
    assert kept.schema == data.schema
    assert kept.equals(data)
    assert found["probability"].dtype == polars.Float64
    assert found["truncated"].dtype == polars.Boolean


@pytest.mark.parametrize("given", [".csv", ".tsv", ".parquet"])
@pytest.mark.parametrize("wanted", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_a_table_without_rows_gives_one_without_rows(model: Path, tmp_path: Path, given: str, wanted: str) -> None:
    data, output = tmp_path / f"in{given}", tmp_path / f"out{wanted}"
    if given == ".parquet":
        polars.DataFrame({"id": [], "text": []}, schema={"id": polars.Int32, "text": polars.String}).write_parquet(data)
    else:
        data.write_text("id,text\n".replace(",", "," if given == ".csv" else "\t"))
    assert run(model, data, output)["rows"] == 0
    names = ["id", "text", "predicted", "probability", "truncated"]
    if wanted == ".parquet":
        assert polars.read_parquet(output).columns == names
    elif wanted == ".jsonl":
        assert output.read_bytes() == b""
    else:
        assert cells_of(output, "," if wanted == ".csv" else "\t") == [names]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([data.name, output.name])


def test_a_file_without_even_a_header_is_refused(model: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b"")
    with pytest.raises(ReadError, match="is empty"):
        run(model, tmp_path / "in.csv", tmp_path / "out.csv")


@quickly
@given(rows=TABLES)
def test_no_cell_of_a_csv_is_run_and_each_can_be_had_back(
    model: Path, tmp_path: Path, rows: list[tuple[str, str]]
) -> None:
    data, output = tmp_path / "in.csv", tmp_path / "out.csv"
    with data.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("text", "=other"), *rows])
    run(model, data, output, escape_formulas=True)
    header, *found = cells_of(output)
    assert header[1] == "'=other"
    for row, before in zip(found, rows, strict=True):
        for cell, original in zip(row[:2], before, strict=True):
            assert cell == original or cell == "'" + original
            assert cell[:1] not in tuple("=+-@\t\r\n") or re.fullmatch(r"[+-]?[\d.,]+(e[+-]?\d+)?%?\s*", cell, re.I)


def test_formulas_in_a_tsv(model: Path, tmp_path: Path) -> None:
    (tmp_path / "in.tsv").write_text("text\tother\ngood\t=1\nbad\t-2\n")
    run(model, tmp_path / "in.tsv", tmp_path / "out.tsv", escape_formulas=True)
    assert [line.split("\t")[1] for line in (tmp_path / "out.tsv").read_text().splitlines()] == ["other", "'=1", "-2"]


def test_awkward_names_of_files(model: Path, tmp_path: Path, write_csv: Callable[..., Path]) -> None:
    folder = tmp_path / "a*b [c] 'd'"
    folder.mkdir()
    data = write_csv([("good film", "1"), ("bad film", "2")], header=("text", "it's"))
    for name in ("o?.parquet", "o'*.csv", "[o].jsonl"):
        assert run(model, data, folder / name)["rows"] == 2
    assert polars.read_parquet((folder / "o?.parquet").read_bytes())["it's"].to_list() == ["1", "2"]
