"""Rows of a table in the corpus, with their answers as a task reads them, and the parts that the data name."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.errors import ColumnError, OptionError
from recurra.many_to_one.columns import TARGET
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.rows import parts_as_named, read_rows
from recurra.many_to_one.options import RowOptions
from recurra.tasks.classify.options import ClassifyOptions
from recurra.terminal.progress import Reporter

QUIET = Reporter(quiet=True)


class NumberRows(RowOptions):
    """Rows with a number each."""

    target: str | None = None


def read(folder: Path, content: str, options: Any, **how: Any) -> tuple[Corpus, Any, list[str | None]]:
    path = folder / "rows.csv"
    path.write_text(content, encoding="utf-8")
    corpus = Corpus(folder)
    try:
        opened, named = read_rows(corpus, str(path), options, QUIET, rejects=folder / "rejects", **how)
    except BaseException:
        corpus.close()
        raise
    corpus.seal()
    return corpus, opened, named


def test_answers_are_read_with_their_row_and_column(tmp_path: Path) -> None:
    seen: list[tuple[str | None, int, str]] = []

    def number(cell: str | None, row: int, name: str) -> str | None:
        seen.append((cell, row, name))
        return None if cell == "-" else cell

    corpus, opened, named = read(tmp_path, "review,stars\na b,1\nc,-\nd,3\n", NumberRows(), answer=TARGET, read=number)
    with corpus:
        assert seen == [("1", 1, "stars"), ("-", 2, "stars"), ("3", 3, "stars")]
        assert (opened.text, opened.label) == ("review", "stars")
        assert corpus.label_names == ["1", "3"]
        assert corpus.sources.tolist() == [1, 3]
        assert named == [None, None]


def test_named_parts_are_taken_without_repeats_of_training(tmp_path: Path) -> None:
    rows = ["a,x,train", "b,y,train", "A,x,test", "c,y,test", "b ,x,dev", "d,y,valid"]
    options = ClassifyOptions(split_column="part")
    corpus, _, named = read(tmp_path, "text,label,part\n" + "\n".join(rows) + "\n", options)
    with corpus:
        parts = parts_as_named(corpus, named, options, 0)
    assert np.flatnonzero(parts.train).tolist() == [0, 1]
    assert np.flatnonzero(parts.test).tolist() == [3]
    assert np.flatnonzero(parts.valid).tolist() == [5]
    assert parts.leaked == 1
    assert "'part'" in parts.how


@pytest.mark.parametrize(("part", "message"), [("later", "row 2 holds 'later'"), ("train", "0 held out")])
def test_a_part_that_is_none_or_missing_is_refused(tmp_path: Path, part: str, message: str) -> None:
    options = ClassifyOptions(split_column="part")
    corpus, _, named = read(tmp_path, f"text,label,part\na,x,train\nb,y,{part}\n", options)
    with corpus, pytest.raises(OptionError, match=message):
        parts_as_named(corpus, named, options, 0)


def test_the_column_that_is_missing_is_named_by_its_option(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match=r"--text COL --target COL"):
        read(tmp_path, "a,b,c\n1,2,3\n", NumberRows(), answer=TARGET)


TASKS = {"multilabel": ("--label", "fit_multilabel"), "regress": ("--target", "fit_regressor")}
TINY = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--threads", 1, "--split", 0.25)


def _table(path: Path, weights: list[str]) -> Path:
    with path.open("w", newline="") as file:
        rows = [(f"{('poor', 'fine')[n % 2]} film {n}", n % 2, weight) for n, weight in enumerate(weights)]
        csv.writer(file).writerows([("text", "answer", "how much"), *rows])
    return path


@pytest.mark.parametrize("task", TASKS)
def test_the_column_reaches_training_and_the_baseline(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    option, fit = TASKS[task]
    seen: list[Any] = []

    def spied(module: str, name: str, key: str) -> None:
        true = getattr(__import__(module, fromlist=[name]), name)

        def call(*arguments: Any, **more: Any) -> Any:
            seen.append(more[key])
            return true(*arguments, **more)

        monkeypatch.setattr(f"{module}.{name}", call)

    spied(f"recurra.tasks.{task}.learn.fit", fit, "sample_weight")
    baseline = "fit_baseline" if task == "multilabel" else "fit_ridge_baseline"
    spied(f"recurra.tasks.{task}.learn.trainer", baseline, "weights")
    weights = [1 + n % 5 / 2 for n in range(100)]
    data = _table(tmp_path / "rows.csv", list(map(str, weights)))
    arguments = ("train", data, "--task", task, "--text", "text", option, "answer", "--out", tmp_path / "m", *TINY)
    result = cli(*arguments, "--weight", "how much")
    assert result.exit_code == 0, result.stderr
    assert [given.tolist() for given in seen] == [weights, weights]
    for given, words in (("answer", "it holds the texts, their answers or a feature"), ("hwo much", "Did you mean")):
        result = cli(*arguments, "--overwrite", "--weight", given)
        assert result.exit_code == 2 and words in result.stderr
    _table(tmp_path / "rows.csv", ["1"] * 99 + ["0"])
    result = cli(*arguments, "--overwrite", "--weight", "how much")
    assert result.exit_code == 1 and "holds '0' in row 100, which is no weight" in result.stderr
