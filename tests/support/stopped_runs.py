"""Runs over whole files that are stopped after some of their answers, as a kill stops them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recurra.errors import OutputError
from recurra.storage.journal import Journal

Stopped = Callable[[int, Callable[[], Any]], None]


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> Stopped:
    """Run something until its journal holds a number of parts, and stop it there."""

    def run(parts: int, call: Callable[[], Any]) -> None:
        add = Journal.add

        def stop(self: Journal, *given: Any) -> None:
            add(self, *given)
            if len(self.parts) == parts:
                raise OutputError("stopped")

        with monkeypatch.context() as patch:
            patch.setattr(Journal, "add", stop)
            with pytest.raises(OutputError, match=r"stopped .*rows are answered and kept in .*--resume"):
                call()

    return run
