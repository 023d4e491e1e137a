"""Servers of models of series."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from recurra.tasks.series.model import SeriesModel
from support.live_models import write_series
from support.live_server import Server, ended_well, start_server
from support.series import made

Served = tuple[Server, SeriesModel]


@pytest.fixture(scope="package")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of a model of labels, and that model."""
    folder = tmp_path_factory.mktemp("labels")
    running = start_server(write_series(folder / "model"), folder / "errors")
    yield running, made()
    ended_well(running)
    assert "zanzibar" not in running.log() and "12345" not in running.log()


@pytest.fixture(scope="package")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of a model of numbers, and that model."""
    folder = tmp_path_factory.mktemp("numbers")
    directory = write_series(folder / "model", kind="regress", outputs=1)
    running = start_server(directory, folder / "errors", "--max-steps", "30")
    yield running, made(kind="regress", outputs=1)
    ended_well(running)
