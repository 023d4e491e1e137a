"""Waiting for another process that offers nothing to wait on but its answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

PATIENCE_SECONDS = 40.0
LONGEST_PAUSE_SECONDS = 0.05


def until(condition: Callable[[], Any], what: str) -> Any:
    """Ask again, each time after a longer pause, until the answer is true; fail when that takes too long."""
    pause, deadline = 0.001, time.monotonic() + PATIENCE_SECONDS
    while not (result := condition()):
        if time.monotonic() > deadline:
            pytest.fail(f"it took too long: {what}")
        threading.Event().wait(pause)
        pause = min(1.5 * pause, LONGEST_PAUSE_SECONDS)
    return result
