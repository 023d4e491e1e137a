"""Parquet, damaged: an answer for each row that DuckDB finds in it, or a refusal in words."""

from __future__ import annotations

import functools
import json
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import strategies as st

from support.damage import damaged
from support.dialects import ROWS
from support.fuzzing import fuzzed
from support.live_server import write_model
from support.whole_commands import in_words, run


@functools.cache
def good() -> bytes:
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "good.parquet"
        connection.execute("CREATE TABLE rows (number INTEGER, text VARCHAR, label VARCHAR)")
        connection.executemany("INSERT INTO rows VALUES (?, ?, ?)", [(int(n), text, label) for n, text, label in ROWS])
        connection.execute(f"COPY rows TO '{path}' (FORMAT parquet)")
        return path.read_bytes()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "model")


@fuzzed(25, content=st.deferred(lambda: damaged(good())), kind=st.sampled_from((".parquet", ".jsonl", ".csv")))
def test_predict(model: Path, content: bytes, kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "table.parquet", Path(folder) / f"answers{kind}"
        source.write_bytes(content)
        ended = run("predict", model, "--input", source, "--output", output, "--text", "text", "--json")
        in_words(ended)
        assert source.read_bytes() == content
        assert {path.name for path in Path(folder).iterdir()} == {source.name, *([] if ended.status else [output.name])}
        if not ended.status:
            with duckdb.connect() as connection:
                read = connection.sql(f"SELECT text FROM '{source}'").fetchall()
            assert json.loads(ended.out)["rows"] == len(read)
