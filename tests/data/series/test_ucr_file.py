"""Files of the UCR archive: which ones they are, and what is in them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recurra.data.series.ucr_file import is_ucr, read_ucr
from recurra.errors import ReadError

VALUES = st.lists(st.floats(-1e6, 1e6, width=32), min_size=3, max_size=6)


@pytest.mark.parametrize(
    ("name", "content", "is_one"),
    [
        ("a_TRAIN.tsv", "1\t0.5\t-1e3\t2\n", True),
        ("a.TSV", "-1\t0.5\tNaN\t2\n", True),
        ("a.csv", "1\t0.5\t-1e3\t2\n", False),
        ("a.tsv", "unique_id\tds\ty\tz\n", False),
        ("a.tsv", "1\t2\t3\n", False),
        ("a.tsv", "1\tNaN\tNaN\tNaN\n", False),
        ("a.tsv", "NaN\t1\t2\t3\n", False),
    ],
)
def test_suffix_and_first_line_tell(name: str, content: str, is_one: bool, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    assert is_ucr(tmp_path / name) is is_one
    assert not is_ucr(tmp_path / "none.tsv") and not is_ucr(tmp_path)


@given(rows=st.lists(st.tuples(st.integers(-3, 9), VALUES), min_size=1, max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_written_is_read_without_the_padding(rows: list[tuple[int, list[float]]], tmp_path: Path) -> None:
    width = max(len(values) for _, values in rows)
    lines = ["\t".join([str(label), *map(repr, values), *["NaN"] * (width - len(values))]) for label, values in rows]
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    found = read_ucr(path)
    assert is_ucr(path) and found.columns == {"label": [str(label) for label, _ in rows]}
    for values, (_, expected) in zip(found.values, rows, strict=True):
        np.testing.assert_array_equal(values[:, 0], np.array(expected, dtype=np.float32))
    shorter = sum(len(values) < width for _, values in rows)
    assert found.notes == (
        [f"{shorter:,} series end in missing values, which were taken for padding and dropped."] if shorter else []
    )


def test_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    for line, words in (
        ("2\t1\t2", "line 2: 2 values, where 3 are expected"),
        ("2\t1\tx\t2", "line 2, value 2: 'x' is no number"),
        ("NaN\t1\t2\t3", "line 2: no label in the first field"),
    ):
        path.write_text(f"1\t2\t3\t4\n{line}\n")
        with pytest.raises(ReadError, match=words):
            read_ucr(path)
