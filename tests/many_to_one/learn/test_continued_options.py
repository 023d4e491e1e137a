"""The options of training that goes on with a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recurra.errors import OptionError
from recurra.many_to_one.learn.continued_options import (
    MORE_WORDS,
    epochs_to_continue,
    going_on,
    settled_to_continue,
)
from recurra.many_to_one.learn.trained import Trained, read_trained
from recurra.tasks.classify.options import ClassifyOptions
from recurra.text.character_tokenizer import CharacterTokenizer
from support.whole_commands import in_sentences


@pytest.fixture
def model(trained: tuple[Path, dict[str, Any]]) -> Trained:
    return read_trained(trained[0], "classify")


def test_the_model_decides_shape_and_reading_and_hands_down_the_rest(model: Trained) -> None:
    config = {**model.config, "dropout": 0.25, "abstain": 0.75, "window": 77}
    options = going_on(ClassifyOptions(abstain=0.6), replace(model, config=config))
    shape, tokenizer = model.shape, model.tokenizer
    assert (options.cell, options.hidden, options.ngrams) == (shape.cell, shape.hidden, shape.ngrams)
    assert (options.level, options.max_tokens, options.truncate) == ("word", tokenizer.max_tokens, tokenizer.truncate)
    assert (options.dropout, options.window, options.abstain) == (0.25, 77, 0.6), "what is given wins"


def test_its_vocabulary_may_grow_within_bounds(model: Trained) -> None:
    own = model.tokenizer.size - 2
    assert going_on(ClassifyOptions(), model).vocabulary == own + MORE_WORDS
    assert going_on(ClassifyOptions(vocabulary=own), model).vocabulary == own
    with pytest.raises(OptionError, match=rf"--vocabulary {own - 1} contradicts"):
        going_on(ClassifyOptions(vocabulary=own - 1), model)


def test_other_tokens_than_words_stay_as_they_are(model: Trained) -> None:
    tokenizer = CharacterTokenizer.fit(
        ["abc"], size=10, min_count=1, max_tokens=50, truncate="tail", fill=False, punctuation=True
    )
    shape = model.shape.model_copy(update={"vocabulary": tokenizer.size})
    spelt = replace(model, tokenizer=tokenizer, shape=shape)
    assert going_on(ClassifyOptions(), spelt).vocabulary == tokenizer.size
    for given in ({"min_count": 3}, {"vocabulary": 400}):
        with pytest.raises(OptionError, match="its tokens are no words"):
            going_on(ClassifyOptions(**given), spelt)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"cell": "rnn"}, "--cell rnn contradicts"),
        ({"ngrams": 3}, "--ngrams 3 contradicts"),
        ({"subwords": "vectors"}, "--subwords vectors contradicts"),
        ({"punctuation": False}, "--no-punctuation contradicts"),
        ({"level": "char"}, "--level char contradicts"),
        ({"ordered": True}, "--ordered contradicts"),
        ({"unlabelled": "more.csv"}, "--unlabelled more.csv does not go with"),
        ({"word_vectors": "random"}, "--word-vectors random does not go with"),
    ],
)
def test_what_contradicts_is_refused_with_both(given: dict[str, Any], words: str, model: Trained) -> None:
    with pytest.raises(OptionError) as error:
        going_on(ClassifyOptions(**given), model)
    in_sentences(str(error.value))
    assert words in str(error.value) and model.path in str(error.value)


def test_defaults_are_for_few_and_small_steps_and_give_way(model: Trained) -> None:
    options = settled_to_continue(ClassifyOptions(), 500)
    assert options.learning_rate is not None and options.learning_rate < 6e-3 and options.min_count == 1
    assert settled_to_continue(ClassifyOptions(), 50_000).min_count == 2
    given = settled_to_continue(ClassifyOptions(learning_rate=0.5, min_count=7, epochs=9), 500)
    assert (given.learning_rate, given.min_count, epochs_to_continue(given, 500)) == (0.5, 7, 9)
    assert epochs_to_continue(options, 500) >= epochs_to_continue(options, 100_000) >= 1
