"""From a corpus to a checked graph: what is chosen by default, and what stops a bad export."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.errors import OptionError, TrainingError
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.defaults import epochs_for
from recurra.many_to_one.options import ModelOptions
from recurra.tasks.classify.learn.fit import fit_classifier
from recurra.tasks.classify.model import Classifier

SMALL = ModelOptions(hidden=4, embedding=4, epochs=2, min_count=1, precision="fp32", threads=1, learning_rate=0.05)


@pytest.fixture
def corpus() -> Corpus:
    with Corpus() as rows:
        rng = np.random.default_rng(0)
        for i in range(60):
            label = ("no", "yes", "maybe")[i % 3]
            rows.add(" ".join([*rng.choice(list("abcdefgh"), rng.integers(1, 30)), label]), label)
        rows.seal()
        yield rows


def parts(corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
    validation = np.arange(len(corpus)) % 5 == 0
    return ~validation, validation


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "max-mean", "attention"])
def test_the_graph_answers_as_validation_did(corpus: Corpus, pooling: str) -> None:
    training, validation = parts(corpus)
    options = SMALL.model_copy(update={"pooling": pooling})
    fitted = fit_classifier(corpus, corpus.labels.astype(np.int64), 3, training, validation, options)
    model = Classifier(fitted.tokenizer, fitted.graph, ["no", "yes", "maybe"])
    rows = np.flatnonzero(validation)
    answers = model.predict_proba(corpus.texts[int(row)] for row in rows)
    right = (answers.argmax(1) == corpus.labels[rows]).mean()
    assert right == pytest.approx(fitted.valid["accuracy"])
    assert fitted.epochs == len(fitted.history) == 2
    calibrated = -np.log(answers[np.arange(len(rows)), corpus.labels[rows]]).mean()
    assert calibrated <= fitted.valid["log_loss"] + 1e-6  # a temperature fitted on these rows can only help on them


def test_rows_outside_the_two_parts_change_nothing(corpus: Corpus) -> None:
    training, validation = parts(corpus)
    training &= np.arange(len(corpus)) < 50
    graphs = []
    for others in ("one", "entirely other words ever"):
        with Corpus() as changed:
            for row in range(len(corpus)):
                used = training[row] or validation[row]
                changed.add(corpus.texts[row] if used else f"{others} {row}", corpus.label_names[corpus.labels[row]])
            changed.seal()
            fitted = fit_classifier(changed, changed.labels.astype(np.int64), 3, training, validation, SMALL)
            graphs.append((fitted.graph, fitted.tokenizer.to_json()))
    assert graphs[0] == graphs[1]


def test_no_rows_to_train_or_validate_is_refused(corpus: Corpus) -> None:
    none, everything = np.zeros(len(corpus), dtype=bool), np.ones(len(corpus), dtype=bool)
    with pytest.raises(TrainingError, match="at least one"):
        fit_classifier(corpus, corpus.labels.astype(np.int64), 3, everything, none, SMALL)


def test_a_network_that_no_file_could_hold_is_refused(corpus: Corpus) -> None:
    training, validation = parts(corpus)
    options = SMALL.model_copy(update={"hidden": 8192, "layers": 8})
    with pytest.raises(OptionError, match="smaller --hidden"):
        fit_classifier(corpus, corpus.labels.astype(np.int64), 3, training, validation, options)


def test_small_data_get_more_epochs() -> None:
    epochs = [
        epochs_for(SMALL.model_copy(update={"epochs": None}), rows, 99)
        for rows in (50, 5_000, 9_000, 30_000, 40_000, 10**7)
    ]
    assert epochs == sorted(epochs, reverse=True)
    assert (epochs[0], epochs[-1]) == (20, 2)
