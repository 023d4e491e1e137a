"""The vector of what stands beside a text, beside scikit-learn's encoders."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from recurra.data.feature_encoder import AT_ONCE, FURTHEST, CategoryFeature, FeatureEncoder, NumberFeature
from recurra.data.feature_table import FeatureTable
from recurra.errors import ArtefactError
from recurra.options.columns import Kind

CELLS = st.one_of(
    st.none(), st.text(max_size=6), st.floats(), st.integers(), st.booleans(), st.sampled_from(["1,5", "1e400", "NA"])
)


def fitted(rows: int = 80, seed: int = 0) -> tuple[FeatureEncoder, list[list[Any]]]:
    rng = np.random.default_rng(seed)
    cells: list[list[Any]] = [
        [None if rng.random() < 0.2 else float(rng.normal(50, 7)), f"{rng.integers(0, 9)}", str(rng.choice(["a", "b"]))]
        for _ in range(rows)
    ]
    table = FeatureTable(["price", "zip", "brand"], {"zip": "category"})
    for number, row in enumerate(cells, 1):
        table.add(row, number)
    encoder, _ = table.fit(np.ones(rows, dtype=bool))
    np.testing.assert_allclose(encoder.dense(table.codes(encoder)), [encoder.encode(row) for row in cells])
    return encoder, cells


def test_the_rarity_of_a_place_is_the_inverse_document_frequency_of_its_rows() -> None:
    table = FeatureTable(["price", "brand"])
    for number in range(32):
        table.add([None if number % 8 == 0 else number, "rare" if number < 2 else "usual"], number)
    encoder, _ = table.fit(np.ones(32, dtype=bool))
    ours, by_name = encoder.rarity, encoder.slots
    np.testing.assert_allclose(ours[by_name["price"]], [1, 1 - np.log(1 / 8)], rtol=1e-6)
    usual_rare_others_missing = [1 - np.log(30 / 32), 1 - np.log(2 / 32), 1, 1]
    np.testing.assert_allclose(ours[by_name["brand"]], usual_rare_others_missing, rtol=1e-6)


def test_numbers_and_categories_are_those_of_scikit_learn() -> None:
    encoder, cells = fitted()
    found = np.array([encoder.encode(row) for row in cells])
    prices = np.array([np.nan if row[0] is None else row[0] for row in cells])
    known = ~np.isnan(prices)
    wanted = np.zeros(len(cells))
    wanted[known] = StandardScaler().fit_transform(prices[known, None])[:, 0]
    places = encoder.slots["price"]
    np.testing.assert_allclose(found[:, places.start], wanted, atol=1e-5)
    np.testing.assert_allclose(found[:, places.start + 1], ~known - (~known).mean(), atol=1e-6)
    for column, name in ((1, "zip"), (2, "brand")):
        feature = encoder.features[column]
        assert isinstance(feature, CategoryFeature)
        one_hot = OneHotEncoder(categories=[list(feature.values)], sparse_output=False, handle_unknown="ignore")
        expected = one_hot.fit_transform([[row[column]] for row in cells])
        expected -= expected.mean(axis=0)
        np.testing.assert_allclose(found[:, encoder.slots[name]][:, : len(feature.values)], expected, atol=1e-6)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-5)


def test_an_unseen_value_is_an_average_row_and_case_alone_is_no_difference() -> None:
    encoder = FeatureEncoder((CategoryFeature("brand", ("Acme", "zeta"), (0.5, 0.5, 0.0, 0.0)),))
    assert not encoder.encode(["new"]).any()
    assert encoder.encode(["ACME"]).tolist() == encoder.encode(["Acme"]).tolist() != encoder.encode(["zeta"]).tolist()
    assert not encoder.encode([None]).any()
    with_others = FeatureEncoder((CategoryFeature("brand", ("Acme",), (0.5, 0.3, 0.2)),))
    np.testing.assert_allclose(with_others.encode(["new"]), [-0.5, 0.7, -0.2])
    np.testing.assert_allclose(with_others.encode([None]), [-0.5, -0.3, 0.8])


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("kind", ["number", "category"])
def test_a_missing_cell_is_an_average_row_unless_training_had_some(kind: Kind, gaps: bool) -> None:
    table = FeatureTable(["x"], {"x": kind})
    for number, cell in enumerate(["1", "2", "2", "3", "3", "3", None if gaps else "1"], 1):
        table.add([cell], number)
    for cell in (None, "", "NA", math.nan):  # held out
        table.add([cell], 9)
    encoder, _ = table.fit(np.arange(11) < 7)
    whole = encoder.dense(table.codes(encoder))
    np.testing.assert_allclose(whole[:7].mean(axis=0), 0, atol=1e-6)
    for row in whole[7:]:
        np.testing.assert_array_equal(row, encoder.encode([None]))
        assert row.any() == gaps


def test_a_category_that_looks_like_a_number_is_one_whoever_wrote_it() -> None:
    encoder = FeatureEncoder((CategoryFeature("zip", ("1.0", "2.50", "007", "1"), (0.4, 0.3, 0.2, 0.1, 0.0, 0.0)),))
    for cells in (("1.0", "1", 1, 1.0), ("2.50", 2.5, "2.5"), ("007",)):  # as a model of an earlier version has them
        assert len({tuple(encoder.encode([cell]).tolist()) for cell in cells}) == 1
        assert encoder.encode([cells[0]]).any()
    assert encoder.encode(["1"]).argmax() == 0 and not encoder.encode([7]).any()


def test_a_number_far_off_is_kept_within_bounds() -> None:
    encoder = FeatureEncoder((NumberFeature("price", 1.0, 2.0, 0.0),))
    assert encoder.encode(["1e300"]).tolist() == [FURTHEST, 0.0]
    assert encoder.encode(["-1e300"]).tolist() == [-FURTHEST, 0.0]
    assert encoder.encode(["1e400"]).tolist() == [0.0, 0.0] == encoder.encode([None]).tolist()
    with pytest.raises(ValueError, match="'price' holds '1,5', which is no number"):
        encoder.encode(["1,5"])


@given(st.tuples(CELLS, CELLS, CELLS))
def test_any_cells_have_a_finite_vector_or_a_reason(cells: tuple[object, ...]) -> None:
    encoder, _ = fitted(30)
    lenient = encoder.vector(encoder.lenient(cells))
    np.testing.assert_array_equal(encoder.dense(np.array([encoder.lenient(cells)]))[0], lenient)
    assert lenient.shape == (encoder.width,) and np.isfinite(lenient).all()
    try:
        found = encoder.encode(cells)
    except ValueError:  # of the column of numbers alone
        encoder.encode([None, *cells[1:]])
    else:
        np.testing.assert_array_equal(found, lenient)


def test_a_saved_encoder_is_the_same_and_a_damaged_one_refused() -> None:
    encoder, cells = fitted()
    plain = json.loads(json.dumps(encoder.plain()))
    again = FeatureEncoder.of(plain)
    np.testing.assert_array_equal(again.encode(cells[3]), encoder.encode(cells[3]))
    damaged: list[Any] = [
        None, [], [{}], [plain[0], plain[0]], [{**plain[0], "std": 0.0}], [{**plain[0], "mean": float("nan")}],
        [{**plain[0], "kind": "other"}], [{**plain[1], "values": ["a", "a"]}], [{**plain[1], "shares": [2.0]}],
        [{**plain[1], "values": 3}], [{**plain[0], "missing": 2}],
    ]  # fmt: skip
    for broken in damaged:
        with pytest.raises(ArtefactError, match=r"tokenizer\.json"):
            FeatureEncoder.of(broken)


def test_many_rows_are_encoded_a_part_at_a_time() -> None:
    encoder, cells = fitted()
    codes = np.array([encoder.lenient(row) for row in cells])
    many = np.random.default_rng(1).integers(0, len(cells), 2 * AT_ONCE + 3)
    np.testing.assert_array_equal(encoder.dense(codes[many]), encoder.dense(codes)[many])
    assert encoder.dense(codes[:0]).shape == (0, encoder.width)
