"""Folders of data sets with splits: which files are of which, and their rows in order."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from recurra.data.tables.dataset_table import hub_files, is_dataset
from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Table
from recurra.errors import ColumnError, ReadError
from support.saved_datasets import save_for_hub, save_splits, table_of

SPLITS = {
    "train": table_of({"text": ["a", "b", "c"], "label": [0, 1, 0]}, {"label": ["neg", "pos"]}),
    "test": table_of({"text": ["d"], "label": [1]}, {"label": ["neg", "pos"]}),
    "unsupervised": table_of({"text": ["e"], "label": [-1]}, {"label": ["neg", "pos"]}),
}
EXPECTED = [("a", "neg", "train"), ("b", "pos", "train"), ("c", "neg", "train"), ("d", "pos", "test")]


def rows_of(table: Table, *columns: str) -> list[tuple[str | None, ...]]:
    return [row for batch in table.batches(columns or table.columns) for row in batch]


@pytest.mark.parametrize("save", [save_splits, save_for_hub])
def test_splits_are_a_column(tmp_path: Path, save) -> None:  # type: ignore[no-untyped-def]
    table = open_table(save(tmp_path / "set", SPLITS))
    assert (table.format, table.columns, table.split_column) == ("dataset", ("text", "label", "split"), "split")
    assert rows_of(table) == rows_of(table) == EXPECTED
    assert rows_of(table, "split", "text") == [(split, text) for text, _, split in EXPECTED]
    assert rows_of(table, "split") == [(split,) for _, _, split in EXPECTED]
    assert table.head(2) == EXPECTED[:2]


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (["train-00000-of-00001.parquet"], ["train"]),
        (["test.parquet", "train.parquet", "val.parquet"], ["train", "validation", "test"]),
        (["plain/dev/0.parquet", "plain/train/0.parquet", "plain/train/1.parquet"], ["train", "validation"]),
        (["data/train_1.parquet", "data/other.parquet"], ["train"]),
    ],
)
def test_names_say_the_splits(tmp_path: Path, names: list[str], splits: list[str]) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(SPLITS["train"], tmp_path / name)
    assert is_dataset(tmp_path) and list(hub_files(tmp_path)) == splits


def test_other_folders_are_none(tmp_path: Path) -> None:
    for name in ("training_notes.txt", "trains.parquet", "part-0.parquet"):
        (tmp_path / name).write_bytes(b"PAR1")
    assert not is_dataset(tmp_path)


def test_faults(tmp_path: Path) -> None:
    for language in ("de", "en"):
        save_for_hub(tmp_path / "several" / language, SPLITS)
    with pytest.raises(ReadError, match=r"several data sets: 'de/data', 'en/data'\. Give the folder of one"):
        open_table(tmp_path / "several")
    assert rows_of(open_table(tmp_path / "several" / "de" / "data")) == EXPECTED
    other = SPLITS | {"test": table_of({"text": ["d"]})}
    with pytest.raises(ColumnError, match=r"test-\S+ has other columns than .*train-\S+: it lacks 'label'"):
        open_table(save_for_hub(tmp_path / "other", other))
    saved = save_splits(tmp_path / "saved", SPLITS)
    (saved / "dataset_dict.json").write_text('{"splits": ["../.."]}')
    with pytest.raises(ReadError, match="names no splits"):
        open_table(saved)
