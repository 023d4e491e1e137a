"""Fixtures that tests of several folders share, and how many examples a property test tries.

`make test` tries the same examples in every run, so that a change is judged by what it changes; `make fuzz`
(RECURRA_FUZZ=1) draws new ones each time.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.register_profile(
    "fuzz", max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
settings.load_profile("fuzz" if os.environ.get("RECURRA_FUZZ") else "same")

pytest_plugins = [
    "support.archives",
    "support.classified",
    "support.column_rows",
    "support.commands",
    "support.labelled",
    "support.metrics",
    "support.packaged",
    "support.recurrence",
    "support.runs",
    "support.servers",
    "support.stopped_runs",
    "support.tiny_graphs",
]
