"""Every default that depends on the number of rows and classes, and what was given stays as it was given."""

from __future__ import annotations

from typing import Any

import pytest

from recurra.errors import OptionError
from recurra.many_to_one.learn.defaults import (
    FEW,
    FEW_ROWS,
    FROM_FILE,
    MANY,
    MANY_CLASSES,
    epochs_for,
    ngrams_first,
    sized,
    student,
    valid_share,
)
from recurra.many_to_one.options import ModelOptions
from recurra.options.base import validated
from recurra.tasks.classify.options import ClassifyOptions


@pytest.mark.parametrize(("rows", "defaults"), [(1, FEW), (FEW_ROWS - 1, FEW), (FEW_ROWS, MANY), (10**6, MANY)])
def test_what_is_left_open_is_by_the_number_of_rows(rows: int, defaults: dict[str, Any]) -> None:
    plain = sized(ModelOptions(), rows, 2).model_dump()
    assert {name: plain[name] for name in defaults} == defaults
    assert not [name for name in defaults if plain[name] in (None, "auto")]
    assert {**plain, **dict.fromkeys(defaults)} == {**ModelOptions().model_dump(), **dict.fromkeys(defaults)}
    assert sized(sized(ModelOptions(), rows, 2), 10**9, 99) == sized(ModelOptions(), rows, 2)


GIVEN = {"learning_rate": 0.02, "min_count": 7, "word_dropout": 0.0, "ngrams": 0, "subwords": "none"}


@pytest.mark.parametrize("name", FEW)
@pytest.mark.parametrize("rows", [100, 10**6])
def test_what_is_given_stays(name: str, rows: int) -> None:
    chosen = sized(ModelOptions(**{name: GIVEN[name]}), rows, 2)
    assert getattr(chosen, name) == GIVEN[name]


@pytest.mark.parametrize("given", [{"ngrams": 0}, {"level": "char"}, {"level": "bpe"}])
def test_without_words_or_n_grams_no_spelling_is_weighed(given: dict[str, Any]) -> None:
    chosen = sized(ModelOptions(**given), 100, 2)
    assert chosen.subwords == "none"
    assert ModelOptions(**chosen.model_dump()) == chosen
    assert sized(ModelOptions(**{"ngrams": 0}, subwords="vectors"), 100, 2).subwords == "vectors"


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
    assert sized(recipe, 100, 2) == sized(recipe, 10**6, 99) == recipe


def test_a_base_is_known_as_vectors_of_a_file_are() -> None:
    few, many = sized(ModelOptions(), 100, 2, based=True), sized(ModelOptions(), 10**6, 2, based=True)
    assert {name: getattr(few, name) for name in FROM_FILE} == FROM_FILE != FEW
    assert {name: getattr(many, name) for name in MANY} == MANY


def test_what_is_fitted_first() -> None:
    assert [ngrams_first(rows, 2) for rows in (FEW_ROWS - 1, FEW_ROWS)] == [False, True]
    assert [ngrams_first(10**6, classes) for classes in (MANY_CLASSES, MANY_CLASSES + 1)] == [True, False]


def test_with_many_classes_the_network_takes_large_steps() -> None:
    assert sized(ModelOptions(), 100, MANY_CLASSES).learning_rate == FEW["learning_rate"]
    assert sized(ModelOptions(), 100, MANY_CLASSES + 1).learning_rate == MANY["learning_rate"]
    assert sized(ModelOptions(learning_rate=0.02), 100, MANY_CLASSES + 1).learning_rate == 0.02


def test_vectors_from_a_file_need_less_care() -> None:
    chosen = sized(ModelOptions(word_vectors="glove.txt"), 100, 2)
    assert {name: getattr(chosen, name) for name in FROM_FILE} == FROM_FILE
    assert sized(ModelOptions(word_vectors="glove.txt"), FEW_ROWS, 2).learning_rate == MANY["learning_rate"]


def test_a_student_is_larger_and_reads_all_its_texts_three_times() -> None:
    assert student(ModelOptions()).model_dump() == {**ModelOptions().model_dump(), "hidden": 96}
    assert student(ModelOptions(hidden=64)).hidden == 64
    assert student(ClassifyOptions(recipe="tutorial")).hidden == 64
    options = ModelOptions()
    assert [epochs_for(options, 45_000, 2, more) for more in (0, 50_000)] == [2, 3]
    assert [epochs_for(options, 1_000, 2, more) for more in (0, 2_000, 50_000)] == [20, 15, 3]
    assert epochs_for(ModelOptions(epochs=1), 45_000, 2, 50_000) == 1


@pytest.mark.parametrize(
    ("rows", "share"), [(1, 0.1), (10, 0.1), (20, 0.1), (25, 0.08), (40, 0.05), (1000, 0.05), (100_000, 0.02)]
)
def test_a_few_rows_validate_with_two_of_them(rows: int, share: float) -> None:
    assert valid_share(ModelOptions(), rows) == pytest.approx(share)
