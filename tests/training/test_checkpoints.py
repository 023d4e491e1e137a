"""The directory of a run: held by one process, reported where it cannot be written, not continued where damaged."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from click.testing import Result
from safetensors.torch import save

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


def store_with(directory: Path, state: object) -> CheckpointStore:
    directory.mkdir()
    content = save({"weights.x": torch.zeros(1)}, metadata={"state": json.dumps(state)})
    (directory / "checkpoint-0000000003.safetensors").write_bytes(content)
    return CheckpointStore(directory)


@pytest.mark.parametrize("state", [[], None, "x", 3])
def test_a_checkpoint_that_states_nothing_is_as_good_as_none(state: object, tmp_path: Path) -> None:
    store = store_with(tmp_path / "state", state)
    assert store.check_format() == {}
    with pytest.raises(ResumeError, match=r"None of the checkpoints .* Start over with --overwrite"):
        store.newest()


def test_a_pickle_in_place_of_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    class Harmful:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "harm",))

    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "checkpoint-0000000009.safetensors").write_bytes(pickle.dumps(Harmful()))
    with pytest.raises(ResumeError, match="can be read"):
        CheckpointStore(tmp_path / "state").newest()
    assert not (tmp_path / "harm").exists()


def test_another_format_is_refused_before_the_data_are_read(
    reviews: Path, cli: Callable[..., Result], tmp_path: Path
) -> None:
    store_with(tmp_path / "m.training", {"format": 1})
    result = cli("train", reviews, "--out", tmp_path / "m", "--resume")
    assert result.exit_code != 0
    assert "Reading" not in result.output
    assert "another version of Recurra" in result.output
    assert (tmp_path / "m.training" / "checkpoint-0000000003.safetensors").exists()


def test_a_checkpoint_of_another_network_is_one_sentence(
    reviews: Path, train_tiny: Callable[..., object], tmp_path: Path
) -> None:
    CheckpointStore(tmp_path / "m.training").save(3, {"weights.x": torch.zeros(1)}, {"identity": {}, "run": {}})
    with pytest.raises(ResumeError, match=r"None of the checkpoints .* can be read"):
        train_tiny(reviews, tmp_path / "m", resume=True)


def test_an_earlier_stage_has_checkpoints_of_its_own(tmp_path: Path) -> None:
    store, tensors = CheckpointStore(tmp_path), {"w": torch.zeros(1)}
    assert not store.begun and store.latest_stage().newest() is None
    first, second = store.stage("1-teacher"), store.stage("2-answers")
    assert first.newest_step() == 0
    first.save(7, tensors, {"run": {"step": 7}})
    assert store.begun and not store.paths() and store.newest() is None
    assert store.latest_stage().directory == first.directory and first.newest_step() == 7
    second.save(1, tensors, {"run": {"step": 1}})
    assert store.latest_stage().directory == second.directory
    store.save(2, tensors, {"run": {"step": 2}})
    assert store.latest_stage() is store
    store.forget()
    assert not store.begun and not first.paths() and not second.paths()


def test_a_stage_may_have_stages_of_its_own(tmp_path: Path) -> None:
    store, tensors = CheckpointStore(tmp_path), {"w": torch.zeros(1)}
    teacher = store.stage("1-teacher")
    for inner in (teacher.stage("member-01"), teacher.stage("member-02"), teacher):
        inner.save(3, tensors, {"run": {"step": 3}})
        assert store.latest_stage().directory == inner.directory and store.begun
    after = store.stage("member-01")
    after.save(1, tensors, {"run": {"step": 1}})
    assert store.latest_stage().directory == after.directory
    teacher.forget()
    assert not list((tmp_path / "1-teacher").rglob("checkpoint-*")) and after.paths()
    (tmp_path / "table.tmp").write_bytes(b"")
    assert store.latest_stage().directory == after.directory, "a file beside them is no stage"


def test_a_stage_whose_checkpoints_are_all_damaged_is_done_again(tmp_path: Path) -> None:
    store, tensors = CheckpointStore(tmp_path), {"w": torch.zeros(1)}
    answers = store.stage("2-answers")
    answers.save(1, tensors, {"run": {"step": 1}})
    store.save(5, tensors, {"run": {"step": 5}})
    assert store.without_damaged_stages() is store and store.paths()
    (whole,) = store.paths()
    whole.write_bytes(whole.read_bytes()[:-2])
    assert store.without_damaged_stages().directory == answers.directory
    assert not store.paths() and answers.paths(), "no run can go on from what is damaged"
    store.save(5, tensors, {"run": {"step": 5}})
    for path in (*store.paths(), *answers.paths()):
        path.write_bytes(path.read_bytes()[:-2])
    assert store.without_damaged_stages() is store and store.paths() and answers.paths(), "nothing is sound"
