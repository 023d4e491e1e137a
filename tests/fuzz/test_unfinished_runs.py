"""What a stopped run left behind, damaged: the run is continued to the same result as without a stop, or refused."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from recurra.cli.train import train
from recurra.errors import InterruptedTraining, OutputError
from recurra.storage.journal import Journal
from recurra.terminal.progress import Reporter, TrainingProgress
from support.commands import TINY, made_rows
from support.damage import altered, damaged
from support.fuzzing import fuzzed
from support.live_server import made_texts, write_model
from support.options import train_options
from support.whole_commands import in_words, run


@dataclass(frozen=True)
class Stopped:
    """A folder with the input of a run and what it left when it was stopped. result: what it gives without a stop."""

    folder: Path
    left: str
    result: bytes


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "model")


@pytest.fixture(scope="module")
def scoring(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Stopped]]:
    """A file being scored, stopped by what it was doing: answering, answered, or placing the output."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("recurra.tasks.classify.predict_file.PIECE_ROWS", 8)
        patch.setattr("recurra.tasks.classify.predict_file.PART_ROWS", 16)
        stopped = {}
        for name, stop in {"answering": ("add", 3), "answered": ("place", 0), "placed": ("_remove", 0)}.items():
            folder = tmp_path_factory.mktemp(name)
            with (folder / "in.csv").open("w", newline="") as file:
                csv.writer(file).writerows([["text"], *([text] for text in made_texts(70))])
            words = ("predict", model, "--input", folder / "in.csv", "--output")
            assert run(*words, folder / "whole.csv").status == 0
            with stopping(*stop):
                run(*words, folder / "out.csv")
            whole = folder / "whole.csv"
            stopped[name] = Stopped(folder, "out.csv.partial", whole.read_bytes())
            whole.unlink()
            assert (folder / "out.csv.partial" / "journal.json").exists()
        yield stopped


@contextmanager
def stopping(method: str, parts: int) -> Iterator[None]:
    """Stop a run where its journal comes to a method; after the method where it is to hold a number of parts."""
    whole: Callable[..., None] = getattr(Journal, method)

    def stop(self: Journal, *given: Any) -> None:
        if parts:
            whole(self, *given)
        if len(self.parts) >= parts:
            raise OutputError("The test stops here.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, method, stop)
        yield


@st.composite
def damage(draw: st.DrawFn, folder: Path) -> tuple[str, bytes | None]:
    """Draw the name of a file below `folder`, and what it is to hold instead; None where it is to go."""
    files = content(folder)
    name = draw(st.sampled_from(sorted(files)))
    if draw(st.integers(0, 9)) == 0:
        return name, None
    if name.endswith(".json") and draw(st.booleans()):
        return name, json.dumps(draw(altered(json.loads(files[name])))).encode("utf-8", "surrogatepass")
    return name, draw(damaged(files[name]))


def put(folder: Path, name: str, changed: bytes | None) -> None:
    if changed is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(changed)


@fuzzed(30, doing=st.sampled_from(("answering", "answered", "placed")), data=st.data())
def test_a_file_being_scored(model: Path, scoring: dict[str, Stopped], doing: str, data: st.DataObject) -> None:
    stopped = scoring[doing]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(shutil.copytree(stopped.folder, Path(name) / "run"))
        if doing == "placed":
            know_again(folder / "out.csv", folder / stopped.left / "journal.json")
        put(folder / stopped.left, *data.draw(damage(folder / stopped.left)))
        before = content(folder)
        words = ("--input", folder / "in.csv", "--output", folder / "out.csv", "--resume", "--json")
        ended = run("predict", model, *words)
        in_words(ended)
        after = content(folder)
        assert after["in.csv"] == before["in.csv"] and list(Path(name).iterdir()) == [folder]
        if ended.status:
            assert after.get("out.csv") == before.get("out.csv")
        else:
            assert after == {"in.csv": before["in.csv"], "out.csv": stopped.result}
            assert json.loads(ended.out)["rows"] == 70


def know_again(output: Path, journal: Path) -> None:
    """Have the journal state that the copy of an output is the file that was put in place."""
    plain, state = json.loads(journal.read_text()), output.stat()
    plain["finished"]["placed"] = [state.st_ino, state.st_size, state.st_mtime_ns]
    journal.write_text(json.dumps(plain))


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
