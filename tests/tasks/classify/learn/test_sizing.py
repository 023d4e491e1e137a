"""Every default that depends on the number of rows, and what was given stays as it was given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from recurra.errors import OptionError
from recurra.options.base import validated
from recurra.tasks.classify.learn import sizing
from recurra.tasks.classify.learn.sizing import (
    FEW,
    FEW_ROWS,
    MANY,
    MANY_CLASSES,
    blend_share,
    buckets,
    ngrams_first,
    sized,
    subword_buckets,
    word_dropout,
)
from recurra.tasks.classify.options import ClassifyOptions, ModelOptions
from support.ngram_models import examples_of


@pytest.mark.parametrize(("rows", "defaults"), [(1, FEW), (FEW_ROWS - 1, FEW), (FEW_ROWS, MANY), (10**6, MANY)])
def test_what_is_left_open_is_by_the_number_of_rows(rows: int, defaults: dict[str, Any]) -> None:
    plain = sized(ModelOptions(), rows).model_dump()
    assert {name: plain[name] for name in defaults} == defaults
    assert not [name for name in defaults if plain[name] in (None, "auto")]
    assert {**plain, **dict.fromkeys(defaults)} == {**ModelOptions().model_dump(), **dict.fromkeys(defaults)}
    assert sized(sized(ModelOptions(), rows), 10**9) == sized(ModelOptions(), rows)


GIVEN = {"learning_rate": 0.02, "min_count": 7, "word_dropout": 0.0, "ngrams": 0, "subwords": "none"}


@pytest.mark.parametrize("name", FEW)
@pytest.mark.parametrize("rows", [100, 10**6])
def test_what_is_given_stays(name: str, rows: int) -> None:
    chosen = sized(ModelOptions(**{name: GIVEN[name]}), rows)
    assert getattr(chosen, name) == GIVEN[name]


@pytest.mark.parametrize("given", [{"ngrams": 0}, {"level": "char"}, {"level": "bpe"}])
def test_without_words_or_n_grams_no_spelling_is_weighed(given: dict[str, Any]) -> None:
    chosen = sized(ModelOptions(**given), 100)
    assert chosen.subwords == "none"
    assert ModelOptions(**chosen.model_dump()) == chosen
    assert sized(ModelOptions(**{"ngrams": 0}, subwords="vectors"), 100).subwords == "vectors"


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"subwords": "vectors", "level": "char"}, "--level char does already"),
        ({"subwords": "weights", "level": "bpe"}, "--level bpe does already"),
        ({"subwords": "weights", "ngrams": 0}, "--ngrams 0 leaves out"),
    ],
)
def test_spellings_of_nothing_are_refused(given: dict[str, Any], what: str) -> None:
    with pytest.raises(OptionError, match=what):
        validated(ModelOptions, given)


def test_every_option_that_may_be_left_open_has_a_default() -> None:
    assert FEW.keys() == MANY.keys() == GIVEN.keys()
    open_ones = {name for name in FEW if getattr(ModelOptions(), name) in (None, "auto")}
    assert open_ones == set(FEW)


def test_the_recipe_of_the_tutorial_leaves_nothing_open() -> None:
    recipe = ClassifyOptions(recipe="tutorial")
    assert sized(recipe, 100) == sized(recipe, 10**6) == recipe


def test_what_is_fitted_first_and_what_is_averaged() -> None:
    assert [ngrams_first(rows, 2) for rows in (FEW_ROWS - 1, FEW_ROWS)] == [False, True]
    assert [ngrams_first(10**6, classes) for classes in (MANY_CLASSES, MANY_CLASSES + 1)] == [True, False]
    assert [blend_share(classes) for classes in (2, MANY_CLASSES, MANY_CLASSES + 1)] == [sizing.BLEND] * 2 + [0.0]


def is_prime(number: int) -> bool:
    return number > 1 and all(number % factor for factor in range(2, int(number**0.5) + 1))


@pytest.mark.parametrize("distinct", [0, 1, 700, 10_000, 1_234_567, 10**8])
@pytest.mark.parametrize("outputs", [1, 3, 77, 10_000])
def test_buckets_are_primes_in_proportion_to_the_n_grams(distinct: int, outputs: int) -> None:
    found = buckets(distinct, outputs)
    most = max(sizing.LEAST_BUCKETS, min(sizing.MOST_BUCKETS, sizing.MOST_NUMBERS // outputs))
    assert is_prime(found) and found <= max(most, sizing.LEAST_BUCKETS)
    wanted = min(max(int(1.5 * distinct), sizing.LEAST_BUCKETS), most)
    assert 0.98 * wanted <= found <= wanted


@pytest.mark.parametrize("width", [1, 2, 64, 300, 10_000])
def test_buckets_of_character_n_grams_are_bounded_by_their_width(width: int) -> None:
    found = subword_buckets(width)
    assert is_prime(found) and 1000 <= found <= 32_749
    assert found * width <= max(sizing.MOST_SUBWORD_NUMBERS, sizing.LEAST_BUCKETS * width)


def test_of_few_rows_rare_words_are_hidden_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = examples_of([[2, 2, 2, 3], [2, 1, 0]], [0, 1], ["a", "b", "c"])
    rates = word_dropout(0.2, rows)
    assert isinstance(rates, torch.Tensor)
    expected = [0, 0, 1 - 0.8 * 4 / 4.5, 1 - 0.8 / 1.5, 1.0]
    np.testing.assert_allclose(rates, expected, rtol=1e-6)
    assert word_dropout(0.0, rows) == 0.0
    monkeypatch.setattr(sizing, "FEW_ROWS", 2)
    assert word_dropout(0.2, rows) == 0.2
