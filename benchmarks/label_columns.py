"""Files with a column for each of many labels: time and peak memory, by number of labels and format.

    python benchmarks/label_columns.py [--labels 100 1000 2000] [--rows 20000] > benchmarks/results/label_columns.json

Answers rows of a CSV with random probabilities, so that what is measured is the keeping and the writing of the columns
of `recurra predict --probabilities` and not a model; each file in a process of its own. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from record import machine

from recurra.data.tables.readers import open_table
from recurra.data.writers import WRITERS
from recurra.inference.bulk import Answering, answer_file
from recurra.inference.label_answers import LabelAnswers
from recurra.options.labels import LabelOptions
from recurra.tasks.classify.predict_file import PART_ROWS, PIECE_ROWS
from recurra.terminal.progress import Reporter

KINDS = (".csv", ".jsonl", ".parquet")


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=int, nargs="+", default=[100, 1000, 2000])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--write", nargs=2, metavar=("INPUT", "OUTPUT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        _write(given.labels[0], *map(Path, given.write))
        return
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "in.csv"
        data.write_text("text\n" + "".join(f"text {row}\n" for row in range(given.rows)))
        found = [_measured(labels, data, kind) for labels in given.labels for kind in KINDS]
    result = {
        "name": "label_columns",
        "command": f"python benchmarks/label_columns.py --labels {' '.join(map(str, given.labels))} "
        f"--rows {given.rows}",
        "machine": machine(),
        "load_average_before": round(load, 1),
        "metrics": {"rows": given.rows, "files": found},
    }
    print(json.dumps(result, indent=1))


def _measured(labels: int, data: Path, kind: str) -> dict[str, Any]:
    output = data.with_name(f"out{kind}")
    started = time.perf_counter()
    command = [sys.executable, __file__, "--labels", str(labels), "--write", str(data), str(output)]
    child = subprocess.Popen(command)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    assert status == 0
    size = output.stat().st_size
    output.unlink()
    return {
        "labels": labels,
        "format": kind,
        "wall_seconds": round(wall, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_memory_mb": round(used.ru_maxrss / 1024),
        "output_megabytes": round(size / 1e6, 1),
    }


def _write(count: int, data: Path, output: Path) -> None:
    """Write the file `data` with random probabilities of `count` labels."""
    answers = LabelAnswers("predicted", [f"label {place}" for place in range(count)], LabelOptions(probabilities=True))
    rng = np.random.default_rng(count)

    def answer(rows: list[Any]) -> Any:
        return answers.columns(rng.dirichlet(np.ones(count), len(rows)))

    writer = WRITERS[output.suffix](open_table(data), ["text"], [*answers.leading, *answers.further])
    how = Answering(answer, piece_rows=PIECE_ROWS, part_rows=answers.part_rows(PIECE_ROWS, PART_ROWS))
    counts = answer_file(writer, how, output, {}, Reporter(quiet=True))
    assert counts["rows"] == sum(1 for _ in data.open()) - 1


if __name__ == "__main__":
    main()
