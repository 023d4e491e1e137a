"""Options of a training run for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recurra.tasks.classify.options import ClassifyOptions
from recurra.tasks.configuration import task_options


def train_options(flags: Mapping[str, Any], config_file: Path | None = None) -> ClassifyOptions:
    """Return the options for training a classifier."""
    options = task_options(flags, config_file)
    assert isinstance(options, ClassifyOptions)
    return options
