"""How much each column beside the texts counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import recurra
from recurra import SequenceClassifier
from recurra.errors import OptionError
from recurra.many_to_one.learn.importance import REPEATS, THE_TEXT, importance
from support.column_rows import SMALL


def test_the_column_that_says_the_label_counts_and_noise_does_not() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "text": [" ".join(rng.choice(["a", "table", "of", "town"], 4)) + f" {n}" for n in range(240)],
            "price": rng.normal(size=240),
            "noise": rng.choice(["x", "y", "z"], 240),
        }
    )
    labels = np.where(rows["price"] > 0, "dear", "cheap")
    options: dict[str, Any] = {**SMALL, "epochs": 6, "learning_rate": 0.05}
    fitted = SequenceClassifier(text="text", features=["price", "noise"], **options).fit(rows[:180], labels[:180])
    held_out, truth = rows[180:].reset_index(drop=True), (labels[180:] == "dear").astype(int)
    assert (fitted.predict(held_out) == labels[180:]).mean() > 0.85

    def accuracy(answers: np.ndarray[Any, Any], chosen: np.ndarray[Any, Any]) -> float:
        return float((answers.argmax(axis=1) == truth[chosen]).mean())

    found = importance(fitted._model, held_out.to_dict("records"), accuracy, measure="accuracy", seed=0)
    loss = {one["name"]: one["loss"] for one in found["columns"]}
    assert list(loss) == ["price", "noise", THE_TEXT] and found["rows"] == 60 and REPEATS > 1
    assert loss["price"] > 0.25 > 0.1 > abs(loss["noise"])


def test_an_estimator_with_features_is_saved_and_loaded(tmp_path: Any) -> None:
    rows = pd.DataFrame({"body": ["a b", "c d", "b c", "a d"] * 8, "zip": [1, 2, 1, 2] * 8, "y": ["u", "v"] * 16})
    fitted = SequenceClassifier(text="body", features=["zip:category"], **SMALL).fit(rows, rows["y"])
    wanted = fitted.predict_proba(rows)
    fitted.save(tmp_path / "model")
    model: Any = recurra.load(tmp_path / "model")
    np.testing.assert_allclose(model.predict_proba(rows), wanted, atol=1e-6)
    np.testing.assert_allclose(model.predict_proba(rows.to_dict("records")), wanted, atol=1e-6)
    assert model.tokenizer.features.features[0].kind == "category"
    with pytest.raises(OptionError, match="no column 'zip'"):
        fitted.predict(rows[["body"]])
    with pytest.raises(OptionError, match="text must name"):
        SequenceClassifier(features=["zip"], **SMALL).fit(rows, rows["y"])
    with pytest.raises(OptionError, match="named twice"):
        SequenceClassifier(text="body", features=["body"], **SMALL).fit(rows, rows["y"])
    with pytest.raises(OptionError, match="unlabelled"):
        SequenceClassifier(text="body", features=["zip"], **SMALL).fit(rows, rows["y"], unlabelled=rows)
