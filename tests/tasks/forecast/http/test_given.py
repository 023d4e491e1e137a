"""Histories out of JSON, and one clear sentence for what is none, without what was sent."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from recurra.http.errors import HTTPError
from recurra.http.options import ServeOptions
from recurra.http.schemas import parse_request
from recurra.tasks.forecast.http.given import frequency_of_model, only, several
from recurra.tasks.forecast.http.schemas import ExplainRequest, ForecastRequest
from recurra.tasks.forecast.inputs import Covariates
from recurra.tasks.forecast.model import ForecastModel
from support.forecast import made

OPTIONS = ServeOptions(max_inputs=3, max_steps=8)
VALUES = [1, None, 3.5, 4]


def model(frequency: str = "M", **kinds: int) -> ForecastModel:
    found = made(**kinds)
    named = {
        kind: Covariates(names=[f"{kind} {n}" for n in range(count)], means=[0.0] * count, deviations=[1.0] * count)
        for kind, count in kinds.items()
    }
    found.inputs = found.inputs.model_copy(update=named)
    found.manifest = SimpleNamespace(data={"frequency": frequency})  # type: ignore[assignment]
    return found


def given(body: dict[str, Any], of: ForecastModel | None = None) -> list[Any]:
    return several(parse_request(ForecastRequest, body), of or model(), OPTIONS)


def test_values_names_and_times() -> None:
    one, other = given(
        {"series": [{"values": VALUES, "name": "a", "last": "2024-01-31"}, {"values": VALUES}], "horizon": 2}
    )
    np.testing.assert_array_equal(one.history.values, [1, np.nan, 3.5, 4])
    assert one.history.name == "a" and list(one.times) == ["2024-02-29", "2024-03-31"]
    assert other.history.name is None and list(other.times) == [1, 2]
    (numbered,) = given({"series": [{"values": VALUES, "last": "2020"}], "horizon": 2}, model("0.5"))
    assert list(numbered.times) == ["2020.5", "2021"]
    assert str(frequency_of_model(model("30min"))) == "30min" and frequency_of_model(made()) is None


def test_covariates() -> None:
    of = model(past=1, future=2, static=1)
    body = {"values": VALUES, "past": [[1], [2], [None], [4]], "future": [[n, -n] for n in range(12)], "static": [7]}
    (one,) = given({"series": [body]}, of)
    np.testing.assert_array_equal(one.history.past, [[1], [2], [np.nan], [4]])
    assert one.history.future.shape == (12, 2) and one.history.static.tolist() == [7]


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ({"values": "secret"}, "series.0.values must be a list of numbers"),
        ({"values": [1, "secret", 3]}, "series.0.values.1 must be a number"),
        ({"values": [1, True, 3]}, "series.0.values.1 must be a number"),
        ({"values": [1, None, 3]}, "series.0: a series has 2 known values; at least 3"),
        ({"values": [1, 2, 1e31]}, "beyond 1e30"),
        ({"values": list(range(9))}, "has 9 steps; at most 8 are read"),
        ({"values": VALUES, "last": "secret"}, "series.0.last must be a date or time"),
        ({"values": VALUES, "last": "9999-12-01"}, "series.0.last: 5 steps of M lead to no time"),
        ({"values": VALUES, "past": [[1]] * 4}, "has 1 past covariates; this model reads 0"),
        ({"values": VALUES, "past": [1, 2, 3, 4]}, "series.0.past must be a list of lists"),
        ({"values": VALUES, "past": [[1], [1, 2]]}, "series.0.past.1 has 2 values, and series.0.past.0 has 1"),
        ({"values": VALUES, "past": [[]]}, "series.0.past.0 has no values"),
        ({"values": VALUES, "static": "secret"}, "series.0.static must be a list of numbers"),
    ],
)
def test_what_is_no_history(series: dict[str, Any], message: str) -> None:
    with pytest.raises(HTTPError) as raised:
        given({"series": [series]})
    assert raised.value.status == 422 and message in raised.value.message and "secret" not in raised.value.message


def test_too_many_and_too_far() -> None:
    with pytest.raises(HTTPError, match="at most 3 are answered"):
        given({"series": [{"values": VALUES}] * 4})
    with pytest.raises(HTTPError, match="horizon: this model forecasts up to 5 steps, not 6"):
        given({"series": [{"values": VALUES}], "horizon": 6})


def test_one_series_alone() -> None:
    body = {"series": {"values": VALUES, "name": "a", "last": "2024-01-31"}, "horizon": 2}
    one = only(parse_request(ExplainRequest, body), model(), OPTIONS)
    (same,) = given({**body, "series": [body["series"]]})
    np.testing.assert_array_equal(one.history.values, same.history.values)
    assert one.history.name == "a" and list(one.times) == list(same.times) == ["2024-02-29", "2024-03-31"]
    for wrong, message in (
        ({"series": {"values": "secret"}}, "series.values must be a list of numbers"),
        ({"series": {"values": list(range(9))}}, "series.values has 9 steps; at most 8 are read"),
        ({"series": {"values": VALUES}, "horizon": 6}, "horizon: this model forecasts up to 5 steps, not 6"),
    ):
        with pytest.raises(HTTPError) as raised:
            only(parse_request(ExplainRequest, wrong), model(), OPTIONS)
        assert raised.value.status == 422 and message in raised.value.message


def test_the_history_to_explain_ends_with_a_value() -> None:
    with pytest.raises(HTTPError, match="ends with null"):
        only(parse_request(ExplainRequest, {"series": {"values": [*VALUES, None]}}), model(), OPTIONS)


def test_values_at_times() -> None:
    times = ["2024-03-31", "2024-01-31", "2024-04-30", "2024-06-30"]
    (one,) = given({"series": [{"values": [3, 1, 4, 6], "times": times}], "horizon": 2})
    np.testing.assert_array_equal(one.history.values, [1, np.nan, 3, 4, np.nan, 6])
    assert list(one.times) == ["2024-07-31", "2024-08-31"] and one.places == [2, 0, 3, 5]
    with pytest.raises(HTTPError, match="both say when"):
        given({"series": [{"values": [3, 1, 4, 6], "times": times, "last": "2024-06-30"}]})
    far = ["2020-01-31", "2020-02-29", "2020-03-31", "2020-11-30"]
    with pytest.raises(HTTPError, match="span 11 steps; at most 8"):
        given({"series": [{"values": [3, 1, 4, 6], "times": far}]})
