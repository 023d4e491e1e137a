"""With --log every task records its training, and trains the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recurra.cli.train import train
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import TASKS, get_task
from recurra.terminal.progress import Reporter
from support.forecast_files import write_long
from support.records import csv_figures, csv_parameters
from support.written_models import write_data

SENTENCES = [f"the {('good', 'bad')[n % 2]} film number w{n} was v{n % 7}" for n in range(48)]
LINES: dict[str, tuple[str, Callable[[int, str], str], str]] = {
    "classify": ("rows.csv", lambda n, text: f"{text},{('yes', 'no')[n % 2]}\n", "text,label\n"),
    "multilabel": ("rows.csv", lambda n, text: f"{text},{('a', 'a;b', '')[n % 3]}\n", "text,labels\n"),
    "regress": ("rows.csv", lambda n, text: f"{text},{n % 5}\n", "text,stars\n"),
    "tag": (
        "tagged.conllu",
        lambda n, text: (
            "".join(f"{i}\t{word}\t_\tT{i}" + "\t_" * 6 + "\n" for i, word in enumerate(text.split(), 1)) + "\n"
        ),
        "",
    ),
    "translate": ("pairs.tsv", lambda n, text: f"{text}\t{text.upper()}\n", "source\ttarget\n"),
    "chat": ("talk.jsonl", lambda n, text: json.dumps({"turns": [text, text[::-1]]}) + "\n", ""),
}
SMALL: dict[str, Any] = {"hidden": 4, "epochs": 2, "batch": 4, "threads": 1, "precision": "fp32", "baseline": False}
FURTHER: dict[str, dict[str, Any]] = {
    "classify": {"embedding": 4, "min_count": 1, "quantise": "never", "split": 0.3, "valid": 0.3},
    "multilabel": {"embedding": 4, "min_count": 1, "quantise": "never", "split": 0.3, "valid": 0.3},
    "regress": {"embedding": 4, "min_count": 1, "quantise": "never", "split": 0.3, "valid": 0.3},
    "generate": {"embedding": 4, "valid": 0.3},
    "tag": {"embedding": 4, "split": 0.3, "valid": 0.3},
    "translate": {"embedding": 4, "vocabulary": 280, "split": 0.3, "valid": 0.3},
    "chat": {"embedding": 4, "vocabulary": 280, "split": 0.3, "valid": 0.3},
    "transcribe": {"valid": 0.3},
    "series": {"valid": 0.3},
    "forecast": {"horizon": 3},
}


def data_of(task: str, folder: Path) -> Path:
    if task == "forecast":
        return write_long(folder / "sales.csv")
    if task not in LINES:
        return write_data(task, folder)
    name, line, header = LINES[task]
    (folder / name).write_text(header + "".join(line(n, text) for n, text in enumerate(SENTENCES)), encoding="utf-8")
    return folder / name


@pytest.mark.parametrize("task", TASKS)
def test_a_recorded_run_trains_the_same(task: str, tmp_path: Path) -> None:
    data, options = data_of(task, tmp_path), get_task(task).options.model_fields
    chosen = {name: value for name, value in {**SMALL, **FURTHER[task]}.items() if name in options}

    def trained(name: str, **more: str) -> dict[str, Any]:
        given = task_options({"task": task, **chosen, **more})
        train(str(data), tmp_path / name, given, reporter=Reporter(quiet=True))
        manifest: dict[str, Any] = json.loads((tmp_path / name / "manifest.json").read_text(encoding="utf-8"))
        return manifest

    plain, recorded = trained("plain"), trained("recorded", log="csv")
    for name in ("config", "network", "labels"):
        assert plain[name] == recorded[name]
    differing = {name for name, entry in plain["files"].items() if entry != recorded["files"][name]}
    assert differing <= {"metrics.json", "report.html", "README.md"}, "these state how long it took"

    figures = csv_figures(tmp_path / "recorded.log")
    steps = [step for name, step, _ in figures if name == "step/loss"]
    assert steps == list(range(1, steps[-1] + 1))
    names = {name for name, _, _ in figures}
    assert names >= {"step/learning_rate", "epoch/train_loss", "epoch/valid_loss"}
    scores = {name: value for name, _, value in figures if name.startswith("test/")}
    for name, value in recorded["metrics"].items():
        if name.endswith("_ci95") and value:
            assert [scores[f"test/{name.removesuffix('_ci95')}_{end}"] for end in ("low", "high")] == value
        elif f"test/{name}" in scores:
            assert scores[f"test/{name}"] == value
    assert scores["test/rows"] == recorded["metrics"]["rows"]
    parameters = csv_parameters(tmp_path / "recorded.log")
    assert (parameters["model"], parameters["digest"], parameters["task"]) == ("recorded", recorded["digest"], task)
    assert parameters.items() >= {name: str(value) for name, value in chosen.items()}.items()
    text = (tmp_path / "recorded.log" / "metrics.csv").read_text() + (tmp_path / "recorded.log" / "run.csv").read_text()
    assert "film" not in text and "shop" not in text, "no row is recorded"
