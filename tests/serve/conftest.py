"""Models and servers for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from live_server import PATIENCE_SECONDS, Server, Starter, ended_well, start_server, write_model


@pytest.fixture(scope="session")
def both_ways(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "reviews")


@pytest.fixture(scope="session")
def forward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "forward", direction="forward", seed=3)


@pytest.fixture(scope="session")
def server(both_ways: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the usual options, which many tests share."""
    running = start_server(both_ways, tmp_path_factory.mktemp("server") / "errors")
    yield running
    ended_well(running)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    """Start a server of one's own."""
    running: list[Server] = []

    def starting(directory: Path, *options: str) -> Server:
        running.append(start_server(directory, tmp_path / f"errors{len(running)}", *options))
        return running[-1]

    yield starting
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait(PATIENCE_SECONDS)
