"""`evaluate` says for every task where the data are those of the training, with a file of held-out rows or without."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from recurra.cli.train import train
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import TASKS
from recurra.terminal.progress import Reporter
from support.commands import Cli
from support.written_models import FILES

WARNING = "These are the very data that the model was trained on"


def written(task: str, folder: Path) -> tuple[Path, Path]:
    """Write data of a task twice, the second time with other words."""
    name, content = FILES[task]
    if task == "tag":
        content = content.replace("good", "n1", 1)
    elif task == "generate":
        content *= 40
    else:
        head, *rows = content.splitlines() if task != "chat" else ["", *content.splitlines()]
        rows = [row.replace("the film", f"the n{n}").replace("a ", f"a m{n} ") for n, row in enumerate(rows * 5)]
        rows = [row.replace('": ["', f'": ["{n} ') if task == "chat" else f"{n} {row}" for n, row in enumerate(rows)]
        content = "\n".join([*([head] if head else []), *rows]) + "\n"
    paths = folder / f"first-{name}", folder / f"second-{name}"
    paths[0].write_text(content)
    paths[1].write_text(content.replace("river", "lake").replace("friend", "uncle").replace("the", "this"))
    return paths


@pytest.mark.parametrize(
    "task", [task for task in TASKS if task not in ("transcribe", "series", "forecast")]
)  # their commands
def test_data_of_the_training_are_recognised(
    task: str, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = written(task, tmp_path)
    options = {"task": task, "epochs": 1, "hidden": 4, "embedding": 4, "threads": 1, "baseline": False}
    for test in (None, str(second)):
        out = tmp_path / ("apart" if test else "split")
        chosen = task_options({**options, **({"test": test} if test else {"split": 0.3})})
        train(str(first), out, chosen, reporter=Reporter(quiet=True))
        data = json.loads((out / "manifest.json").read_text())["data"]
        assert (data["fingerprint"] == data["training_fingerprint"]) is (test is None)
        evaluated: Callable[[Path], str] = lambda path, out=out: said(cli, out, path)  # noqa: E731
        assert WARNING in evaluated(first)
        assert WARNING not in evaluated(second)


def said(cli: Cli, model: Path, data: Path) -> str:
    result = cli("evaluate", model, data, "--json")
    assert result.exit_code == 0, result.stderr
    return " ".join(result.stderr.split())
