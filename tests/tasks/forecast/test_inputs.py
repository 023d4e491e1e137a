"""What a model keeps beside its network."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.errors import ArtefactError, DataError
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.inputs import Covariates, ForecastInputs, covariates
from support.forecast import shape


def test_round_trip() -> None:
    known = covariates(["price", "promotion"], [np.array([[1.0, 0], [3.0, 1]]), np.array([[5.0, np.nan]])])
    inputs = ForecastInputs(season=12, share=0.3, shares={"a": 0.0, "ü": 1.0}, band=1.2, future=known)
    assert ForecastInputs.from_json(inputs.to_json().encode(), shape(future=2)) == inputs
    with pytest.raises(ArtefactError, match="different covariates"):
        ForecastInputs.from_json(inputs.to_json().encode(), shape(future=1))


@pytest.mark.parametrize("content", [b"", b"{}", b'{"season": 0}', b'{"season": 3, "band": -1}'])
def test_another_file_is_refused(content: bytes) -> None:
    with pytest.raises(ArtefactError, match=r"tokenizer\.json is not that of a model that forecasts"):
        ForecastInputs.from_json(content, shape())


def test_covariates_are_standardised() -> None:
    values = [np.array([[1.0, 9], [3.0, 9]]), np.array([[5.0, np.nan]])]
    inputs = ForecastInputs(season=1, past=covariates(["a", "b"], values))
    found = inputs.standard("past", np.concatenate(values))
    np.testing.assert_allclose(found[:, 0], np.array([-2, 0, 2]) / np.sqrt(8 / 3))
    np.testing.assert_array_equal(found[:, 1], [0, 0, 0])
    assert covariates([], []) == Covariates()


def test_the_share_of_a_series() -> None:
    inputs = ForecastInputs(season=1, share=0.4, shares={"a": 0.9})
    values = np.arange(3.0)
    assert inputs.share_of(History(values, "a")) == 0.9
    assert inputs.share_of(History(values, "b")) == inputs.share_of(History(values)) == 0.4


def test_other_covariates_are_an_error() -> None:
    inputs = ForecastInputs(season=1, future=covariates(["price"], [np.arange(4.0)[:, None]]))
    with pytest.raises(DataError, match="A series has 0 future covariates; this model reads 1: price"):
        inputs.check(History(np.arange(3.0)), 2)
    with pytest.raises(DataError, match="3 steps and its future covariates 4; they must reach 2 steps further"):
        inputs.check(History(np.arange(3.0), future=np.zeros((4, 1))), 2)
    inputs.check(History(np.arange(3.0), future=np.zeros((5, 1))), 2)


def test_a_covariate_that_is_missing_ahead_is_named() -> None:
    known = Covariates(names=["a", "price"], means=[0.0, 0.0], deviations=[1.0, 1.0])
    inputs = ForecastInputs(season=1, future=known)
    future = np.ones((9, 2))
    future[2, 0] = np.nan  # of the history: taken to be the mean
    inputs.check_ahead(History(np.arange(5.0), "shop", future=future), 4)
    future[[6, 7], 1] = np.nan
    with pytest.raises(DataError, match="Series 'shop': the covariate price is missing at 2 of the 3 steps"):
        inputs.check_ahead(History(np.arange(5.0), "shop", future=future), 3)
    inputs.check_ahead(History(np.arange(5.0)), 3)
