"""What a column beside the text is taken for, by its training rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from recurra.data.feature_encoder import MOST_CATEGORIES, CategoryFeature, Feature, NumberFeature
from recurra.data.feature_table import FeatureTable
from recurra.errors import DataError, OptionError
from recurra.options.columns import Kind


def fit(cells: Sequence[object], kind: Kind | None = None, held_out: int = 0) -> tuple[Feature, str]:
    table = FeatureTable(["x"], {} if kind is None else {"x": kind})
    for row, cell in enumerate(cells, 1):
        table.add([cell], row)
    training = np.arange(len(cells)) < len(cells) - held_out
    encoder, (said,) = table.fit(training)
    return encoder.features[0], said


def test_numbers_alone_are_numbers_and_the_rest_are_categories() -> None:
    feature, said = fit(["1", "2.5", "", "-3e2"])
    assert isinstance(feature, NumberFeature) and feature.missing == 0.25 and "'x' is a number, 25% missing" in said
    feature, said = fit(["a", "b", "a", "b", None])
    assert isinstance(feature, CategoryFeature) and feature.values == ("a", "b") and "category of 2 values" in said
    assert isinstance(fit(["1", "2", "1"], "category")[0], CategoryFeature)
    feature, said = fit(["1", "x", "3"], "number")
    assert isinstance(feature, NumberFeature) and feature.mean == 2 and "1 without a number, which count as" in said
    feature, said = fit(["1", "inf", "3", "1e400"])
    assert isinstance(feature, NumberFeature) and feature.mean == 2 and "2 infinite, which count as missing" in said


def test_the_training_rows_alone_decide() -> None:
    feature, _ = fit(["1", "2", "3", "abc", "9"], held_out=2)
    assert isinstance(feature, NumberFeature) and feature.mean == 2
    feature, _ = fit(["a", "a", "b", "b", "c", "c"], held_out=2)
    assert isinstance(feature, CategoryFeature) and feature.values == ("a", "b")


def test_rare_values_are_one() -> None:
    values = [f"v{i:03}" for i in range(MOST_CATEGORIES + 30) for _ in range(3)]
    feature, said = fit([*values, "once"])
    assert isinstance(feature, CategoryFeature) and len(feature.values) == MOST_CATEGORIES and feature.has_others
    assert f"{MOST_CATEGORIES} have a place of their own" in said
    assert feature.code("v079") == feature.code("never seen") == MOST_CATEGORIES
    dates, said = fit([f"2024-05-{day:02}" for day in range(1, 25)])
    assert isinstance(dates, CategoryFeature) and "look like dates" in said
    assert "each row has its own" in fit([f"id{i}" for i in range(9)])[1]


@pytest.mark.parametrize(
    ("cells", "kind", "said"),
    [
        ([None, "", "NA"], None, "empty in all 3 training rows"),
        (["3", "3.0", "3"], None, "is '3' in all 3 training rows"),
        (["a", "a"], None, "is 'a' in all 2 training rows"),
        (["1,5", "2,25", "3"], None, "decimal comma, such as '1,5'"),
        (["1", "2", "3", "n. s."], None, "numbers in 75% of its training rows and in others none, such as 'n. s.'"),
        (["a", "b"], "number", "holds no number in any training row, such as 'a'"),
        (["1e308", "-1e308"], None, "too large"),
        ([[1], "a"], None, "a list, which is no number and no text, in row 1"),
    ],
)
def test_a_column_that_tells_nothing_or_too_much(cells: list[object], kind: Kind | None, said: str) -> None:
    with pytest.raises(DataError, match=said):
        fit(cells, kind)


def test_a_value_or_nothing_is_something() -> None:
    feature, _ = fit(["7", None, "7"])
    assert isinstance(feature, NumberFeature) and (feature.mean, feature.std) == (7, 1)


def test_too_many_columns() -> None:
    with pytest.raises(OptionError, match="at most"):
        FeatureTable([f"c{i}" for i in range(999)])
