"""Bulk scoring from Parquet to Parquet: rows a second and peak memory, by size of file.

    python benchmarks/bulk.py MODEL [--rows 50000 200000] > benchmarks/results/bulk.json

Makes files of reviews of 200 words (the model's own, drawn as words occur in texts) with a number and a nested column
beside, and labels each by `recurra predict --input --output` in a process of its own. Wall time is from start to end of
that process, the reading of the model and the writing of the output included. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from record import machine

import recurra
from recurra.storage import model_directory

TOKENS, DISTINCT = 200, 20_000


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[50_000, 200_000])
    given = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        found = [_measured(given.model, Path(folder), rows) for rows in given.rows]
    manifest = model_directory.read(given.model, ()).manifest
    precision = (manifest.metrics.get("export") or {}).get("precision")
    result = {
        "name": "bulk",
        "command": f"python benchmarks/bulk.py MODEL --rows {' '.join(map(str, given.rows))}",
        "machine": machine(),
        "load_average_before": round(load, 1),
        "metrics": {"tokens_per_review": TOKENS, "precision": precision, "files": found},
    }
    print(json.dumps(result, indent=1))


def _measured(model: Path, folder: Path, rows: int) -> dict[str, Any]:
    data, output = folder / "in.parquet", folder / "out.parquet"
    # What this process has held, its children are said to have held: so others make and compare the files.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as elsewhere:
        elsewhere.submit(_write, data, rows, model).result()
    started = time.perf_counter()
    command = [sys.executable, "-m", "recurra.cli", "predict", str(model), "--input", str(data), "--text", "text"]
    child = subprocess.Popen([*command, "--output", str(output), "--overwrite"], stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    assert status == 0
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as elsewhere:
        assert elsewhere.submit(_kept, data, output).result() == (rows, True)
    processor = used.ru_utime + used.ru_stime
    return {
        "rows": rows,
        "input_megabytes": round(data.stat().st_size / 1e6, 1),
        "wall_seconds": round(wall, 1),
        "rows_per_second": round(rows / wall),
        "processor_ms_per_row": round(1e3 * processor / rows, 3),
        "rows_per_second_of_two_whole_cores": round(2 * rows / processor),
        "peak_memory_mb": round(used.ru_maxrss / 1024),
    }


def _kept(data: Path, output: Path) -> Any:
    """Return how many rows the output has, and whether each has an answer and the columns it had."""
    with duckdb.connect() as connection:
        return connection.execute(
            "SELECT count(*), bool_and(i.text = o.text AND i.tags = o.tags AND o.predicted IS NOT NULL) "
            "FROM read_parquet(?) AS i JOIN read_parquet(?) AS o USING (id)",
            [str(data), str(output)],
        ).fetchone()


def _write(path: Path, rows: int, model: Path) -> None:
    words = recurra.load(model).tokenizer.words
    rng = np.random.default_rng(rows)
    places = np.minimum(rng.zipf(1.2, (min(rows, DISTINCT), TOKENS)), len(words)) - 1
    texts = np.array([" ".join(words[place] for place in row) for row in places], dtype=object)
    with duckdb.connect() as connection:
        connection.register("texts", {"place": np.arange(len(texts)), "text": texts})
        connection.execute(
            f"COPY (SELECT id, text || ' ' || id AS text, [id, 1] AS tags FROM range({rows}) AS made(id) "
            f"JOIN texts ON place = id % {len(texts)} ORDER BY id) TO '{path}' (FORMAT parquet)"
        )


if __name__ == "__main__":
    main()
