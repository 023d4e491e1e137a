"""The record as event files: read back record by record, with checksums computed anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.errors import OutputError
from recurra.training.records.recorder import Point
from recurra.training.records.tensorboard import TensorBoardRecorder
from support.records import events, tensorboard_figures

POINTS = [Point("step/loss", 1, 0.75, 1.5), Point("member-1-of-2/epoch/valid_loss", 7, -2.0, 2.0)]
FIGURES = [("step/loss", 1, 0.75), ("member-1-of-2/epoch/valid_loss", 7, -2.0)]


def test_scalars_options_and_the_model_are_written(tmp_path: Path) -> None:
    recorder = TensorBoardRecorder(tmp_path, "m")
    recorder.check(replace=False)
    recorder.begin()
    recorder.parameters({"cell": "gru", "hidden": 8, "baseline": False})
    recorder.write(POINTS)
    assert tensorboard_figures(tmp_path) == FIGURES, "they are there before the file is closed"
    recorder.finish({"model": "m", "digest": "abc"})
    recorder.close("finished")
    first, *rest = events(tmp_path)
    assert first.file_version == "brain.Event:2"
    assert [event.wall_time for event in rest if event.summary.value[0].tag == "step/loss"] == [1.5]
    content = b"".join(event.SerializeToString() for event in rest)
    for text in (b"hparams", b"cell", b"gru", b"digest", b"abc"):
        assert text in content


def test_a_record_goes_on_in_a_file_of_its_own_behind_half_an_event(tmp_path: Path) -> None:
    first = TensorBoardRecorder(tmp_path, "m")
    token = first.begin()
    first.write(POINTS)
    first.close("stopped")
    (whole,) = tmp_path.iterdir()
    second = TensorBoardRecorder(tmp_path, "m")
    assert second.continues(token)
    last = {"step/loss": 1, "member-1-of-2/epoch/valid_loss": 7}
    assert second.resume(token) == last
    second.write([Point("step/loss", 2, 0.5, 3.0)])
    second.close("finished")
    assert len(list(tmp_path.iterdir())) == 2
    assert tensorboard_figures(tmp_path) == [*FIGURES, ("step/loss", 2, 0.5)]

    content = whole.read_bytes()
    for end in range(len(content) - 16, len(content)):
        whole.write_bytes(content[:end])
        third = TensorBoardRecorder(tmp_path, "m")
        assert third.resume(token)["step/loss"] == 2
        third.close("stopped")


def test_a_new_record_replaces_the_event_files_alone(tmp_path: Path) -> None:
    first = TensorBoardRecorder(tmp_path, "m")
    first.begin()
    first.write(POINTS)
    first.close("finished")
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"--log tensorboard: .* is the record of an earlier run"):
        TensorBoardRecorder(tmp_path, "m").check(replace=False)
    second = TensorBoardRecorder(tmp_path, "m")
    second.check(replace=True)
    second.begin()
    second.close("finished")
    assert tensorboard_figures(tmp_path) == [] and (tmp_path / "mine.txt").read_text() == "mine"
