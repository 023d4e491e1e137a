"""A command reads and digests each file of a model directory once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import recurra
from recurra.cli.app import app
from recurra.http.options import ServeOptions
from recurra.http.service import Service
from recurra.server.model_loading import load_model
from recurra.storage import model_directory
from recurra.tasks.registry import TASKS

MODELS = Path(__file__).parents[1] / "fixtures" / "models-0.1.0"

COMMANDS: dict[str, list[tuple[str, ...]]] = {
    "classify": [("predict", "a good film"), ("explain", "a good film"), ("inspect",), ("evaluate", "{data}")],
    "regress": [("predict", "a good film"), ("explain", "a good film"), ("inspect",), ("evaluate", "{data}")],
    "generate": [("generate", "--prompt", "the", "--tokens", "3", "--seed", "1"), ("inspect",), ("evaluate", "{data}")],
    "tag": [("predict", "the film"), ("inspect",), ("evaluate", "{data}")],
    "translate": [("predict", "the film"), ("explain", "the film"), ("inspect",), ("evaluate", "{data}")],
    "chat": [("chat", "--seed", "1"), ("inspect",), ("evaluate", "{data}")],
}
DATA = {
    "classify": ("rows.csv", "review,sentiment\n" + "a good film,positive\na bad film,negative\n" * 5),
    "regress": ("rows.csv", "review,stars\n" + "a good film,4\na bad film,2\n" * 5),
    "generate": ("text.txt", "the film was good. " * 20),
    "tag": ("tags.conllu", "1\tthe\tthe\tDET\t_\t_\t_\t_\t_\t_\n2\tfilm\tfilm\tNOUN\t_\t_\t_\t_\t_\t_\n\n"),
    "translate": ("pairs.tsv", "source\ttarget\nthe film\teht mlif\nwas\tsaw\n"),
    "chat": ("dialogues.jsonl", '{"turns": ["hello there", "the film was good"]}\n'),
}
CASES = [(task, command) for task, commands in COMMANDS.items() for command in commands]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file of a model directory was read whole."""
    counts: Counter[str] = Counter()
    verify = model_directory._Folder.verify

    def counted(self: Any, name: str, *arguments: Any, **named: Any) -> Any:
        counts[name] += 1
        return verify(self, name, *arguments, **named)

    monkeypatch.setattr(model_directory._Folder, "verify", counted)
    return counts


@pytest.mark.parametrize(("task", "command"), CASES, ids=[f"{task}-{command[0]}" for task, command in CASES])
def test_a_command_reads_each_file_once(
    task: str, command: tuple[str, ...], tmp_path: Path, reads: Counter[str]
) -> None:
    name, content = DATA[task]
    (tmp_path / name).write_text(content, encoding="utf-8")
    words = [word.format(data=tmp_path / name) for word in command[1:]]
    result = CliRunner().invoke(app(), [command[0], str(MODELS / task), *words], input="hello\n")
    assert result.exit_code == 0, result.stderr
    manifest = model_directory.read_manifest(MODELS / task)
    assert dict(reads) == dict.fromkeys(manifest.files, 1)


@pytest.mark.parametrize("task", list(TASKS))
def test_loading_and_serving_read_each_file_once(task: str, reads: Counter[str]) -> None:
    recurra.load(MODELS / task)
    expected = dict.fromkeys(model_directory.read_manifest(MODELS / task).files, 1)
    assert dict(reads) == expected
    reads.clear()
    service = Service(MODELS / task, ServeOptions(), load_model)
    try:
        service.reloader.load()
    finally:
        service.close()
    assert dict(reads) == expected
