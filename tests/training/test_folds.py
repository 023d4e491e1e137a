"""Cross-validation: a model for each fold, and one of all rows."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.cli.train import train
from recurra.errors import DataError, InterruptedTraining, OptionError, OutputError
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import get_task
from recurra.terminal.progress import Reporter
from recurra.training import folds as module
from recurra.training.run import out_of_fold
from recurra.training.split import Fold

TINY = {"hidden": 4, "embedding": 4, "epochs": 1, "threads": 1, "quantise": "never", "folds": 3}
TASKS: dict[str, dict[str, Any]] = {
    "classify": {"label": "label"},
    "multilabel": {"label": "topics", "separator": ";"},
    "regress": {"target": "stars"},
}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """96 rows of which some share a text, with a label, topics, a number and an author each."""
    rng, rows = np.random.default_rng(5), []
    for row in range(96):
        good = int(rng.integers(0, 4))
        text = rows[-1][0] if row % 16 == 15 else f"{'good ' * good}{'bad ' * (3 - good)}w{row}"
        topics = ";".join(name for name, has in (("up", good > 1), ("down", good < 2), ("odd", row % 2)) if has)
        rows.append((text, "pos" if good > 1 else "neg", topics, good, f"a{row % 12}"))
    path = tmp_path_factory.mktemp("folds") / "rows.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("text", "label", "topics", "stars", "author"), *rows])
    return path


def run(data: Path, out: Path, task: str, *, resume: bool = False, overwrite: bool = False, **more: Any) -> Any:
    options = task_options({"task": task, "text": "text", **TASKS[task], **TINY, **more})
    return train(str(data), out, options, resume=resume, overwrite=overwrite, reporter=Reporter(quiet=True))


@pytest.mark.parametrize("task", TASKS)
def test_every_row_is_answered_once_by_a_model_that_has_not_seen_its_text(
    table: Path, tmp_path: Path, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, learnt = get_task(task).trainer(), []
    fit = trainer.fit

    def watched(self: Any, control: Any) -> Any:
        rows = np.flatnonzero(self._parts.train | self._parts.valid)
        learnt.append({self._corpus.texts[int(row)] for row in rows})
        return fit(self, control)

    monkeypatch.setattr(trainer, "fit", watched)
    metrics = run(table, tmp_path / "m", task)
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with out_of_fold(tmp_path / "m").open(newline="") as file:
        answers = list(csv.DictReader(file))
    assert [int(answer["row"]) for answer in answers] == list(range(1, 97))
    for answer in answers:
        row, fold = rows[int(answer["row"]) - 1], int(answer["fold"]) - 1
        assert row["text"] not in learnt[fold]
        if task == "classify":
            assert answer["truth"] == row["label"]
            assert float(answer["p_neg"]) + float(answer["p_pos"]) == pytest.approx(1, abs=1e-5)
        elif task == "multilabel":
            assert set(json.loads(answer["truth"])) == set(row["topics"].split(";")) - {""}
        else:
            assert float(answer["truth"]) == float(row["stars"]) and float(answer["lo"]) <= float(answer["hi"])
    assert learnt[3] == {row["text"] for row in rows} and len(learnt) == 4  # the model itself has all

    found = metrics["folds"]
    assert metrics["test"]["rows"] == 96 == sum(each["rows"] for each in found["each"])
    if task == "classify":
        right = [answer["truth"] == answer["answer"] for answer in answers]
        assert metrics["test"]["accuracy"] == pytest.approx(np.mean(right))
        by_fold = [np.mean([r for r, a in zip(right, answers, strict=True) if a["fold"] == f]) for f in "123"]
        assert found["scores"]["accuracy"]["values"] == pytest.approx(by_fold)
        assert found["scores"]["accuracy"]["mean"] == pytest.approx(np.mean(by_fold))
        assert found["scores"]["accuracy"]["sd"] == pytest.approx(np.std(by_fold, ddof=1))
        assert metrics["baseline"]["accuracy"] == pytest.approx(
            np.average(found["baseline"]["accuracy"]["values"], weights=[each["rows"] for each in found["each"]])
        )
    report = (tmp_path / "m" / "report.html").read_text()
    assert "The folds" in report and "Standard deviation" in report
    with pytest.raises(OutputError, match=r"m\.folds\.csv exists already|already holds a model"):
        run(table, tmp_path / "m", task)


def test_a_run_that_is_stopped_goes_on_after_the_folds_that_were_done(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(table, tmp_path / "whole", "classify", baseline=False)
    fold, done = module._fold, []

    def stopped(final: Any, options: Any, which: Fold, control: Any) -> Any:
        if which.number == 2 and len(done) == 2:
            done.append(-1)
            raise InterruptedTraining("Stopped.")
        answers = fold(final, options, which, control)
        done.append(which.number)
        return answers

    monkeypatch.setattr(module, "_fold", stopped)
    with pytest.raises(InterruptedTraining):
        run(table, tmp_path / "m", "classify", baseline=False)
    assert not (tmp_path / "m").exists() and not out_of_fold(tmp_path / "m").exists()
    trainer, fitted = get_task("classify").trainer(), []
    fit = trainer.fit
    monkeypatch.setattr(
        trainer, "fit", lambda self, control: fitted.append(self.context.fold.number) or fit(self, control)
    )
    again = run(table, tmp_path / "m", "classify", baseline=False, resume=True)
    assert fitted == [2, 3]
    for name in ("folds", "test"):
        assert again[name] == whole[name]
    assert (tmp_path / "m" / "weights.safetensors").read_bytes() == (
        tmp_path / "whole" / "weights.safetensors"
    ).read_bytes()


def test_groups_stay_together(table: Path, tmp_path: Path) -> None:
    metrics = run(table, tmp_path / "m", "classify", group="author", baseline=False)
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with out_of_fold(tmp_path / "m").open(newline="") as file:
        answers = list(csv.DictReader(file))
    folds_of: dict[str, set[str]] = {}
    for answer in answers:
        folds_of.setdefault(rows[int(answer["row"]) - 1]["author"], set()).add(answer["fold"])
    assert all(len(folds) == 1 for folds in folds_of.values()) and metrics["test"]["rows"] == 96


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"split": 0.2}, "--split says which rows are held out"),
        ({"test": "t.csv"}, "--test says which"),
        ({"split_by_time": "when"}, "--split-by-time says which"),
        ({"folds": 1}, "at least 2"),
        ({"folds": 96}, "Give fewer folds, or more rows"),
    ],
)
def test_what_does_not_go_with_folds(table: Path, tmp_path: Path, more: dict[str, Any], words: str) -> None:
    with pytest.raises((OptionError, DataError), match=words):
        run(table, tmp_path / "m", "classify", **more)
    assert not list(tmp_path.iterdir())


def test_the_command_tells_of_the_folds(
    cli: Callable[..., Any], table: Path, tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    out = tmp_path / "m"
    words = [
        "train",
        table,
        "--label",
        "label",
        "--out",
        out,
        "--folds",
        2,
        "--epochs",
        1,
        "--hidden",
        4,
        "--no-baseline",
    ]
    result = cli(*words)
    assert result.exit_code == 0, result.stderr
    assert "Fold 2 of 2: 48 rows held out, accuracy" in result.stderr
    assert "Folds: 2, with a mean accuracy of" in result.stdout and "m.folds.csv" in result.stdout
    refused = cli("tune", table, "--label", "label", "--out", tmp_path / "t", "--folds", 2)
    assert refused.exit_code == 2
