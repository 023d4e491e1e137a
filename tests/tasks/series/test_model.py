"""A model of series answers each by itself, on both engines alike, and refuses what is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from recurra.errors import DataError, OptionError
from support.series import made

MODEL = made()


@given(st.lists(st.integers(1, 60), min_size=1, max_size=9), st.integers(0, 99))
def test_an_answer_does_not_depend_on_the_others(lengths: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    series = [rng.normal(size=(length, 3)) for length in lengths]
    series[0][0, 0] = np.nan
    together = MODEL.outputs(series)
    alone = np.concatenate([MODEL.outputs([one]) for one in series])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(MODEL.predict_proba(series), softmax(together.astype(float), axis=1), atol=1e-6)
    assert MODEL.predict(series).tolist() == [["low", "mid", "high"][best] for best in together.argmax(axis=1)]


def test_no_series_have_no_answers() -> None:
    assert MODEL.predict([]).shape == (0,) and MODEL.predict_proba([]).shape == (0, 3)


def test_numbers_have_no_probabilities() -> None:
    model = made(kind="regress", outputs=1)
    values = np.random.default_rng(0).normal(size=(9, 3))
    assert model.predict([values]).dtype == np.float64
    np.testing.assert_array_equal(model.predict([values]), model.outputs([values])[:, 0])
    with pytest.raises(OptionError, match="no probabilities"):
        model.predict_proba([values])


def test_what_is_no_series_is_refused() -> None:
    with pytest.raises(DataError, match="3 channels"):
        MODEL.predict([np.ones((4, 2))])
