"""From rows to a model: thresholds are those of the saved graph's answers, and rows may have weights."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.data.label_sets import to_key
from recurra.evaluation.label_thresholds import choose_thresholds
from recurra.many_to_one.corpus import Corpus
from recurra.tasks.multilabel.learn.fit import fit_multilabel, opened
from recurra.tasks.multilabel.options import MultilabelModelOptions
from support.labelled import LABELS, labelled_rows

ROWS = labelled_rows(160, seed=6)
MEMBERS = np.array([[label in labels for label in LABELS] for _, labels in ROWS])
TINY = {"hidden": 4, "embedding": 6, "epochs": 2, "learning_rate": 0.02, "threads": 1, "precision": "fp32"}


@pytest.mark.parametrize("threshold", [None, 0.4])
def test_thresholds_are_chosen_by_the_answers_to_validation_rows(threshold: float | None) -> None:
    options = MultilabelModelOptions(**TINY, threshold=threshold)
    validation = np.arange(160) % 4 == 0
    with Corpus(level="word") as corpus:
        for text, labels in ROWS:
            corpus.add(text, to_key(labels))
        corpus.seal()
        weights = np.where(np.arange(160) < 80, 1.0, 3.0)
        fitted = fit_multilabel(corpus, MEMBERS, ~validation, validation, options, sample_weight=weights)
        model, thresholds = opened(fitted, list(LABELS), corpus, MEMBERS, validation, options)
        chances = model.predict_proba([ROWS[row][0] for row in np.flatnonzero(validation)])
    assert fitted.shape.link == "sigmoid" and fitted.shape.outputs == 4
    assert {"train_micro_f1", "valid_micro_f1", "train_loss", "valid_loss"} <= set(fitted.history[0])
    if threshold is not None:
        assert thresholds.values.tolist() == [0.4] * 4 == model.thresholds.tolist()
        return
    expected = choose_thresholds(chances, MEMBERS[validation], 0)
    assert thresholds.values.tolist() == expected.values.tolist() == model.thresholds.tolist()
