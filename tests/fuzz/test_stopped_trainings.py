"""What a stopped training left behind, damaged: it is continued to the same weights as without a stop, or refused."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from recurra.cli.train import train
from recurra.errors import InterruptedTraining
from recurra.terminal.progress import Reporter, TrainingProgress
from support.commands import TINY, made_rows
from support.fuzzing import fuzzed
from support.left_behind import Stopped, content, damage, put
from support.options import train_options
from support.whole_commands import in_words, run


class Impatient(Reporter):
    """Stops a training in its second epoch, as Ctrl-C does."""

    @contextmanager
    def training(self) -> Iterator[Any]:
        def watch(step: TrainingProgress) -> None:
            if step.epoch == 1:
                raise KeyboardInterrupt

        yield watch


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    """A training that was stopped in its second epoch."""
    folder = tmp_path_factory.mktemp("training")
    with (folder / "in.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["text", "label"], *made_rows(60)])
    options = train_options({**TINY, "epochs": 2})
    train(str(folder / "in.csv"), folder / "whole", options, reporter=Reporter(quiet=True))
    with pytest.raises(InterruptedTraining):
        train(str(folder / "in.csv"), folder / "out", options, reporter=Impatient(quiet=True))
    weights = (folder / "whole" / "weights.safetensors").read_bytes()
    shutil.rmtree(folder / "whole")
    return Stopped(folder, "out.training", weights)


@fuzzed(8, data=st.data())
def test_a_training(training: Stopped, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(shutil.copytree(training.folder, Path(name) / "run"))
        put(folder / training.left, *data.draw(damage(training.folder / training.left)))
        before = content(folder)
        tiny = [
            word
            for option, value in {**TINY, "epochs": 2}.items()
            if option != "baseline"
            for word in (f"--{option}", value)
        ]
        ended = run("train", folder / "in.csv", "--out", folder / "out", *tiny, "--no-baseline", "--resume")
        in_words(ended)
        assert (folder / "in.csv").read_bytes() == before["in.csv"] and list(Path(name).iterdir()) == [folder]
        if ended.status:
            assert not (folder / "out").exists()
        else:
            assert (folder / "out" / "weights.safetensors").read_bytes() == training.result
