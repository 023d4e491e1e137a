"""`recurra evaluate`: scikit-learn's numbers; rows that cannot be judged and labels that are not known are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

import recurra
from recurra.errors import LabelError
from recurra.tasks.multilabel.evaluate import evaluate, unknown_labels_sentence
from recurra.tasks.multilabel.model import MultilabelClassifier
from recurra.tasks.multilabel.options import EvaluateOptions
from support.labelled import LABELS, Told, labelled_rows, write_indicators, write_labelled

ROWS = labelled_rows(80, seed=11)


@pytest.fixture
def model(labelled_model: tuple[Path, Any]) -> MultilabelClassifier:
    return recurra.load(labelled_model[0], task="multilabel")


def truth() -> np.ndarray:
    return np.array([[label in labels for label in LABELS] for _, labels in ROWS])


@pytest.mark.parametrize("threshold", [None, 0.3])
def test_the_figures_are_those_of_the_models_answers(
    model: MultilabelClassifier, tmp_path: Path, threshold: float | None
) -> None:
    found = evaluate(model, str(write_labelled(tmp_path / "t.csv", ROWS)), EvaluateOptions(threshold=threshold), Told())
    chances = model.predict_proba([text for text, _ in ROWS])
    cuts = model.thresholds if threshold is None else 0.3
    assert found["rows"] == 80 and found["left_out_rows"] == 0
    assert found["micro_f1"] == pytest.approx(f1_score(truth(), chances >= cuts, average="micro"))
    assert found["macro_average_precision"] == pytest.approx(average_precision_score(truth(), chances))
    assert [row["threshold"] for row in found["per_label"]] == pytest.approx(np.broadcast_to(cuts, 4).tolist())


def test_columns_of_yes_and_no_are_judged_alike(model: MultilabelClassifier, tmp_path: Path) -> None:
    cells = evaluate(model, str(write_labelled(tmp_path / "t.csv", ROWS)), EvaluateOptions(), Told())
    columns = evaluate(
        model, str(write_indicators(tmp_path / "u.csv", ROWS)), EvaluateOptions(labels=",".join(LABELS)), Told()
    )
    assert cells == columns


def test_rows_and_labels_that_do_not_count_are_told(model: MultilabelClassifier, tmp_path: Path) -> None:
    told = Told()
    rows = [("bread", ["food", "Foood"]), ("", ["food"]), ("a song", ["music"]), ("we saw", [])]
    found = evaluate(model, str(write_labelled(tmp_path / "t.csv", rows)), EvaluateOptions(), told)
    assert (found["rows"], found["left_out_rows"], found["unknown_labels"]) == (3, 1, {"Foood": 1})
    assert found["none_rows"] == 1
    heard = " ".join(told.sentences)
    assert "The model does not know 'Foood' (1 row; did you mean 'food'?): not counted" in heard
    assert "1 rows without a text" in heard


def test_nothing_to_judge(model: MultilabelClassifier, tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"No row of .* has both a text and labels"):
        evaluate(model, str(write_labelled(tmp_path / "t.csv", [("", ["food"])])), EvaluateOptions(), Told())
    other = write_labelled(tmp_path / "u.csv", [("bread", ["wine"]), ("soup", ["beer"])])
    with pytest.raises(LabelError, match=r"the model knows the labels 'food', .*the data have 'wine' \(1 row\)"):
        evaluate(model, str(other), EvaluateOptions(), Told())


def test_the_data_of_training_are_recognised(model: MultilabelClassifier, tmp_path: Path) -> None:
    told = Told()
    evaluate(model, str(write_labelled(tmp_path / "t.csv", labelled_rows(400))), EvaluateOptions(), told)
    assert any("These are the very data" in sentence for sentence in told.sentences)


def test_many_unknown_labels_are_named_in_part() -> None:
    sentence = unknown_labels_sentence({f"l{n:02}": n + 1 for n in range(30)}, ["x"], "no training row has")
    assert sentence.startswith("No training row has 'l29' (30 rows), 'l28' (29 rows)")
    assert "and 10 more: not counted" in sentence
