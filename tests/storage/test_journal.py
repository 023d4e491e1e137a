"""The journal keeps answers of every kind as they are, for a later process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from recurra.errors import OutputError
from recurra.storage.journal import MARK, Journal, write_errors_as_output_error

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


KILLED = """
import os, sys
from pathlib import Path
from recurra.storage.journal import Journal, finished, placed


def run(output, resume=False):
    with Journal(output, {"a": 1}, {"n": "INTEGER"}, part_rows=5, resume=resume) as journal:
        while journal.rows < 10:
            journal.add({"n": list(range(5))})
        journal.finish({"words": 3})
        journal.staged.write_bytes(b"whole")
        journal.place({"skipped": 2})

def killed_at(step, output):
    # what the process does once all rows are answered, up to the line `step` of it
    count = 0
    def line(frame, event, argument):
        nonlocal count
        count += event == "line"
        if count == step:
            os._exit(9)
        return line
    def call(frame, event, argument):
        return line if frame.f_code.co_filename.endswith("storage/journal.py") else None
    place = Journal.place
    def begin(self, notes):
        sys.settrace(call)
        place(self, notes)
    Journal.place = begin
    run(output)
    os._exit(0)

def status(work, *given):
    child = os.fork()
    if not child:
        work(*given)
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def resumed(output):
    counts = placed(output) or finished(output, {"a": 1})
    if counts is None:
        assert not output.exists(), "the output is whole, and nothing says so"
        run(output, resume=True)
        counts = finished(output, {"a": 1})
    assert counts == {"rows": 10, "words": 3, "skipped": 2}, counts
    assert output.read_bytes() == b"whole"
    os._exit(0)

for step in range(1, 10_000):
    folder = Path(sys.argv[1], str(step))
    folder.mkdir()
    ended = status(killed_at, step, folder / "out.csv")
    assert status(resumed, folder / "out.csv") == 0, step
    assert finished(folder / "out.csv", {"a": 2}) is None
    assert os.listdir(folder) == ["out.csv"], step
    if ended == 0:
        print(step)
        break
    assert ended == 9
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_after_a_kill_at_any_line_behind_the_last_row_the_run_ends_whole(
    process: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "probe").write_bytes(b"")
    try:
        os.setxattr(tmp_path / "probe", MARK, b"x")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    result = process(KILLED, tmp_path)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) > 30


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            'IO Error: Async write failed for range [offset=27, size=983097]: {"exception_type":"IO",'
            '"exception_message":"Could not write file \\"/t/x\\": No space left on device","errno":"28"}',
            "No space left on device. Free some space there, or write to another disk.",
        ),
        ('IO Error: Cannot open file "/nope/x": Permission denied', "Permission denied. Choose a place that you may"),
        ('IO Error: {"exception_type":"IO","errno":"27"}', "File too large. Files may not grow larger there"),
        ("Out of Memory Error: failed to allocate\n\nlong advice", "failed to allocate. Check the path"),
        ("", "Error. Check the path"),
    ],
)
def test_what_duckdb_reports_of_the_system_is_one_plain_sentence(raw: str, said: str) -> None:
    with pytest.raises(OutputError, match=r"^Cannot write out\.csv: .* Nothing was changed\.$") as raised:
        with write_errors_as_output_error(Path("out.csv")):
            raise duckdb.Error(raw)
    assert said in str(raised.value)
    assert not set("{}\n") & set(str(raised.value))


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))
from recurra.cli.app import main
main()
"""


def test_a_part_for_which_there_is_no_space_is_one_sentence(
    process: Callable[..., Any],
    trained: tuple[Path, dict[str, Any]],
    rows: Callable[..., Any],
    write_csv: Callable[..., Path],
    tmp_path: Path,
) -> None:
    data, output = write_csv(rows(2000), "in.csv"), tmp_path / "out.csv"
    result = process(LIMITED, "predict", trained[0], "--input", data, "--output", output)
    assert (result.returncode, result.stdout) == (1, "")
    last = result.stderr.splitlines()[-1]
    assert last.startswith(f"Error: Cannot write {output}: File too large. Files may not grow larger there")
    assert "{" not in result.stderr and "Traceback" not in result.stderr
    assert not output.exists()
    resumed = process("from recurra.cli.app import main; main()", "predict", trained[0], "--input", data,
                      "--output", output, "--resume")  # fmt: skip
    assert (resumed.returncode, len(output.read_text().splitlines())) == (0, 2001), resumed.stderr


def test_a_damaged_part_and_those_after_it_are_answered_again(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    with Journal(output, {}, COLUMNS, part_rows=5) as journal:
        for first in (0, 5, 10):
            journal.add(part(first, 5))
    damaged = sorted((tmp_path / "out.csv.partial").glob("*.parquet"))[1]
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    with Journal(output, {}, COLUMNS, part_rows=5, resume=True) as journal:
        assert journal.rows == 5 and list(journal.answers()) == rows_of(part(0, 5))


def test_a_run_whose_finished_answers_are_damaged_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    with Journal(output, {}, COLUMNS, part_rows=5) as journal:
        journal.add(part(0, 3))
        journal.finish({})
    (damaged,) = (tmp_path / "out.csv.partial").glob("*.parquet")
    damaged.write_bytes(damaged.read_bytes()[:-1])
    with pytest.raises(OutputError, match="has lost answers: 0 of 3"):
        with Journal(output, {}, COLUMNS, part_rows=5, resume=True):
            pass


def test_a_journal_that_was_changed_is_refused(tmp_path: Path) -> None:
    output, path = tmp_path / "out.csv", tmp_path / "out.csv.partial" / "journal.json"
    with Journal(output, {"a": 1}, COLUMNS, part_rows=5) as journal:
        journal.add(part(0, 5))
    for changed in (path.read_text().replace('"a": 1', '"a": 2'), "{}", "null", "[" * 100_000, ""):
        path.write_text(changed)
        with pytest.raises(OutputError, match=r"cannot be continued .* --overwrite"):
            with Journal(output, {"a": 1}, COLUMNS, part_rows=5, resume=True):
                pass
