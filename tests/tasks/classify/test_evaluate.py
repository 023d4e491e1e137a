"""`recurra evaluate`: the same numbers as training found, rows it cannot judge said and left out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

import recurra
from recurra.errors import LabelError
from recurra.tasks.classify.evaluate import evaluate
from recurra.tasks.classify.options import EvaluateOptions
from recurra.terminal.progress import Reporter


def test_json_holds_what_is_promised(
    cli: Callable[..., Any],
    trained: tuple[Path, Any],
    rows: Callable[..., Any],
    write_csv: Callable[..., Path],
    only_json: Callable[[str], dict[str, Any]],
) -> None:
    texts = rows(101, seed=9)
    result = cli("evaluate", trained[0], write_csv(texts), "--json")
    found = only_json(result.stdout)
    assert {"accuracy", "accuracy_ci95", "rows", "log_loss", "ece", "truncated_rows"} <= set(found)
    model = recurra.load(trained[0])
    truth = [label for _, label in texts]
    assert found["rows"] == 101
    assert found["accuracy"] == accuracy_score(truth, model.predict([text for text, _ in texts]))
    expected = log_loss(truth, model.predict_proba([text for text, _ in texts]))
    np.testing.assert_allclose(found["log_loss"], expected, rtol=1e-9)


def test_a_person_sees_a_table(
    cli: Callable[..., Any], trained: tuple[Path, Any], rows: Callable[..., Any], write_csv: Callable[..., Path]
) -> None:
    result = cli("evaluate", trained[0], write_csv(rows(20, seed=9)))
    for words in ("Accuracy", "Macro F1", "ROC AUC", "Log loss", "Brier score", "Calibration error", "95 % interval"):
        assert words in result.stdout
    assert "20 rows, of which 0 were cut" in result.stdout


def test_rows_that_cannot_be_scored_are_counted(
    cli: Callable[..., Any],
    trained: tuple[Path, Any],
    rows: Callable[..., Any],
    write_csv: Callable[..., Path],
    only_json: Callable[[str], dict[str, Any]],
) -> None:
    odd = [("good", "neutral"), ("", "positive"), ("   ", "negative"), ("bad", ""), ("bad", "Positive")]
    result = cli("evaluate", trained[0], write_csv([*rows(20), *odd]), "--json")
    found = only_json(result.stdout)
    assert (found["rows"], found["unknown_label_rows"], found["left_out_rows"]) == (20, 2, 3)
    assert "2 rows are left out, since the model does not know their label: 'neutral' (1 row), " in result.stderr
    assert "'Positive' (1 row; did you mean 'positive'?)" in result.stderr
    assert found["unknown_labels"] == {"neutral": 1, "Positive": 1}
    assert "3 rows without a text or without a label are not counted" in result.stderr


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("good", "1"), ("bad", "0")], "the model knows the labels 'negative', 'positive'; the data have '1'"),
        ([("good", "Positive")], "did you mean 'positive'"),
        ([("good", ""), ("", "positive")], "the data have no labelled row"),
    ],
)
def test_no_row_can_be_scored(
    trained: tuple[Path, Any], write_csv: Callable[..., Path], rows: list[tuple[str, str]], words: str
) -> None:
    with pytest.raises(LabelError, match=words):
        evaluate(recurra.load(trained[0]), str(write_csv(rows)), EvaluateOptions(), Reporter(quiet=True))


def test_one_class_alone_has_no_area_under_the_curve(
    cli: Callable[..., Any], trained: tuple[Path, Any], write_csv: Callable[..., Path]
) -> None:
    data = write_csv([(f"good {i}", "positive") for i in range(12)])
    result = cli("evaluate", trained[0], data, "--json")
    assert (result.exit_code, '"roc_auc": null' in result.stdout) == (0, True)
    assert json.loads(result.stdout)["classes_without_rows"] == ["negative"]
    shown = cli("evaluate", trained[0], data)
    assert shown.exit_code == 0 and "No row has 'negative'" in shown.stdout


def test_rows_of_which_nothing_is_known_are_counted(
    cli: Callable[..., Any], trained: tuple[Path, Any], rows: Callable[..., Any], write_csv: Callable[..., Path]
) -> None:
    odd = [("zzzz qqqq", "positive"), ("!!!", "negative")]
    result = cli("evaluate", trained[0], write_csv([*rows(20), *odd]), "--json")
    found = json.loads(result.stdout)
    assert (found["rows"], found["nothing_known_rows"]) == (22, 2)
    assert "In 2 of 22 rows nothing known was read" in result.stderr
    assert "nothing known" not in cli("evaluate", trained[0], write_csv(rows(20))).stderr


@pytest.mark.parametrize("policy", ["skip", "stop"])
def test_broken_rows_go_into_the_current_folder(
    cli: Callable[..., Any], trained: tuple[Path, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    for name in ("data", "here"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "r.csv").write_text("review,sentiment\ngood,positive\ntoo,many,fields\nbad,negative\n")
    monkeypatch.chdir(tmp_path / "here")
    result = cli("evaluate", trained[0], "../data/r.csv", "--bad-rows", policy, "--json")
    assert os.listdir(tmp_path / "data") == ["r.csv"]
    if policy == "stop":
        assert (result.exit_code, "line 3" in result.stderr, os.listdir()) == (1, True, [])
        return
    assert json.loads(result.stdout)["rows"] == 2
    assert "here/r.csv.rejects" in result.stderr.replace("\n", "")
    assert Path("r.csv.rejects").read_text().splitlines()[1].startswith("3,")


def test_it_knows_the_data_and_the_columns_that_the_model_was_made_from(
    cli: Callable[..., Any],
    train_tiny: Callable[..., Any],
    rows: Callable[..., Any],
    write_csv: Callable[..., Path],
    tmp_path: Path,
) -> None:
    header = ("id", "message", "team")
    texts = [(str(i), *row) for i, row in enumerate(rows(60))]
    data = write_csv(texts, "tickets.csv", header)
    train_tiny(data, tmp_path / "tickets", text="message", label="team")
    same = cli("evaluate", tmp_path / "tickets", data)
    assert same.exit_code == 0, same.stderr
    assert "the very data that the model was trained on" in same.stderr.replace("\n", " ")
    other = cli("evaluate", tmp_path / "tickets", write_csv(texts[:50], "fresh.csv", header))
    assert "50 rows" in other.stdout
    assert "very data" not in other.stderr
