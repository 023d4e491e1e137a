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

from support.live_models import WRITERS
from support.live_server import Server, ended_well, start_server, write_model

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


MAKERS = {"classify": write_model, **WRITERS}
ROUTES = {"classify": 12, "chat": 9, "generate": 9, "translate": 9, "tag": 9}


@pytest.fixture(scope="module", params=list(MAKERS))
def described(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("described")
    running = start_server(MAKERS[request.param](folder / request.param), folder / "errors", *LIMITS)
    yield running
    ended_well(running)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_route_answers_as_described(described: Server, mode: GenerationMode) -> None:
    interface = schemathesis.openapi.from_url(f"{described.address}/openapi.json")
    operations = [found.ok() for found in interface.get_all_operations()]
    assert len(operations) >= ROUTES[described.ask("GET", "/model").json["task"]]
    for operation in operations:
        if mode is GenerationMode.POSITIVE or operation.path in WITH_JSON:
            asked(operation, mode)


WITH_JSON = ("/predict", "/explain", "/v2/models/{name}/infer", "/chat", "/generate", "/translate", "/tag")
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
        case.call_and_validate(checks=CHECKS)

    check()
