"""`POST /predict`: labels, probabilities and thresholds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recurra.tasks.multilabel.model import MultilabelClassifier
from support.labelled import LABELS

Asked = Callable[..., tuple[int, Any]]
TEXTS = ["bread and a song", "zzzz", ""]


def test_labels_probabilities_and_thresholds(asked: Asked, model: MultilabelClassifier) -> None:
    status, found = asked("/predict", {"inputs": TEXTS, "top": 2})
    assert status == 200 and len(found["outputs"]) == 3
    for output, labels, chances in zip(found["outputs"], model.predict(TEXTS), model.predict_proba(TEXTS), strict=True):
        assert output["labels"] == labels
        assert list(output["probabilities"]) == LABELS == list(output["thresholds"])
        assert list(output["probabilities"].values()) == pytest.approx(chances.tolist(), abs=1e-6)
        assert list(output["thresholds"].values()) == model.thresholds.tolist()
        assert len(output["top"]) == 2
    assert [output["nothing_known"] for output in found["outputs"]] == [False, True, True]


def test_another_threshold_for_one_request(asked: Asked, model: MultilabelClassifier) -> None:
    _, found = asked("/predict", {"inputs": TEXTS[:1], "threshold": 0.0001})
    assert set(found["outputs"][0]["labels"]) == set(LABELS) and set(found["outputs"][0]["thresholds"].values()) == {
        1e-4
    }
    _, found = asked("/predict", {"inputs": TEXTS[:1]})
    assert found["outputs"][0]["thresholds"]["food"] == model.thresholds[0]
    status, found = asked("/predict", {"inputs": TEXTS[:1], "threshold": 1.0})
    assert status == 422 and "threshold" in found["error"]["message"]
