"""Memory is bounded by the batch, not by the file: peak memory of a process over a small and a 20 times larger file."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import recurra

PROGRAM = """
import sys
from recurra.data.text_store import TextStore
from recurra.data.tables.readers import open_table
from recurra.many_to_one.columns import choose_columns
from recurra.many_to_one.data_quality import DataQuality
table = open_table(sys.argv[1])
columns = choose_columns(table.columns)
quality = DataQuality()
with TextStore() as store:
    for batch in table.batches((columns.text, columns.label)):
        for text, label in batch:
            quality.add(text, label)
            store.append(text)
    quality.report()
    rows = sum(1 for _ in store)
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(rows, peak)
"""


def write(path: Path, copies: int) -> int:
    """Write about 2 MB x copies of texts of unequal lengths; return the number of rows."""
    rng = random.Random(0)
    words = [f"word{n}" for n in range(3000)]
    base = [(" ".join(rng.choices(words, k=rng.randint(20, 300))) + ',\n"end"', f"{n % 2}") for n in range(1700)]
    rows = [(f"{copy} {text}", label) for copy in range(copies) for text, label in base]
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("text", "label"), *rows])
    elif path.suffix == ".jsonl":
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows)
    elif path.suffix == ".json":
        path.write_text(json.dumps([{"text": text, "label": label} for text, label in rows]), encoding="utf-8")
    else:
        pl.DataFrame(rows, schema=["text", "label"], orient="row").write_parquet(path, row_group_size=1700)
    return len(rows)


def peak_kilobytes(path: Path, rows: int) -> int:
    environment = {**os.environ, "PYTHONPATH": str(Path(recurra.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)], env=environment, capture_output=True, text=True, check=True
    )
    counted, peak = map(int, done.stdout.split())
    assert counted == rows
    return peak


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".json", ".parquet"])
def test_a_20_times_larger_file_costs_at_most_half_as_much_again(tmp_path: Path, suffix: str) -> None:
    small, large = tmp_path / f"small{suffix}", tmp_path / f"large{suffix}"
    small_rows, large_rows = write(small, 1), write(large, 20)
    assert large_rows == 20 * small_rows
    little, much = peak_kilobytes(small, small_rows), peak_kilobytes(large, large_rows)
    assert much <= 1.5 * little, f"{little:,} kB for the small file, {much:,} kB for the large one"
