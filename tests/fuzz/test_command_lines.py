"""Command lines of any words: what cannot be done is refused in words, and leaves no file behind."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import strategies as st

from recurra.cli.app import COMMANDS, app
from recurra.errors import TrainingError
from recurra.tasks.registry import all_tasks
from support.damage import TEXTS
from support.dialects import ROWS, Dialected
from support.fuzzing import fuzzed
from support.live_models import SAMPLES
from support.whole_commands import in_words, run

FILES = {
    "rows.csv": Dialected(".csv").written(ROWS),
    "text.txt": b"w1 w2\nw3\n",
    "empty.csv": b"",
    "pairs.tsv": b"a\tb\nc\td\n",
}
PLACES = (*FILES, *SAMPLES, "missing.csv", "folder", ".", "..", "out.csv", "out.jsonl", "out.parquet", "out", "")
"""Words that are names of something in the folder that the commands run in, or could become one."""

VALUES = ("0", "1", "2", "-1", "8", "0.5", "nan", "inf", "1e400", "9" * 30, "text", "label", "upos", "utf-8",
          "utf_16", "rot13", "idna", "hex", ";", ",", "\t", "", " ", "stop", "skip", "classify", "tag", "lstm",
          "gru,rnn", "auto", "é", "--", "-", "\\", "\x1b[31m", "127.0.0.1")  # fmt: skip
STOPPED = "This test trains nothing."


def options_by_command() -> dict[str, list[tuple[str, bool]]]:
    """Return (option, whether it is a flag) of each command."""
    group: Any = typer.main.get_command(app())
    return {
        name: [(it.opts[0], bool(it.is_flag)) for it in command.params if it.opts and it.opts[0].startswith("-")]
        + [(it.secondary_opts[0], True) for it in command.params if it.secondary_opts]
        for name, command in group.commands.items()
    }


OPTIONS = options_by_command()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for task, sample in SAMPLES.items():
        sample.write(folder / task)
    return folder


@pytest.fixture(scope="module", autouse=True)
def _nothing_long() -> Iterator[None]:
    """Nothing is trained, probed or served: what comes before it is what is tested."""

    def stopped(*_: Any, **__: Any) -> Any:
        raise TrainingError(STOPPED)

    with pytest.MonkeyPatch.context() as patch:
        for task in all_tasks():
            patch.setattr(task.trainer(), "fit", stopped)
        patch.setattr("recurra.tasks.classify.learn.fit.fit_classifier", stopped)
        patch.setattr("recurra.pretraining.fit.fit_base", stopped)
        patch.setattr("recurra.probe.run._run", stopped)
        patch.setattr("recurra.server.start.serve", stopped)
        yield


word = st.one_of(st.sampled_from(PLACES), st.sampled_from(VALUES), TEXTS, st.text(max_size=6)).filter(
    lambda it: "\0" not in it and "\ud800" not in it and "/" not in it and len(it) < 200
)


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """Draw a command with arguments that may exist, and options of its own, of others, and misspelt ones."""
    command = draw(st.sampled_from(COMMANDS))
    words = draw(st.lists(st.sampled_from([*SAMPLES, *PLACES]), max_size=2))
    for _ in range(draw(st.integers(0, 4))):
        option, is_flag = draw(st.sampled_from(OPTIONS[draw(st.sampled_from((command, command, command, *COMMANDS)))]))
        option = draw(st.sampled_from((option, option, option, option, option[:-1], option.upper(), option[1:])))
        if is_flag or draw(st.integers(0, 9)) == 0:
            words += [option]
        else:
            value = draw(word)
            words += [f"{option}={value}"] if draw(st.booleans()) else [option, value]
    if draw(st.integers(0, 3)) == 0:
        words.insert(draw(st.integers(0, len(words))), draw(word))
    return [command, *words]


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@fuzzed(80, words=command_lines(), input=st.sampled_from((b"", b"w1 w2\n", b"\xff", b"a\nb\n/quit\n")))
def test_command_lines(models: Path, monkeypatch_module: pytest.MonkeyPatch, words: list[str], input: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "inner"
        shutil.copytree(models, folder)
        for file, rows in FILES.items():
            (folder / file).write_bytes(rows)
        (folder / "folder").mkdir()
        before = content(folder)
        monkeypatch_module.chdir(folder)
        try:
            ended = run(*words, input=input)
        finally:
            monkeypatch_module.undo()
        in_words(ended)
        after = content(folder)
        assert list(Path(name).iterdir()) == [folder]
        if ended.status:
            left = {path for path in after.keys() - before.keys() if not path.endswith(".rejects")}
            assert not left and all(after[path] == before[path] for path in before)
        else:
            may_change = "--overwrite" in words
            assert all(after.get(path) == rows for path, rows in before.items() if not may_change)
            if "--json" in words and "--help" not in words and "-h" not in words:
                for line in ended.out.splitlines():
                    json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
