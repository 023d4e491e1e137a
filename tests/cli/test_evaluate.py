"""`recurra evaluate` of several models: the same rows for all, a table, a verdict, and refusals."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recurra
from recurra.evaluation.label_comparison import compare_micro_f1
from recurra.evaluation.significance import mcnemar
from support.labelled import LABELS, labelled_rows, write_labelled
from support.regressors import rated, write_rated, write_regressor
from support.tampered_models import copied, edit_manifest
from support.written_models import MODELS


def test_two_classifiers_are_judged_on_the_same_rows(
    cli: Callable[..., Any],
    trained: tuple[Path, Any],
    rows: Callable[..., Any],
    write_csv: Callable[..., Path],
    only_json: Callable[[str], dict[str, Any]],
    tmp_path: Path,
) -> None:
    texts = rows(61, seed=9)
    data, out = write_csv([*texts, ("good", "neutral")]), tmp_path / "d.csv"
    result = cli("evaluate", trained[0], MODELS / "classify", data, "--differences", out, "--json")
    found = only_json(result.stdout)
    truth = np.array([label for _, label in texts])
    models = [recurra.load(trained[0], task="classify"), recurra.load(MODELS / "classify", task="classify")]
    answers = [model.predict([text for text, _ in texts]) for model in models]
    expected = mcnemar(answers[0] == truth, answers[1] == truth)
    assert found["rows"] == 61 and [model["name"] for model in found["models"]] == [trained[0].name, "classify"]
    assert [model["accuracy"] for model in found["models"]] == [(given == truth).mean() for given in answers]
    (pair,) = found["pairs"]
    assert (pair["p_value"], pair["difference_ci95"]) == (expected["p_value"], expected["difference_ci95"])
    assert (pair["first_better"], pair["second_better"]) == (expected["only_model"], expected["only_baseline"])
    assert "not all of the models know their label: 'neutral'" in result.stderr
    alone = only_json(cli("evaluate", trained[0], data, "--json").stdout)
    assert found["models"][0]["scores"] == alone
    with out.open(newline="") as file:
        header, *written = csv.reader(file)
    assert len(written) == 61 - pair["same_answer"] > 0 and header[-2:] == [trained[0].name, "classify"]
    for row, text, label, *given in written:
        place = int(row) - 1
        assert (text, label, given) == (*texts[place], [answers[0][place], answers[1][place]])
    shown = cli("evaluate", trained[0], MODELS / "classify", data)
    assert found["verdict"] in shown.stdout and "Macro F1" in shown.stdout and "answer" in shown.stdout


def test_models_of_labels_and_of_numbers(
    cli: Callable[..., Any],
    labelled_model: tuple[Path, Any],
    tmp_path: Path,
    only_json: Callable[[str], dict[str, Any]],
) -> None:
    texts = labelled_rows(80, seed=4)
    data = write_labelled(tmp_path / "topics.csv", texts)
    other = tmp_path / "other"
    copied(labelled_model[0], other)
    strict = {"thresholds": [0.999] * len(LABELS)}  # it gives hardly any label
    edit_manifest(other, lambda plain: plain | {"metrics": plain["metrics"] | strict})
    found = only_json(cli("evaluate", labelled_model[0], other, data, "--json").stdout)
    truth = np.array([[label in labels for label in LABELS] for _, labels in texts])
    model = recurra.load(labelled_model[0], task="multilabel")
    chances = model.predict_proba([text for text, _ in texts])[:, [model.classes_.tolist().index(x) for x in LABELS]]
    given = chances >= model.thresholds[[model.classes_.tolist().index(label) for label in LABELS]]
    expected = compare_micro_f1([given], [chances >= 0.999], truth)
    assert found["pairs"][0]["difference"] == pytest.approx(expected["difference"])
    assert found["best"] == "model" and found["pairs"][0]["better"] == "model"

    one, two = write_regressor(tmp_path / "one"), write_regressor(tmp_path / "two", unknown_rate=0.1)
    numbers = write_rated(tmp_path / "numbers.csv", 30)
    options = ("--text", "review", "--target", "stars")
    found = only_json(cli("evaluate", one, two, numbers, *options, "--json").stdout)
    values = recurra.load(one, task="regress").predict(rated(30)[0])
    assert found["models"][0]["mae"] == pytest.approx(np.abs(values - rated(30)[1]).mean())
    assert found["verdict"] == "one and two give the same answer to each of the 30 rows."
    assert "RMSE" in cli("evaluate", one, two, numbers, *options).stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("classify", "classify", "{data}"), "named twice"),
        (("classify", "tag", "{data}"), "of the task tag, and"),
        (("classify", "regress"), "no data are named"),
        (("generate", "{copy}", "{data}"), "cannot be judged together"),
        (("classify", "{data}", "--differences", "d.csv"), "is of several models"),
    ],
)
def test_what_cannot_be_compared(
    cli: Callable[..., Any],
    reviews: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(MODELS / "generate", tmp_path / "copy")
    named = {"{data}": str(reviews), "{copy}": "copy"}
    given = [named.get(x) or (MODELS / x if (MODELS / x).is_dir() else x) for x in arguments]
    result = cli("evaluate", *given)
    assert (result.exit_code, words in result.stderr) == (2, True), result.stderr
