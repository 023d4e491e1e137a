"""The directory of a run: held by one process, and reported where it cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.errors import BusyError, OutputError
from recurra.training.checkpoints import CheckpointStore


def test_two_trainers_cannot_share_a_directory(tmp_path: Path) -> None:
    with CheckpointStore(tmp_path / "state").locked():
        with pytest.raises(BusyError, match="Another process"), CheckpointStore(tmp_path / "state").locked():
            pass
    with CheckpointStore(tmp_path / "state").locked():
        pass


def test_a_directory_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="Choose another place"), CheckpointStore(tmp_path / "file" / "x").locked():
        pass
