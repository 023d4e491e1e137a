"""A problem of the probe as a file of series, for `recurra train --task series` and `recurra compare`.

`.parquet` and `.jsonl` have a row for each series: `series`, a list of frames [number, mark], and `target`. `.csv` has
a row for each step: `unique_id, ds, number, mark, target`.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import duckdb
import numpy as np

from recurra.data.tables.duckdb_paths import sql_literal
from recurra.errors import OptionError, did_you_mean
from recurra.storage.files import check_new_file, replacing
from recurra.terminal.progress import Reporter
from recurra.training.installed import training_installed

AT_ONCE = 1_000
"""Series that are drawn at a time."""
CHANNELS = ("number", "mark")

Row = tuple[list[list[float]], float]
"""The frames of a series [T][2], and the number that is asked of it."""


def write_problem(
    path: Path, problem: str, length: int, rows: int, *, seed: int = 0, overwrite: bool = False, reporter: Reporter
) -> None:
    """Write `rows` series of a problem to a file, in the format that its suffix names.

    problem: one whose steps are pairs of numbers and whose answer is one number. length: steps of each series.
    Raises OptionError for another one, a bad length or an unknown suffix, and OutputError.
    """
    training_installed()
    from recurra.probe.problems import LONGEST, PROBLEMS, SHORTEST

    numeric = [name for name, one in PROBLEMS.items() if not one.symbols]
    if problem not in numeric:
        raise OptionError(
            f"--write writes a problem with one number as its answer: {', '.join(numeric)}, not {problem}. "
            f"Give --tasks {numeric[0]}."
        )
    if not SHORTEST <= length <= LONGEST:
        raise OptionError(f"--length: give a length of {SHORTEST} to {LONGEST:,} steps.")
    if path.suffix not in WRITERS:
        raise OptionError(
            f"--write {path}: the suffix must be one of {', '.join(WRITERS)}.{did_you_mean(path.suffix, WRITERS)}"
        )
    check_new_file(path, "--write", replace=overwrite)
    rng = np.random.default_rng((seed, length))

    def drawn() -> Iterator[Row]:
        while True:
            sample = PROBLEMS[problem].draw(rng, AT_ONCE, length)
            yield from zip(sample.values.tolist(), sample.targets[:, 0].tolist(), strict=True)

    with replacing(path) as file:
        WRITERS[path.suffix](file, islice(drawn(), rows))
    reporter.info(f"Wrote {rows:,} series of {length:,} steps to {path}. Next: recurra train {path} --task series")


def _write_lines(file: BinaryIO, rows: Iterator[Row]) -> None:
    for series, target in rows:
        file.write(json.dumps({"series": series, "target": target}).encode() + b"\n")


def _write_csv(file: BinaryIO, rows: Iterator[Row]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(("unique_id", "ds", *CHANNELS, "target"))
    for number, (series, target) in enumerate(rows, 1):
        writer.writerows((number, step, *frame, target) for step, frame in enumerate(series, 1))
    text.detach()


def _write_parquet(file: BinaryIO, rows: Iterator[Row]) -> None:
    """Write by DuckDB, which takes the rows from JSON lines."""
    with tempfile.TemporaryDirectory(prefix="recurra-") as folder, duckdb.connect(config={"threads": 1}) as connection:
        lines, table = Path(folder) / "rows.jsonl", Path(folder) / "rows.parquet"
        with lines.open("wb") as made:
            _write_lines(made, rows)
        columns = "{'series': 'FLOAT[][]', 'target': 'FLOAT'}"
        source = f"read_json({sql_literal(lines)}, format = 'newline_delimited', columns = {columns})"
        connection.execute("SET preserve_insertion_order = true")
        connection.execute(f"COPY (SELECT * FROM {source}) TO {sql_literal(table)} (FORMAT parquet)")
        file.write(table.read_bytes())


WRITERS = {".parquet": _write_parquet, ".jsonl": _write_lines, ".csv": _write_csv}
"""What writes a problem, by suffix."""
