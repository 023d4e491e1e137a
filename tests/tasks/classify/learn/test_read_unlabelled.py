"""The file of --unlabelled: which column and how it is read, and files that cannot be used, through the command."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars
import pytest

from support.commands import made_rows

TINY = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--threads", 1, "--precision", "fp32", "--no-baseline")

Train = Callable[..., Any]


@pytest.fixture
def run(cli: Callable[..., Any], reviews: Path, tmp_path: Path) -> Train:
    """Train on the reviews and a file of further texts; return the result of the command."""

    def train(unlabelled: object, *more: object) -> Any:
        words = ("train", reviews, "--unlabelled", unlabelled, "--out", tmp_path / "m", *TINY, "--json", *more)
        return cli(*words)

    return train


def table(path: Path, header: Sequence[str], texts: Sequence[str], delimiter: str = ",") -> Path:
    """A table with the texts in its last column and numbers in the others."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows([*range(len(header) - 1), text] for text in texts)
    return path


MORE = [text for text, _ in made_rows(40, seed=7)]


@pytest.mark.parametrize(
    ("header", "options"),
    [
        (("id", "review"), ()),  # the labelled table's name
        (("review", "x", "notes"), ("--unlabelled-text", "notes")),
        (("id", "comment"), ()),  # another usual name
        (("words",), ()),  # a lone column
    ],
)
def test_the_column_is_the_labelled_one_or_guessed_or_named(
    run: Train, tmp_path: Path, header: tuple[str, ...], options: tuple[str, ...]
) -> None:
    result = run(table(tmp_path / "more.csv", header, MORE), *options)
    assert result.exit_code == 0, result.stderr
    read = json.loads(result.stdout)["data"]["unlabelled"]
    assert (read["text"], read["rows"], read["used"], read["name"]) == (header[-1], 40, 40, str(tmp_path / "more.csv"))


@pytest.mark.parametrize("suffix", ["txt", "jsonl", "parquet", "csv"])
def test_any_readable_table_will_do(run: Train, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"more.{suffix}"
    if suffix == "txt":
        path.write_text("\n".join(MORE) + "\n")
    elif suffix == "jsonl":
        path.write_text("".join(json.dumps({"review": text}) + "\n" for text in MORE))
    elif suffix == "parquet":
        polars.DataFrame({"review": MORE}).write_parquet(path)
    else:
        table(path, ("id", "review"), MORE)
    result = run(path)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["data"]["unlabelled"]["used"] == 40


def test_the_options_of_reading_are_for_both_files(run: Train, reviews: Path, tmp_path: Path, cli: Any) -> None:
    rows = [row.split(",") for row in reviews.read_text().splitlines()]
    reviews.write_text("\n".join(";".join(row) for row in rows) + "\n")
    result = run(table(tmp_path / "more.csv", ("id", "review"), MORE, ";"), "--delimiter", ";")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["data"]["unlabelled"]["used"] == 40


def test_labels_of_the_file_are_not_read(run: Train, write_csv: Callable[..., Path]) -> None:
    more = write_csv([(text, "perhaps") for text in MORE], "more.csv")
    result = run(more)
    assert result.exit_code == 0, result.stderr
    metrics = json.loads(result.stdout)
    assert metrics["labels"] == ["negative", "positive"] and metrics["data"]["unlabelled"]["used"] == 40


def test_copies_of_rows_are_left_out_and_a_leak_is_told(run: Train, reviews: Path, write_csv: Any) -> None:
    rows = [line.split(",") for line in reviews.read_text(encoding="utf-8").splitlines()[1:]]
    plain = json.loads(run(write_csv([(text, "") for text in MORE], "plain.csv")).stdout)
    more = [text.upper() + "<br />" for text, _ in rows] + MORE + ["", " ", MORE[0]]
    result = run(write_csv([(text, "") for text in more], "more.csv"), "--overwrite")
    metrics = json.loads(result.stdout)
    split, read = metrics["split"], metrics["data"]["unlabelled"]
    assert read["held_out"] == split["test"] + split["valid"] > 0 and read["labelled"] == split["train"]
    assert (read["rows"], read["used"], read["empty"], read["repeats"]) == (243, 40, 2, 1)
    found = [sentence for sentence in metrics["hygiene"]["findings"] if "unlabelled" in sentence]
    assert len(found) == 1 and found[0].startswith(f"{read['held_out']} unlabelled texts repeat a held-out")
    assert not [sentence for sentence in plain["hygiene"]["findings"] if "unlabelled" in sentence]
    for name in ("test", "valid", "train", "temperature", "teacher", "ngrams"):
        assert plain[name] == metrics[name], "texts that are left out change nothing"


def test_report_card_and_inspect_tell_of_them(run: Train, tmp_path: Path, cli: Callable[..., Any]) -> None:
    result = run(table(tmp_path / "more.csv", ("id", "review"), [*MORE, ""]))
    assert result.exit_code == 0, result.stderr
    teacher, student = (json.loads(result.stdout)[name] for name in ("teacher", "valid"))
    told = f"log loss {teacher['valid']['log_loss']:.3f}; the student"
    for name in ("report.html", "README.md"):
        page = (tmp_path / "m" / name).read_text(encoding="utf-8")
        assert "Unlabelled texts" in page and "40 of 41 texts are learnt from; left out: 1 without text." in page
        assert told in page
    words = " ".join(cli("inspect", tmp_path / "m").stdout.split())
    assert "40 of 41 texts" in words and f"log loss {student['log_loss']:.3f}." in words
    assert "Teacher:" in result.stderr and "Student:" in result.stderr


def test_the_training_file_with_rows_that_were_not_drawn(run: Train, reviews: Path) -> None:
    result = run(reviews, "--rows", 100)
    assert result.exit_code == 0, result.stderr
    read = json.loads(result.stdout)["data"]["unlabelled"]
    assert (read["rows"], read["used"], read["held_out"] + read["labelled"]) == (200, 100, 100)


def test_files_that_cannot_be_used_are_refused_in_words(
    run: Train, reviews: Path, tmp_path: Path, cli: Callable[..., Any], write_csv: Callable[..., Path]
) -> None:
    wide = table(tmp_path / "wide.csv", ("id", "n", "words"), MORE)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text("review,sentiment\n")
    blank = table(tmp_path / "blank.csv", ("id", "review"), ["", " ", "<br/>"])
    before = sorted(path.name for path in tmp_path.iterdir())
    for words, expected in (
        ((reviews,), "no text is left to learn from. Left out: "),
        ((tmp_path / "header.csv",), "but no rows after it"),
        ((blank,), "Left out: 3 without text."),
        ((wide,), "Name it with `--unlabelled-text COL`"),
        ((wide, "--unlabelled-text", "word"), "There is no column 'word' (--unlabelled-text). Did you mean 'words'?"),
        ((tmp_path / "empty.csv",), "empty.csv"),
        ((tmp_path / "no.csv",), "no.csv"),
        ((tmp_path,), str(tmp_path)),
    ):
        result = run(*words)
        assert result.exit_code == 2 or result.exit_code == 1, (words, result.exit_code, result.stderr)
        message = " ".join(result.stderr.split())
        assert expected in message and "Traceback" not in message, message
        assert sorted(path.name for path in tmp_path.iterdir()) == before
    result = cli("train", reviews, "--out", tmp_path / "m", "--unlabelled-text", "review", *TINY)
    assert result.exit_code != 0 and "give --unlabelled" in " ".join(result.stderr.split())


def test_the_option_goes_with_classifiers(cli: Callable[..., Any], reviews: Path, tmp_path: Path) -> None:
    result = cli("train", reviews, "--task", "generate", "--unlabelled", reviews, "--out", tmp_path / "m")
    assert result.exit_code != 0 and "--unlabelled does not go with --task generate" in result.stderr
