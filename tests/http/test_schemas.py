"""The check of a body ends at its first fault, however many it has: counted in faults, not in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from recurra.http.errors import HTTPError
from recurra.http.schemas import MOST_FIELDS, RequestBody, parse_request
from support.live_models import SERVED

MANY = 10_000
FEW = 32


def bodies() -> Iterator[type[RequestBody]]:
    """Yield the classes of all requests; the import of the tasks' servers has made them."""
    assert SERVED
    waiting = [RequestBody]
    while waiting:
        derived = waiting.pop().__subclasses__()
        yield from derived
        waiting += derived


def faults_in(body: type[RequestBody], value: Any) -> int:
    """Return how many faults pydantic notes."""
    try:
        body.model_validate(value)
    except ValidationError as error:
        return error.error_count()
    return 0


@pytest.mark.parametrize("body", [*bodies()], ids=lambda body: body.__name__)
def test_no_body_has_many_faults(body: type[RequestBody]) -> None:
    faults: list[Any] = [None, 5, "", {}, [], [None], [5], [""], [{}], {"x": 1}]
    sent = [{name: [fault] * MANY} for name in body.model_fields for fault in faults]
    sent += [{name: [[fault] * MANY]} for name in body.model_fields for fault in faults]
    sent += [{f"x{number}": 1 for number in range(MANY)}]
    for value in sent:
        assert faults_in(body, value) <= FEW, next(iter(value))


def test_an_object_of_too_many_fields_is_told_those_that_are_known() -> None:
    body = next(body for body in bodies() if body.__name__ == "PredictRequest")
    with pytest.raises(HTTPError, match="An object has 65 fields; known here: inputs") as raised:
        parse_request(body, {f"secret{number}": 1 for number in range(MOST_FIELDS + 1)})
    assert raised.value.status == 422
