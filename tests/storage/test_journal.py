"""The journal keeps answers of every kind as they are, for a later process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.errors import OutputError
from recurra.storage.journal import Journal

COLUMNS = {"text": "VARCHAR", "number": "DOUBLE", "flag": "BOOLEAN", "places": "INTEGER[]", "texts": "VARCHAR[]"}


def part(first: int, rows: int) -> dict[str, Any]:
    numbers = range(first, first + rows)
    return {
        "text": [f"t\0{n} \u2028'\"" for n in numbers],
        "number": np.array([n / 3 for n in numbers]),
        "flag": np.array([n % 2 == 0 for n in numbers]),
        "places": [list(range(n % 3)) for n in numbers],
        "texts": [["a,[", f"{n}"][: n % 3] for n in numbers],
    }


def rows_of(*parts: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [row for columns in parts for row in zip(*(list(columns[name]) for name in COLUMNS), strict=True)]


def test_answers_of_every_kind_are_kept(tmp_path: Path) -> None:
    output, empty = tmp_path / "out.csv", {name: values[:1] for name, values in part(0, 1).items()}
    with Journal(output, {"a": 1}, COLUMNS, part_rows=5) as journal:
        journal.add(part(0, 5))
    with Journal(output, {"a": 1}, COLUMNS, part_rows=5, resume=True) as journal:
        assert journal.rows == 5
        journal.add(empty)
        assert list(journal.answers()) == rows_of(part(0, 5), empty)
        assert journal.total({"flags": "count(*) FILTER (flag)", "places": "sum(len(places))"}) == {
            "flags": 4, "places": 4,
        }  # fmt: skip
        journal.finish({"flags": 4})
        journal.staged.write_bytes(b"whole")
        journal.place()
    assert output.read_bytes() == b"whole" and not (tmp_path / "out.csv.partial").exists()


def test_without_rows_there_are_columns(tmp_path: Path) -> None:
    with Journal(tmp_path / "out.csv", {}, COLUMNS, part_rows=5) as journal:
        assert list(journal.answers()) == []
        assert journal.total({"flags": "count(*) FILTER (flag)", "places": "sum(len(places))"}) == {
            "flags": 0, "places": 0,
        }  # fmt: skip
        with journal.source() as (connection, source):
            described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        assert {row[0]: row[1] for row in described} == COLUMNS


def test_a_run_with_another_identity_is_refused(tmp_path: Path) -> None:
    with Journal(tmp_path / "out.csv", {"a": {"b": 1}}, COLUMNS, part_rows=5) as journal:
        journal.add(part(0, 5))
    with pytest.raises(OutputError, match="a b was 1 and is now 2; rows a part was 5 and is now 6"):
        with Journal(tmp_path / "out.csv", {"a": {"b": 2}}, COLUMNS, part_rows=6, resume=True):
            pass
