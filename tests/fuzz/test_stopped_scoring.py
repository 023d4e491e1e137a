"""What a stopped scoring of a file left behind, damaged: it is continued to the same output, or refused."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from recurra.errors import OutputError
from recurra.storage.journal import Journal
from support.fuzzing import fuzzed
from support.left_behind import Stopped, content, damage, put
from support.live_server import made_texts, write_model
from support.whole_commands import in_words, run


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


def know_again(output: Path, journal: Path) -> None:
    """Have the journal state that the copy of an output is the file that was put in place."""
    plain, state = json.loads(journal.read_text()), output.stat()
    plain["finished"]["placed"] = [state.st_ino, state.st_size, state.st_mtime_ns]
    del plain["digest"]
    plain["digest"] = hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
    journal.write_text(json.dumps(plain))


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
