"""What estimators take as a column, and scikit-learn's manners that all of them have."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas
import polars
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import estimator_checks_generator

import recurra
from recurra.errors import OptionError
from recurra.options.base import Options
from recurra.options.holdout import HoldoutOptions, RowLimitOptions
from recurra.options.reading import TableOptions
from recurra.tasks.forecast.options import ForecastOptions
from recurra.tasks.generate.options import GenerateOptions
from recurra.tasks.tag.options import TaggedFileOptions, TagOptions
from recurra.tasks.translate.options import ParallelOptions, TranslateOptions
from recurra.training.estimator import column, texts, torch_as_it_was

ESTIMATORS: dict[str, tuple[type[Options], tuple[type[Options], ...]]] = {
    "SequenceTagger": (TagOptions, (TaggedFileOptions, HoldoutOptions)),
    "SequenceTranslator": (TranslateOptions, (ParallelOptions, HoldoutOptions, RowLimitOptions)),
    "TextGenerator": (GenerateOptions, (TableOptions, HoldoutOptions)),
    "SequenceForecaster": (ForecastOptions, (TableOptions, HoldoutOptions)),
}
"""The options of each, and those among them that say where rows are."""


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_parameters_are_the_options_of_the_task(name: str) -> None:
    options, of_files = ESTIMATORS[name]
    parameters = inspect.signature(getattr(recurra, name)).parameters.values()
    left_out = {"task", "test_target_file"}.union(*(other.model_fields for other in of_files))
    fields = {field: value for field, value in options().model_dump().items() if field not in left_out}
    assert {parameter.name: parameter.default for parameter in parameters} == fields
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_parameters_are_stored_and_nothing_else(name: str) -> None:
    given = {"cell": "no such cell", "hidden": -1}
    estimator = getattr(recurra, name)(**given)
    assert {each: estimator.get_params()[each] for each in given} == given
    assert vars(estimator).keys() == inspect.signature(type(estimator)).parameters.keys()
    assert clone(estimator).get_params() == estimator.get_params()
    assert estimator.set_params(hidden=3).hidden == 3
    assert pickle.loads(pickle.dumps(estimator)).hidden == 3  # noqa: S301
    with pytest.raises(ValueError, match="hiden"):
        estimator.set_params(hiden=3)


@pytest.mark.parametrize("name", ESTIMATORS)
@pytest.mark.filterwarnings("ignore:Can't test estimator")
def test_scikit_learns_checks_that_need_no_numbers(name: str) -> None:
    for estimator, check in estimator_checks_generator(getattr(recurra, name)(hidden=4)):
        check(estimator)
    tags = getattr(recurra, name)().__sklearn_tags__().input_tags
    assert (tags.two_d_array, tags.one_d_array, tags.string) == (False, True, True)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_it_must_be_fitted_first(name: str, tmp_path: Any) -> None:
    estimator = getattr(recurra, name)()
    with pytest.raises(NotFittedError):
        estimator.predict(["a"])
    with pytest.raises(NotFittedError):
        estimator.save(tmp_path / "m")
    assert "recurra-model" not in estimator._repr_html_()


ITEMS = ["a", "b c", ""]


@pytest.mark.parametrize(
    "given",
    [
        list,
        tuple,
        iter,
        np.array,
        pandas.Series,
        polars.Series,
        lambda items: pandas.DataFrame({"x": items}, index=[7, 7, 2]),
        lambda items: polars.DataFrame({"x": items}),
        lambda items: np.array(items, dtype=object)[:, None],
    ],
)
def test_a_column_is_a_list(given: Callable[[Any], Any]) -> None:
    assert texts(given(ITEMS), "X") == ITEMS == [str(item) for item in column(given(ITEMS), "X")]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("text", "X must be a list of texts; got one text"),
        (pandas.DataFrame({"x": ["a"], "y": ["b"]}), r"one column of texts; got an array of shape \(1, 2\)"),
        (np.array([["a", "b"]]), r"shape \(1, 2\)"),
        ({"a": 1}, "must be a list of texts; got dict"),
        (["a", None], "Item 1 of X is NoneType"),
        (5, "got int"),
    ],
)
def test_anything_else_is_refused(given: Any, words: str) -> None:
    with pytest.raises(OptionError, match=words):
        texts(given, "X")


def test_the_callers_random_numbers_and_threads_stay() -> None:
    torch.manual_seed(7)
    expected, threads = torch.rand(2).tolist(), torch.get_num_threads()
    torch.manual_seed(7)
    with torch_as_it_was():
        torch.manual_seed(1)
        torch.rand(3)
        torch.set_num_threads(threads + 1)
    assert (torch.rand(2).tolist(), torch.get_num_threads()) == (expected, threads)
