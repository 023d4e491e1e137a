"""Training that goes on with a network: what it learns, and what it keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.errors import TrainingError
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.classification import Classification
from recurra.many_to_one.learn.continue_fit import continue_text
from recurra.many_to_one.learn.continued_options import going_on, settled_to_continue
from recurra.many_to_one.learn.fitted import FittedText
from recurra.many_to_one.learn.trained import Trained, read_trained
from recurra.tasks.classify.model import Classifier
from recurra.tasks.classify.options import ClassifyOptions

NEW = [(f"quite {word} indeed number {number}", label) for number in range(30) for word, label in
       (("zesty", "positive"), ("grim", "negative"), ("middling", "mixed"))]  # fmt: skip
LABELS = ["negative", "positive", "mixed"]


@pytest.fixture(scope="module")
def model(trained: tuple[Path, dict[str, Any]]) -> Trained:
    return read_trained(trained[0], "classify")


def gone_on(model: Trained, rows: list[tuple[str, str]], labels: list[str], **given: Any) -> FittedText:
    options = settled_to_continue(going_on(ClassifyOptions(threads=1, precision="fp32", **given), model), len(rows))
    with Corpus(level="word") as corpus:
        for text, label in rows:
            corpus.add(text, label)
        corpus.seal()
        targets = np.array([labels.index(label) for _, label in rows])
        validation = np.arange(len(rows)) % 10 >= 8
        return continue_text(corpus, targets, Classification(len(labels)), ~validation, validation, options, model)


@pytest.fixture(scope="module")
def fitted(model: Trained) -> FittedText:
    return gone_on(model, NEW, LABELS, epochs=2)


def test_what_is_new_is_learnt_and_what_was_known_stays(
    model: Trained, fitted: FittedText, trained: tuple[Path, dict[str, Any]]
) -> None:
    after = fitted.model(Classifier, LABELS, 1)
    assert after.predict(["zesty", "grim", "quite middling"]).tolist() == LABELS[1::-1] + LABELS[2:]
    old = ["a good great film", "the awful plot was dull"]
    assert after.predict(old).tolist() == model.model(Classifier).predict(old).tolist() == LABELS[1::-1]
    assert fitted.epochs == len(fitted.history) == 2
    assert fitted.tokenizer.size > model.tokenizer.size


def test_the_same_rows_and_seed_give_the_same_weights(model: Trained, fitted: FittedText) -> None:
    again = gone_on(model, NEW, LABELS, epochs=2)
    assert all(np.array_equal(again.weights[name], fitted.weights[name]) for name in fitted.weights)


def test_words_that_are_rare_are_not_added(model: Trained) -> None:
    rows = [row for row in NEW if row[1] != "mixed"]
    found = gone_on(model, rows, LABELS[:2], epochs=1, min_count=10)
    assert set(found.tokenizer.words[model.tokenizer.size - 2 :]) == {"zesty", "grim", "quite", "indeed", "number"}  # type: ignore[attr-defined]


def test_without_validation_rows_nothing_is_chosen(model: Trained) -> None:
    with pytest.raises(TrainingError, match="0 to validate with"):
        gone_on(model, NEW[:6], LABELS)
