"""An explanation of a label: what hiding each word takes from its log-odds, and exact shares of the n-grams."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recurra
from recurra.errors import OptionError
from recurra.tasks.multilabel.explain import answer_in_words, divided
from recurra.tasks.multilabel.model import MultilabelClassifier
from recurra.text.tokenizer import UNKNOWN
from support.labelled import LABELS

TEXT = "We had soup and bread. Then a song was very near."


@pytest.fixture
def model(labelled_model: tuple[Path, Any]) -> MultilabelClassifier:
    return recurra.load(labelled_model[0], task="multilabel")


def log_odds(model: MultilabelClassifier, hidden: list[int], label: str) -> float:
    """Return the log-odds of a label where the words at these places are unknown."""
    (encoding,) = model.encode([TEXT])
    ids = encoding.ids.copy()
    ids[hidden] = UNKNOWN
    logits, _ = model.engine.run([replace(encoding, ids=ids)])
    return float(logits[0, LABELS.index(label)])


@pytest.mark.parametrize("label", LABELS)
def test_a_contribution_is_what_hiding_the_word_takes_away(model: MultilabelClassifier, label: str) -> None:
    found = model.explain(TEXT, label)
    assert found.target == label and found.log_odds == pytest.approx(log_odds(model, [], label), abs=1e-5)
    chance = float(model.predict_proba([TEXT])[0, LABELS.index(label)])
    assert 1 / (1 + np.exp(-found.log_odds)) == pytest.approx(chance, abs=1e-6)
    assert [word.text for word in found.words] == ["We", "had", "soup", "and", "bread", ".", "Then", "a", "song", "was",
                                                   "very", "near", "."]  # fmt: skip
    for place, word in enumerate(found.words):
        assert word.contribution == pytest.approx(found.log_odds - log_odds(model, [place], label), abs=1e-4)
    first = found.log_odds - log_odds(model, [*range(6)], label)
    assert found.sentences[0].contribution == pytest.approx(first, abs=1e-4)
    assert found.ngram_total is not None and found.network_total is not None
    assert found.ngram_total + found.network_total == pytest.approx(found.log_odds)
    assert len(found.sentences) == 2


def test_the_strongest_word_is_of_the_topic_and_the_default_target_the_most_probable(
    model: MultilabelClassifier,
) -> None:
    assert model.explain(TEXT, "music").top(1)[0].text == "song"
    assert model.explain(TEXT, "food").top(1)[0].text in ("soup", "bread")
    found = model.explain(TEXT)
    assert found.target == found.label == found.labels[0]
    assert set(found.labels) == {"food", "music"} == set(model.predict([TEXT])[0])
    plain = found.to_dict()
    assert json.loads(json.dumps(plain)) == plain and plain["threshold"] == pytest.approx(
        float(model.thresholds[LABELS.index(str(found.target))])
    )


def test_sentences_about_it(model: MultilabelClassifier) -> None:
    assert answer_in_words(model.explain(TEXT, "music")).startswith("music is given: its probability is ")
    assert answer_in_words(model.explain(TEXT, "travel")).startswith("travel is not given: its probability is 0.0")
    assert divided(model.explain(TEXT, "music")).startswith("The log-odds of music are ")


def test_what_is_refused(model: MultilabelClassifier) -> None:
    with pytest.raises(OptionError, match=r"no label 'musik'.*Did you mean 'music'"):
        model.explain(TEXT, "musik")
    with pytest.raises(OptionError, match="must be a str"):
        model.explain(3)  # type: ignore[arg-type]
