"""The server does what its OpenAPI description says, asked by schemathesis with sound and with damaged requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from support.live_models import SAMPLES
from support.live_server import Server, ended_well, start_server

EXAMPLES = 15
LIMITS = ("--max-characters", "200", "--max-inputs", "8", "--max-written", "50")
"""So small that a request which breaks them is not too large in the first place."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]
TOO_LARGE = 413
COMMON = {"/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/{name}/ready", "/model", "/metrics", "/report"}


@pytest.fixture(scope="module", params=list(SAMPLES))
def described(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("described")
    running = start_server(SAMPLES[request.param].write(folder / request.param), folder / "errors", *LIMITS)
    yield running
    ended_well(running)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_route_answers_as_described(described: Server, mode: GenerationMode) -> None:
    interface = schemathesis.openapi.from_url(f"{described.address}/openapi.json")
    operations = [result.ok() for result in interface.get_all_operations()]
    answers = described.ask("GET", "/model").json["answers"].keys() - {
        "/stream",
        "/transcribe/stream",
    }  # OpenAPI has no WebSockets
    assert {operation.path for operation in operations} >= COMMON | answers
    for operation in operations:
        body = operation.definition.raw.get("requestBody", {}).get("content", {})
        if mode is GenerationMode.POSITIVE or "application/json" in body:
            asked(operation, mode)


SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def asked(operation: Any, mode: GenerationMode) -> None:
    """Send what is drawn for a route and check each answer."""

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        answer = case.call()
        refused = answer.status_code == TOO_LARGE  # for its size, whatever else is wrong with it
        case.validate_response(
            answer, checks=[one for one in CHECKS if not refused or one is not negative_data_rejection]
        )

    check()
