"""Rows are divided by groups and by time in every task that learns from rows: nothing is on both sides."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.errors import DataError, OptionError
from recurra.many_to_one.learn.division import divide
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import get_task
from recurra.terminal.progress import Reporter
from recurra.training.trainer import RunContext

HEADER = ("text", "label", "author", "date")
ANSWERS: dict[str, dict[str, str]] = {
    "classify": {"text": "text", "label": "label"},
    "multilabel": {"text": "text", "label": "label"},
    "regress": {"text": "text", "target": "label"},
}


def _table(path: Path, rows: int = 240, seed: int = 0) -> Path:
    rng = np.random.default_rng(seed)
    made: list[tuple[Any, ...]] = []
    for row in range(rows):
        text = made[-1][0] if row and row % 15 == 0 else f"word{rng.integers(9)} text {row}"
        author = "" if row % 40 == 7 else f"a{row // 6 + rng.integers(3)}"
        date = f"2024-{1 + row // 20:02d}-{1 + row % 20:02d}"
        made.append((text, rng.integers(1, 4), author, date))
    rng.shuffle(made)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *made])
    return path


def _divided(data: Path, task: str, **options: Any) -> tuple[Any, list[dict[str, str]]]:
    """Return the parts, and the rows of the corpus as the file has them."""
    chosen = task_options({"task": task, **ANSWERS[task], **options})
    context = RunContext(str(data), data.parent, data.parent / "rejects", Reporter(quiet=True))
    with data.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with get_task(task).trainer()(chosen, context) as trainer:
        trainer.read()
        return trainer._parts, [rows[source - 1] for source in trainer._corpus.sources]  # type: ignore[attr-defined]


@pytest.mark.parametrize("task", ANSWERS)
def test_no_group_and_no_text_is_in_two_parts(tmp_path: Path, task: str) -> None:
    parts, rows = _divided(_table(tmp_path / "rows.csv"), task, group="author", valid=0.2, split=0.2)
    for column in ("author", "text"):
        cells = np.array([row[column] for row in rows], dtype=object)
        sides = [set(cells[mask]) - {""} for mask in (parts.train, parts.valid, parts.test)]
        assert all(sides) and not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2]), column
    assert (parts.train | parts.valid | parts.test).all()
    assert abs(parts.test.mean() - 0.2) < 0.05 and abs(parts.valid.sum() / (~parts.test).sum() - 0.2) < 0.06
    counts = parts.counts()
    assert counts["group"]["column"] == "author" and min(counts["group"][p] for p in ("train", "valid", "test")) > 1
    assert "whole groups of 'author'" in counts["how"] and "6 rows without a cell" in counts["how"]


@pytest.mark.parametrize("task", ANSWERS)
@pytest.mark.parametrize("group", [None, "author"])
def test_the_oldest_train_and_the_newest_are_held_out(tmp_path: Path, task: str, group: str | None) -> None:
    parts, rows = _divided(
        _table(tmp_path / "rows.csv"), task, split_by_time="date", group=group, valid=0.2, split=0.25
    )
    dates = np.array([row["date"] for row in rows], dtype="datetime64[D]")
    assert dates[parts.train].max() < dates[parts.valid].min() <= dates[parts.valid].max() < dates[parts.test].min()
    for column in ("text", *([group] if group else [])):
        cells = np.array([row[column] for row in rows], dtype=object)
        learnt = set(cells[parts.train | parts.valid]) - {""}
        assert not learnt & set(cells[parts.test]), column
    ends = parts.counts()["time"]
    assert ends["train"] == ["2024-01-01", str(dates[parts.train].max())]
    assert ends["test"][1] == "2024-12-20" and parts.leaked > 0
    newest = dates >= np.datetime64(ends["test"][0])
    assert abs(newest.mean() - 0.25) < 0.02 and parts.leaked == newest.sum() - parts.test.sum()
    assert f"{parts.leaked:,} held-out row" in parts.how


def test_a_file_of_held_out_rows_keeps_them_and_tells_of_groups_on_both_sides(tmp_path: Path) -> None:
    data, other = _table(tmp_path / "rows.csv"), _table(tmp_path / "other.csv", 60, seed=5)
    chosen = task_options({"task": "classify", **ANSWERS["classify"], "group": "author", "test": str(other)})
    context = RunContext(str(data), tmp_path, tmp_path / "rejects", Reporter(quiet=True))
    with get_task("classify").trainer()(chosen, context) as trainer:
        trainer.read()
        parts, corpus = trainer._parts, trainer._corpus  # type: ignore[attr-defined]
        codes = corpus.beside["author"].codes
    assert "that training has rows of too, since the data say which rows are held out" in parts.how
    assert not set(codes[parts.valid].tolist()) & set(codes[parts.train].tolist()) - {-1}


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"group": "autor"}, OptionError, "Did you mean 'author'"),
        ({"group": "label"}, OptionError, "the column holds the texts or their answers"),
        ({"split_by_time": "text"}, OptionError, "the column holds the texts"),
        ({"split_by_time": "author"}, DataError, "has no time .6 rows have none"),
        ({"split_by_time": "date", "test": "x.csv"}, OptionError, "both say which rows are held out"),
        ({"split_by_time": "date", "split_column": "x"}, OptionError, "both say which rows are held out"),
    ],
)
def test_what_cannot_divide_rows_is_refused(
    tmp_path: Path, options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        _divided(_table(tmp_path / "rows.csv"), "classify", **options)


def test_without_groups_or_times_rows_are_drawn_as_the_task_draws_them() -> None:
    from recurra.many_to_one.corpus import Corpus

    asked: list[tuple[int, float, int, bool]] = []

    def hold_out(rows: Any, share: float, seed: int, to_validate: bool) -> Any:
        asked.append((len(rows), share, seed, to_validate))
        return np.arange(len(rows)) < 10

    with Corpus() as corpus:
        for number in range(100):
            corpus.add(f"text {number}", "ab"[number % 2])
        corpus.seal()
        options = task_options({"task": "classify", "split": 0.1, "valid": 0.1, "seed": 3})
        parts = divide(corpus, [None] * 100, options, hold_out, corpus.labels, "label")
    assert asked == [(100, 0.1, 3, False), (90, 0.1, 4, True)]
    assert [int(mask.sum()) for mask in (parts.train, parts.valid, parts.test)] == [80, 10, 10]


def test_a_command_line_trains_by_groups(
    cli: Callable[..., Any], tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    data = _table(tmp_path / "rows.csv")
    tiny = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--threads", 1, "--no-baseline", "--json")
    columns = ("--text", "text", "--label", "label", "--out", tmp_path / "m")
    result = cli("train", data, *columns, "--group", "author", *tiny)
    found = only_json(result.stdout)
    assert found["split"]["group"]["column"] == "author" and found["config"]["group"] == "author"
    assert "whole groups of" in (tmp_path / "m" / "report.html").read_text()
    assert "whole groups of" in (tmp_path / "m" / "README.md").read_text()
