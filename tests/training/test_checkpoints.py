"""The directory of a run: held by one process, reported where it cannot be written, not continued where damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from recurra.errors import BusyError, OutputError, ResumeError
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


def saved(folder: Path) -> tuple[CheckpointStore, dict[str, torch.Tensor]]:
    store, tensors = (
        CheckpointStore(folder),
        {"weights.w": torch.arange(6.0).reshape(2, 3), "adam.0.step": torch.tensor(3.0)},
    )
    store.save(1, tensors, {"run": {"step": 1}})
    store.save(2, {name: tensor + 1 for name, tensor in tensors.items()}, {"run": {"step": 2}})
    return store, tensors


def test_the_newest_checkpoint_is_as_it_was_saved(tmp_path: Path) -> None:
    store, tensors = saved(tmp_path)
    newest, state = store.newest() or ({}, {})
    assert state["run"] == {"step": 2} and newest.keys() == tensors.keys()
    assert all(torch.equal(newest[name], tensor + 1) for name, tensor in tensors.items())


def test_every_damaged_byte_of_a_checkpoint_is_noticed(tmp_path: Path) -> None:
    store, tensors = saved(tmp_path)
    good = store.paths()[-1].read_bytes()
    for place in range(len(good)):
        store.paths()[-1].write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        older, state = store.newest() or ({}, {})
        assert state["run"] == {"step": 1} and torch.equal(older["weights.w"], tensors["weights.w"])


def test_where_none_is_sound_the_run_cannot_be_continued(tmp_path: Path) -> None:
    store, _ = saved(tmp_path)
    for path in store.paths():
        path.write_bytes(path.read_bytes()[:-1] + b"\x07")
    with pytest.raises(ResumeError, match=r"can be read as it was written\. Start over with --overwrite"):
        store.newest()
