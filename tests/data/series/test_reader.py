"""Which reader a path asks for, and one set written in every format."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from recurra.data.series.reader import read_series
from recurra.errors import ColumnError, OptionError, ReadError

TS = "@classLabel true a b\n@data\n1,2:a\n3:b\n"


def test_a_packed_ts_file(tmp_path: Path) -> None:
    path = tmp_path / "t.TS.gz"
    path.write_bytes(gzip.compress(TS.encode()))
    assert read_series(path, constants=["label"]).columns == {"label": ["a", "b"]}


@pytest.mark.parametrize(
    ("name", "content", "options", "error", "message"),
    [
        ("t.ts", TS, {"constants": ["target"]}, ColumnError, "no column 'target'. Columns found: 'label'"),
        ("t.ts", TS, {"id": "x"}, OptionError, "--id names a column of a table"),
        ("t.csv", "unique_id,ds,y\na,1,1\n", {"series": "y"}, OptionError, "only Parquet and JSON lines"),
        ("t.jsonl", '{"s": [1]}\n', {"series": "s", "time": "t"}, OptionError, "with --series leave them out"),
        ("t.xyz", "1", {}, ReadError, "unknown kind of file"),
    ],
)  # fmt: skip
def test_faults(
    tmp_path: Path, name: str, content: str, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(error, match=message):
        read_series(path, **options)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "train.ts").write_text(TS)
    with pytest.raises(ReadError, match=r"does not exist. Did you mean 'train.ts'"):
        read_series(tmp_path / "trian.ts")
