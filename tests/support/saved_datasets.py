"""Data sets in the layouts of Hugging Face: as save_to_disk leaves them, and in Parquet as on the Hub."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def table_of(columns: Mapping[str, Sequence[Any]], classes: Mapping[str, Sequence[str]] | None = None) -> pa.Table:
    """Return a table with the metadata that `datasets` writes. classes: the names of classes by column."""
    table = pa.table(dict(columns))
    features: dict[str, Any] = {
        name: {"dtype": str(kind), "_type": "Value"}
        for name, kind in zip(table.schema.names, table.schema.types, strict=True)
    }
    features |= {name: {"names": list(names), "_type": "ClassLabel"} for name, names in (classes or {}).items()}
    return table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})


def save_split(folder: Path, table: pa.Table, files: int = 1) -> Path:
    """Write one split as save_to_disk does, into so many files."""
    folder.mkdir(parents=True)
    names = [f"data-{number:05}-of-{files:05}.arrow" for number in range(files)]
    size = -(-len(table) // files)
    for number, name in enumerate(names):
        with pa.OSFile(str(folder / name), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table.slice(number * size, size), max_chunksize=7)
    (folder / "dataset_info.json").write_text("{}")
    state = {"_data_files": [{"filename": name} for name in names], "_fingerprint": "0", "_split": folder.name}
    (folder / "state.json").write_text(json.dumps(state))
    return folder


def save_splits(folder: Path, splits: Mapping[str, pa.Table]) -> Path:
    """Write a data set with splits as save_to_disk does."""
    for name, table in splits.items():
        save_split(folder / name, table)
    (folder / "dataset_dict.json").write_text(json.dumps({"splits": list(splits)}))
    return folder


def save_for_hub(folder: Path, splits: Mapping[str, pa.Table], place: str = "data") -> Path:
    """Write a data set as it lies on the Hub, two files a split."""
    (folder / place).mkdir(parents=True)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n")
    for name, table in splits.items():
        half = -(-len(table) // 2)
        for number in range(2):
            pq.write_table(table.slice(number * half, half), folder / place / f"{name}-0000{number}-of-00002.parquet")
    return folder
