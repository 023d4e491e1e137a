"""Servers of models that forecast."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.live_models import write_forecaster
from support.live_server import Server, ended_well, start_server


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a model without covariates."""
    folder = tmp_path_factory.mktemp("forecast")
    running = start_server(write_forecaster(folder / "model"), folder / "errors", "--max-steps", "400")
    yield running
    ended_well(running)
    assert "zanzibar" not in running.log() and "12345" not in running.log()
