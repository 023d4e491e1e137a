"""The same rows in every kind of file are the same data: read alike, recognised, judged, answered and resumed."""

from __future__ import annotations

import csv
import json
import sqlite3
import zipfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import polars as pl
import pytest
import zstandard

from recurra.errors import InterruptedTraining
from recurra.tasks.registry import get_task
from support.commands import Cli, Rows, Trainer, made_rows
from support.saved_datasets import save_for_hub, save_split, table_of

NAMES = ("review", "sentiment")


@dataclass(frozen=True)
class Kind:
    """A way to keep rows. write: (folder, rows) -> what names them on the command line; options: how they are read."""

    write: Callable[[Path, Rows], str]
    options: tuple[str, ...] = ()


def objects(rows: Rows) -> list[dict[str, str]]:
    return [dict(zip(NAMES, row, strict=True)) for row in rows]


def as_json(folder: Path, rows: Rows) -> str:
    (folder / "t.json").write_text(json.dumps(objects(rows), indent=1))
    return str(folder / "t.json")


def as_held_json(folder: Path, rows: Rows) -> str:
    (folder / "t.json").write_text(json.dumps({"count": len(rows), "data": objects(rows)}))
    return str(folder / "t.json")


def as_json_lines(folder: Path, rows: Rows) -> str:
    (folder / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in objects(rows)))
    return str(folder / "t.jsonl")


def as_nested_json(folder: Path, rows: Rows) -> str:
    nested = [{"id": n, "review": {"body": text}, "meta": {"mood": label}} for n, (text, label) in enumerate(rows)]
    (folder / "t.json").write_text(json.dumps(nested))
    return str(folder / "t.json")


def as_parts(suffix: str, cut: int) -> Callable[[Path, Rows], str]:
    """Return what writes rows into three files, the first two of `cut` rows, and gives a pattern for them."""

    def write(folder: Path, rows: Rows) -> str:
        for number, part in enumerate((rows[:cut], rows[cut : 2 * cut], rows[2 * cut :])):
            path = folder / f"part-{number}{suffix}"
            if suffix == ".csv":
                write_csv(path, part)
            else:
                pl.DataFrame(part, schema=NAMES, orient="row").write_parquet(path)
        return f"{folder}/part-*{suffix}"

    return write


def as_workbook(folder: Path, rows: Rows) -> str:
    book = openpyxl.Workbook()
    book.active.title = "notes"
    book.active.append(["not these"])
    sheet = book.create_sheet("reviews")
    for row in ((), NAMES, *rows):
        sheet.append(row)
    book.save(folder / "t.xlsx")
    return str(folder / "t.xlsx")


def as_sqlite(folder: Path, rows: Rows) -> str:
    with closing(sqlite3.connect(folder / "t.db")) as connection:
        connection.execute("CREATE TABLE more (n)")
        connection.execute("CREATE TABLE reviews (id, review, sentiment)")
        connection.executemany("INSERT INTO reviews VALUES (?, ?, ?)", ((n, *row) for n, row in enumerate(rows)))
        connection.commit()
    return str(folder / "t.db")


def as_duckdb(folder: Path, rows: Rows) -> str:
    with duckdb.connect(folder / "t.duckdb") as connection:
        connection.execute("CREATE TABLE reviews (id BIGINT, review VARCHAR, sentiment VARCHAR)")
        connection.executemany("INSERT INTO reviews VALUES (?, ?, ?)", [(n, *row) for n, row in enumerate(rows)])
    return str(folder / "t.duckdb")


QUERY = ("--sql", "SELECT review, sentiment FROM reviews ORDER BY id")


def as_data_set(folder: Path, rows: Rows) -> str:
    """Write a saved data set whose labels are numbers with names."""
    names = ("negative", "positive")
    columns = {"review": [text for text, _ in rows], "sentiment": [names.index(label) for _, label in rows]}
    return str(save_split(folder / "set", table_of(columns, {"sentiment": names}), files=2))


def as_packed(suffix: str) -> Callable[[Path, Rows], str]:
    """Return what writes rows into a packed CSV."""

    def write(folder: Path, rows: Rows) -> str:
        content = write_csv(folder / "unpacked" / "t.csv", rows).read_bytes()
        path = folder / f"t.csv{suffix}"
        if suffix == ".zst":
            path.write_bytes(zstandard.compress(content))
            return str(path)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner/t.csv", content)
            archive.writestr("inner/other.csv", "review,sentiment\n")
        return f"{path}::inner/t.csv"

    return write


NESTED = ("--text", "review.body", "--label", "meta.mood")
KINDS: dict[str, Kind] = {
    "json": Kind(as_json),
    "json, held": Kind(as_held_json),
    "json lines": Kind(as_json_lines),
    "json, nested": Kind(as_nested_json, NESTED),
    "sqlite": Kind(as_sqlite, QUERY),
    "duckdb": Kind(as_duckdb, QUERY),
    "data set": Kind(as_data_set),
    "workbook": Kind(as_workbook, ("--sheet", "reviews")),
    "zstandard": Kind(as_packed(".zst")),
    "zip": Kind(as_packed(".zip")),
    "several, csv": Kind(as_parts(".csv", 15)),
    "several, parquet": Kind(as_parts(".parquet", 15)),
}


def write_csv(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([NAMES, *rows])
    return path


@pytest.mark.parametrize("name", KINDS)
def test_evaluate_recognises_the_training_data(
    cli: Cli, trained: tuple[Path, dict[str, Any]], tmp_path: Path, name: str
) -> None:
    kind, rows = KINDS[name], made_rows(300)
    alike = cli("evaluate", trained[0], kind.write(tmp_path, rows), *kind.options, "--json")
    assert alike.exit_code == 0, alike.stderr
    assert "the very data that the model was trained on" in alike.stderr
    plain = cli("evaluate", trained[0], write_csv(tmp_path / "plain.csv", rows), "--json")
    assert json.loads(alike.stdout) == json.loads(plain.stdout)


@pytest.mark.parametrize("name", KINDS)
def test_predict_answers_every_row_in_order(
    cli: Cli, trained: tuple[Path, dict[str, Any]], tmp_path: Path, name: str
) -> None:
    kind, rows = KINDS[name], made_rows(40, seed=2)
    options = kind.options[: kind.options.index("--label")] if "--label" in kind.options else kind.options
    words = ("predict", trained[0], "--input", kind.write(tmp_path, rows), *options)
    for output in ("out.csv", "out.jsonl", "out.parquet"):
        result = cli(*words, "--output", tmp_path / output, "--json")
        assert result.exit_code == 0, result.stderr
        assert json.loads(result.stdout)["rows"] == len(rows)
    again = cli(*words, "--output", tmp_path / "out.csv", "--resume", "--json")
    assert again.exit_code == 0 and "nothing was left to do" in again.stderr, again.stderr
    plain = cli("predict", trained[0], "--input", write_csv(tmp_path / "p.csv", rows), "--output", tmp_path / "p2.csv")
    assert plain.exit_code == 0, plain.stderr
    with (tmp_path / "p2.csv").open(newline="") as one, (tmp_path / "out.csv").open(newline="") as two:
        expected = [row["predicted"] for row in csv.DictReader(one)]
        assert [row["predicted"] for row in csv.DictReader(two)] == expected
    assert [json.loads(line)["predicted"] for line in (tmp_path / "out.jsonl").read_text().splitlines()] == expected


@pytest.mark.parametrize("name", KINDS)
def test_a_training_that_was_stopped_resumes(
    train_tiny: Trainer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    kind, out = KINDS[name], tmp_path / "model"
    data = kind.write(tmp_path, made_rows(120))
    given = dict(zip(kind.options[::2], kind.options[1::2], strict=True))
    options = {flag.removeprefix("--").replace("-", "_"): value for flag, value in given.items()}
    with monkeypatch.context() as patch:

        def stopped(*_: Any, **__: Any) -> Any:
            raise InterruptedTraining("stopped")

        patch.setattr(get_task("classify").trainer(), "evaluate", stopped)
        with pytest.raises(InterruptedTraining):
            train_tiny(data, out, **options)
    metrics = train_tiny(data, out, resume=True, **options)
    assert metrics["data"]["name"] == str(data)
    plain = train_tiny(write_csv(tmp_path / "plain.csv", made_rows(120)), tmp_path / "plain")
    assert metrics["data"]["fingerprint"] == plain["data"]["fingerprint"]


def test_several_files_that_the_shell_lists_are_one_table(
    cli: Cli, trained: tuple[Path, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = made_rows(300)
    first, second = write_csv(tmp_path / "a.csv", rows[:100]), write_csv(tmp_path / "b.csv", rows[100:])
    result = cli("evaluate", trained[0], first, second, "--json")
    assert result.exit_code == 0 and "the very data" in result.stderr, result.stderr
    other_order = cli("evaluate", trained[0], second, first, "--json")
    assert other_order.exit_code == 0 and "the very data" not in other_order.stderr
    second.write_text(second.read_text() + "broken\n")
    skipping = cli("evaluate", trained[0], first, second, "--bad-rows", "skip", "--json")
    assert skipping.exit_code == 0, skipping.stderr
    assert (tmp_path / "data.rejects").read_text().splitlines()[1].startswith(f"{second},202,")
    twice = cli("train", first, first, "--out", tmp_path / "m")
    assert twice.exit_code == 1 and "named twice" in twice.stderr
    many = cli("train", *[f"{n}.csv" for n in range(30)], "--out", tmp_path / "m")
    assert many.exit_code == 2 and "30 files are named" in many.stderr
    unquoted = cli("predict", trained[0], "--input", first, second, "--output", tmp_path / "o.csv")
    assert unquoted.exit_code == 2 and "goes in quotes" in unquoted.stderr
    into = cli("predict", trained[0], "--input", f"{tmp_path}/*.csv", "--output", first, "--overwrite")
    assert into.exit_code == 1 and "is the input itself" in into.stderr, into.stderr


def test_rows_held_out_that_repeat_rows_of_another_file_are_left_out(train_tiny: Trainer, tmp_path: Path) -> None:
    rows = made_rows(120)
    write_csv(tmp_path / "a.csv", rows[:60])
    write_csv(tmp_path / "b.csv", rows[60:])
    test = write_csv(tmp_path / "test" / "t.csv", [*rows[50:70], *made_rows(30, seed=9)])
    metrics = train_tiny(f"{tmp_path}/*.csv", tmp_path / "m", test=str(test))
    assert (metrics["split"]["test"], metrics["split"]["left_out_of_test_as_repeats"]) == (30, 20)


def test_standard_input_is_read_like_a_file(
    cli: Cli, trained: tuple[Path, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = made_rows(300)
    content = write_csv(tmp_path / "t.csv", rows).read_bytes()
    evaluated = cli("evaluate", trained[0], "-", "--format", "csv", "--json", input=content)
    assert evaluated.exit_code == 0 and "the very data" in evaluated.stderr, evaluated.stderr
    as_objects = cli("evaluate", trained[0], "-", "--json", input=json.dumps(objects(rows)))
    assert json.loads(as_objects.stdout) == json.loads(evaluated.stdout)
    unknown = cli("evaluate", trained[0], "-", input=content)
    assert unknown.exit_code == 1 and "say it with --format" in unknown.stderr
    broken = cli("evaluate", trained[0], "-", "--format", "csv", "--bad-rows", "skip", "--json", input=content + b"x\n")
    assert broken.exit_code == 0 and (tmp_path / "data.rejects").is_file(), broken.stderr
    words = ("predict", trained[0], "--input", "-", "--output", "out.csv", "--json")
    answered = cli(*words, "--format", "csv", input=content)
    assert answered.exit_code == 0 and json.loads(answered.stdout)["rows"] == 300, answered.stderr
    again = cli(*words, "--format", "csv", "--resume", input=content)
    assert again.exit_code == 0 and "nothing was left to do" in again.stderr, again.stderr
    other = cli(*words, "--format", "csv", "--resume", input=content + b"more,positive\n")
    assert other.exit_code == 1 and "of other data" in other.stderr


def test_a_training_that_read_standard_input_says_nothing_of_later_files(cli: Cli, tmp_path: Path) -> None:
    content = write_csv(tmp_path / "t.csv", made_rows(80)).read_bytes()
    tiny = ("--hidden", "4", "--embedding", "4", "--epochs", "1", "--no-baseline", "--threads", "1")
    trained = cli("train", "-", "--format", "csv", "--out", tmp_path / "m", *tiny, "--json", input=content)
    assert trained.exit_code == 0, trained.stderr
    assert json.loads(trained.stdout)["data"]["name"] == "-"
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in objects(made_rows(80))))
    evaluated = cli("evaluate", tmp_path / "m", tmp_path / "t.jsonl", "--json")
    assert evaluated.exit_code == 0 and "the very data" in evaluated.stderr, evaluated.stderr


def test_the_splits_of_a_data_set_are_the_parts_unless_others_are_asked_for(
    train_tiny: Trainer, tmp_path: Path
) -> None:
    def table(rows: Rows, known: bool = True) -> Any:
        labels = [("negative", "positive").index(label) if known else -1 for _, label in rows]
        return table_of({"review": [text for text, _ in rows], "label": labels}, {"label": ("negative", "positive")})

    train, valid, test = made_rows(100), made_rows(24, seed=1), made_rows(30, seed=2)
    whole = save_for_hub(tmp_path / "a", {"train": table(train), "validation": table(valid), "test": table(test)})
    split = train_tiny(whole, tmp_path / "m")["split"]
    assert (split["train"], split["valid"], split["test"]) == (100, 24, 30)
    assert split["how"] == "by the splits of the data set"
    secret = save_for_hub(
        tmp_path / "b", {"train": table(train), "validation": table(valid), "test": table(test, False)}
    )
    assert train_tiny(secret, tmp_path / "n")["split"]["test"] == 24
    asked = train_tiny(whole, tmp_path / "o", split=0.5)["split"]
    assert asked["train"] + asked["valid"] + asked["test"] == 154 and 70 < asked["test"] < 84
