"""Texts one by one: labels, probabilities, and what is said of texts that are not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import recurra
from recurra.tasks.multilabel.predict import predict_texts
from support.labelled import LABELS, Told


def test_each_text_has_its_labels_and_all_probabilities(labelled_model: tuple[Path, Any]) -> None:
    model, told = recurra.load(labelled_model[0], task="multilabel"), Told()
    texts = ["bread and song", "zzzz qqqq"]
    first, second = predict_texts(model, texts, told, top=2)
    chances = model.predict_proba(texts)
    assert first["labels"] == model.predict(texts)[0] and list(first["probabilities"]) == LABELS
    np.testing.assert_allclose(list(first["probabilities"].values()), chances[0])
    assert [one["label"] for one in first["top"]] == [LABELS[k] for k in np.argsort(-chances[0])[:2]]
    assert not first["nothing_known"] and second["nothing_known"] and not first["truncated"]
    assert "In 1 of 2 texts nothing known was read" in told.sentences[0]
    assert "top" not in next(iter(predict_texts(model, texts)))
