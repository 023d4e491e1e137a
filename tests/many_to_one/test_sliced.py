"""The columns of --slice: which are refused, and the same figures from training and from evaluation."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error

import recurra
from recurra.errors import OptionError
from recurra.many_to_one.sliced import slice_columns
from recurra.options.reading import SliceOptions

COLUMNS = ["text", "label", "land", "a, b"]


def test_columns_are_named_with_commas_between() -> None:
    assert SliceOptions(slice=["land", "a, b"]).slice == 'land,"a, b"'  # as a config file lists them
    assert slice_columns(None, COLUMNS, ()) == []
    assert slice_columns('land, "a, b",land', COLUMNS, ("text", "label")) == ["land", "a, b"]
    for given, words in (("lant", "Did you mean 'land'"), ("label", "given anyway"), (" , ", "names no column")):
        with pytest.raises(OptionError, match=words):
            slice_columns(given, COLUMNS, ("text", "label"))


def _with_columns(source: Path, target: Path) -> list[dict[str, str]]:
    """Copy a CSV with a column of lands and one of numbers beside the others."""
    with source.open(newline="") as file:
        rows = [row | {"land": "xyz"[n % 3], "size": str(n % 40)} for n, row in enumerate(csv.DictReader(file))]
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return rows


def test_a_classifiers_slices_are_those_of_scikit_learn(
    cli: Callable[..., Any],
    trained: tuple[Path, Any],
    reviews: Path,
    tmp_path: Path,
    only_json: Callable[[str], dict[str, Any]],
) -> None:
    rows = _with_columns(reviews, tmp_path / "rows.csv")
    result = cli("evaluate", trained[0], tmp_path / "rows.csv", "--slice", "land,size", "--json")
    columns = only_json(result.stdout)["slices"]["columns"]
    model = recurra.load(trained[0], task="classify")
    truth = np.array([row["sentiment"] for row in rows])
    given = model.predict([row["review"] for row in rows])
    for one in columns["land"]["slices"]:
        mine = np.array([row["land"] == one["name"] for row in rows])
        assert one["rows"] == mine.sum() and one["accuracy"] == accuracy_score(truth[mine], given[mine])
        assert one["macro_f1"] == pytest.approx(f1_score(truth[mine], given[mine], average="macro"))
    assert columns["size"]["ranges"] and sum(one["rows"] for one in columns["size"]["slices"]) == len(rows)
    shown = cli("evaluate", trained[0], tmp_path / "rows.csv", "--slice", "land").stdout
    assert "By land" in shown and "Macro F1" in shown
    several = cli("evaluate", trained[0], tmp_path / "rows.csv", "--slice", "lans")
    assert (several.exit_code, "Did you mean 'land'" in several.stderr) == (2, True)


@pytest.mark.parametrize("task", ["classify", "multilabel", "regress"])
def test_training_has_them_in_figures_report_and_card(
    cli: Callable[..., Any], tmp_path: Path, only_json: Callable[[str], dict[str, Any]], task: str
) -> None:
    rng = np.random.default_rng(1)
    with (tmp_path / "rows.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "answer", "land & sea"])
        for n in range(160):
            bad = n % 4 == 0 and rng.random() < 0.9  # of every fourth row, which is of one land, the answer is noise
            answer = int(rng.integers(0, 2)) if bad else n % 2
            writer.writerow([f"{('poor', 'fine')[n % 2]} film {n}", answer, "<b>noisy</b>" if n % 4 == 0 else "calm"])
    answer = {"classify": "--label", "multilabel": "--label", "regress": "--target"}[task]
    tiny = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--threads", 1, "--no-baseline", "--split", 0.5, "--json")
    out = tmp_path / "m"
    result = cli("train", tmp_path / "rows.csv", "--task", task, "--text", "text", answer, "answer", "--out", out,
                 "--slice", "land & sea", *tiny)  # fmt: skip
    found = only_json(result.stdout)["test"]["slices"]["columns"]["land & sea"]
    assert sorted(one["name"] for one in found["slices"]) == ["<b>noisy</b>", "calm"]
    assert sum(one["rows"] for one in found["slices"]) == only_json(result.stdout)["test"]["rows"]
    report, card = (out / "report.html").read_text(), (out / "README.md").read_text()
    assert "By land &amp; sea" in report and "<b>noisy" not in report and "&lt;b&gt;noisy" in report
    assert "## Slices" in card and "land \\& sea: " in card
    if task == "regress":
        with (tmp_path / "rows.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        judged = only_json(cli("evaluate", out, tmp_path / "rows.csv", "--slice", "land & sea", "--json").stdout)
        values = recurra.load(out, task="regress").predict([row["text"] for row in rows])
        for one in judged["slices"]["columns"]["land & sea"]["slices"]:
            mine = np.array([row["land & sea"] == one["name"] for row in rows])
            truth = np.array([float(row["answer"]) for row in rows])
            assert one["mae"] == pytest.approx(mean_absolute_error(truth[mine], values[mine]))
            assert one["bias"] == pytest.approx((values - truth)[mine].mean())


@pytest.mark.parametrize("task", ["classify", "multilabel", "regress"])
def test_held_out_rows_that_cannot_be_told_apart_are_refused(
    cli: Callable[..., Any], tmp_path: Path, task: str
) -> None:
    rows = [f"film {n},{n % 2},{'xy'[n % 2]}" for n in range(12)]
    (tmp_path / "rows.csv").write_text("\n".join(["text,answer,land", *rows]))
    (tmp_path / "held.csv").write_text("text,answer,lands\nanother,1,x\nmore,0,y\n")
    answer = "--target" if task == "regress" else "--label"
    held = ("--test", tmp_path / "held.csv", "--slice", "land", "--out", tmp_path / "m")
    result = cli("train", tmp_path / "rows.csv", "--task", task, "--text", "text", answer, "answer", *held)
    said = " ".join(result.stderr.split())
    assert result.exit_code and "held.csv: it has no column 'land', by which --slice tells its rows apart." in said
    assert "Did you mean 'lands'" in said and not (tmp_path / "m" / "manifest.json").exists()
