"""What the fuzz targets share, and the loop of `make fuzz`: target after target until the time is over."""

from __future__ import annotations

import itertools
import os
import resource
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from support.fuzzing import ENDLESS, FOLDER, TRIED

SECONDS = float(os.environ.get("FUZZ_SECONDS") or 600)
MOST_MEMORY = 16 * 2**30
"""Address space in `make fuzz`, so that an example which asks for everything fails instead of the machine."""

FAILED: dict[str, str] = {}
"""What pytest said of each target that failed, by its node id; it is not tried again."""


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """In `make fuzz`, try the targets in turn until the time is over; a target that failed is out."""
    if not ENDLESS or session.config.option.collectonly:
        return None
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    shutil.rmtree(FOLDER / "trying", ignore_errors=True)
    end, left = time.monotonic() + SECONDS, list(session.items)
    turns = itertools.cycle(session.items)
    item = next(turns)
    while left and time.monotonic() < end:
        following = next((it for it in itertools.islice(turns, len(session.items)) if it in left), None)
        if failed := [report for report in _visited(session, item, following) if report.failed]:
            FAILED[item.nodeid] = "\n".join(report.longreprtext for report in failed)
            left.remove(item)
        if following is None:
            break
        item = following
    session.testsfailed = len(FAILED)
    return True


def _visited(session: pytest.Session, item: pytest.Item, following: pytest.Item | None) -> list[pytest.TestReport]:
    """Run a target once, `following` being the next; report the first visit and every failure."""
    first = "visited" not in item.__dict__
    item.__dict__["visited"] = True
    kept: Any = item.parent if following is item else following  # of a lone target, the fixtures of its module
    reports = runtestprotocol(item, log=False, nextitem=kept)
    for report in reports:
        if first or report.failed:
            session.config.hook.pytest_runtest_logreport(report=report)
    return reports


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """In `make fuzz`, say how many examples each target tried, and how to replay those that failed."""
    if not ENDLESS:
        return
    terminalreporter.section("examples tried")
    for name, count in sorted(TRIED.items()):
        terminalreporter.line(f"{count:>9,}  {name}")
    terminalreporter.line(f"{TRIED.total():>9,}  in all")
    for nodeid, said in FAILED.items():
        path = FOLDER / f"{nodeid.rpartition('/')[2].replace('::', '-')}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(said, encoding="utf-8", errors="backslashreplace")
        terminalreporter.line(f"FAILED: {path}")
        terminalreporter.line(f"Replay: RECURRA_FUZZ=1 FUZZ_SECONDS=1 .venv/bin/python -m pytest '{nodeid}'")
