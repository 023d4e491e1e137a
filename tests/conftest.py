"""Fixtures that tests of several folders share."""

from __future__ import annotations

pytest_plugins = [
    "support.classified",
    "support.commands",
    "support.metrics",
    "support.recurrence",
    "support.runs",
    "support.servers",
    "support.stopped_runs",
    "support.tiny_graphs",
]
