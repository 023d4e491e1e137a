"""The part of a training that reads the data and divides them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from recurra.errors import RecurraError
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import get_task
from recurra.terminal.progress import Reporter
from recurra.training.trainer import RunContext
from support.whole_commands import in_sentences


def what_training_reads(data: Path, task: str = "classify", **options: Any) -> dict[str, Any] | None:
    """Return "data" of metrics.json as `recurra train` would state it; None where it refuses the data, in words."""
    given = {name: value for name, value in options.items() if value is not None}
    chosen = task_options({"task": task, **given})
    with tempfile.TemporaryDirectory() as folder:
        context = RunContext(str(data), Path(folder), Path(folder) / "rejects", Reporter(quiet=True))
        try:
            with get_task(task).trainer()(chosen, context) as trainer:
                read = trainer.read()
                counts, _ = trainer.split()
        except RecurraError as error:
            in_sentences(str(error))
            return None
    assert min(counts[part] for part in ("train", "test")) >= 1
    return read
