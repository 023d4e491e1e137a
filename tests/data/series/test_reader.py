"""Which reader a path asks for, and one set written in every format."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

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
        ("t.csv", "unique_id,ds,y\na,1,1\n", {"series": "y"}, OptionError, "only Parquet and JSON"),
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


@st.composite
def sets(draw: st.DrawFn) -> tuple[list[np.ndarray], list[str]]:
    """Draw series of unequal length that end in a value, and every channel of which has one; and their labels."""
    channels = draw(st.integers(1, 3))
    number = st.one_of(st.just(np.nan), st.floats(-1e6, 1e6, width=32))
    lengths = draw(st.lists(st.integers(1, 5), min_size=1, max_size=5))
    values = [draw(arrays.arrays(np.float32, (length, channels), elements=number)) for length in lengths]
    for one in values:
        one[-1] = [draw(st.floats(-9, 9, width=32)) for _ in range(channels)]
    return values, [draw(st.sampled_from(["a", "b c"])) for _ in values]


def spelt(value: float, missing: str) -> str:
    return missing if np.isnan(value) else repr(float(value))


def write_long(values: list[np.ndarray], labels: list[str], path: Path, order: list[int]) -> None:
    rows = [
        {"unique_id": str(n), "ds": t, "label": label, **{f"channel{c}": v for c, v in enumerate(map(float, frame))}}
        for n, (one, label) in enumerate(zip(values, labels, strict=True), 1)
        for t, frame in enumerate(one)
    ]
    frame = pd.DataFrame([rows[place % len(rows)] for place in order] if order else rows)
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in frame.to_dict("records")))
    elif path.suffix == ".parquet":
        duckdb.from_df(frame).write_parquet(str(path))
    else:
        frame.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")


def write_lists(values: list[np.ndarray], labels: list[str], path: Path) -> None:
    frames = [[[None if np.isnan(v) else float(v) for v in frame] for frame in one] for one in values]
    lines = "".join(
        json.dumps({"series": one, "label": label}) + "\n" for one, label in zip(frames, labels, strict=True)
    )
    path.with_suffix(".jsonl").write_text(lines)
    if path.suffix == ".parquet":
        columns = "{series: 'DOUBLE[][]', label: 'VARCHAR'}"
        duckdb.sql(f"SELECT * FROM read_json('{path.with_suffix('.jsonl')}', columns = {columns})").write_parquet(
            str(path)
        )


def write_ts(values: list[np.ndarray], labels: list[str], path: Path) -> None:
    lines = [
        ":".join([",".join(spelt(v, "?") for v in channel) for channel in one.T] + [label])
        for one, label in zip(values, labels, strict=True)
    ]
    path.write_text("@problemName p\n@classLabel true\n@data\n" + "\n".join(lines) + "\n")


def write_arff(values: list[np.ndarray], labels: list[str], path: Path) -> None:
    length = max(map(len, values))
    times = "".join(f"@attribute t{t} numeric\n" for t in range(length))
    lines = []
    for one, label in zip(values, labels, strict=True):
        padded = np.full((length, one.shape[1]), np.nan)
        padded[: len(one)] = one
        lines.append(
            "'" + "\\n".join(",".join(spelt(v, "?") for v in channel) for channel in padded.T) + f"','{label}'"
        )
    head = f"@relation p\n@attribute r relational\n{times}@end r\n@attribute label {{a,'b c'}}\n@data\n"
    path.write_text(head + "\n".join(lines) + "\n")


def write_folder(values: list[np.ndarray], labels: list[str], path: Path) -> None:
    for n, (one, label) in enumerate(zip(values, labels, strict=True), 1):
        (path / label).mkdir(parents=True, exist_ok=True)
        names = [f"channel{c}" for c in range(one.shape[1])]
        rows = [names, *([spelt(v, "NA") for v in frame] for frame in one)]
        (path / label / f"{n}.csv").write_text("".join(",".join(row) + "\n" for row in rows))


@settings(deadline=None, max_examples=25)
@given(sets(), st.randoms(use_true_random=False))
def test_one_set_in_every_format(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[list[np.ndarray], list[str]], chance: random.Random
) -> None:
    values, labels = made
    folder = tmp_path_factory.mktemp("formats")
    order = list(range(sum(map(len, values))))
    for name in ("t.csv", "t.tsv", "t.jsonl", "t.parquet"):
        write_long(values, labels, folder / name, order)
    chance.shuffle(order)
    write_long(values, labels, folder / "unsorted.csv", order)
    write_lists(values, labels, folder / "lists.parquet")
    write_ts(values, labels, folder / "t.ts")
    write_arff(values, labels, folder / "t.arff")
    write_folder(values, labels, folder / "classes")
    channels = tuple(f"channel{c}" for c in range(values[0].shape[1]))
    for path in folder.iterdir():
        found = read_series(path, constants=["label"])
        ids = [name.rpartition("/")[2].removesuffix(".csv") for name in found.ids]
        places = sorted(range(len(ids)), key=lambda place: int(ids[place]))  # folders and unsorted rows: another order
        assert [ids[place] for place in places] == [str(n) for n in range(1, len(values) + 1)], path.name
        assert found.channels == channels or (path.stem == "lists" and found.channels == ("series",)), path.name
        assert [found.columns["label"][place] for place in places] == labels, path.name
        for place, expected in zip(places, values, strict=True):
            np.testing.assert_array_equal(found.values[place], expected, err_msg=path.name)
        assert path.stem in ("unsorted", "classes") or places == list(range(len(values))), path.name
