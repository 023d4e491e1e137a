"""A sixth task costs a folder and a line: tests/vowels is registered, and the real commands and the server take it."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

import recurra
from recurra.cli.app import main
from recurra.http.options import ServeOptions
from recurra.http.service import Service
from recurra.server.app import create_app
from recurra.server.model_loading import load_model
from recurra.tasks import registry

TEXTS = ["".join(np.random.default_rng(row).choice(list("aeioubcdfgh "), 3 + row % 17)) for row in range(400)]
Run = Callable[..., tuple[int, str, str]]


def vowels(text: str) -> int:
    return sum(letter in "aeiou" for letter in text)


@pytest.fixture(scope="module")
def registered() -> Iterator[None]:
    """The one line."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry.TASKS, "vowels", "vowels.task:TASK")
        yield


@pytest.fixture
def run(registered: None, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process, as `recurra` does; return status, output and messages."""

    def command(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["recurra", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capfd.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    return command


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vowels")
    with (path / "texts.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "vowels"), *((text, vowels(text)) for text in TEXTS)])
    return path


def test_it_is_trained_evaluated_explained_and_reported_like_the_others(run: Run, folder: Path) -> None:
    out = folder / "model"
    status, _, messages = run("train", folder / "texts.csv", "--task", "vowels", "--threads", 1, "--out", out)
    assert status == 0, messages
    assert "mean absolute error" in messages
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["test"]["mean_absolute_error"] < 0.5 < metrics["baseline"]["mean_absolute_error"]
    assert {"train_mean_absolute_error", "valid_mean_absolute_error"} <= metrics["history"][0].keys()
    report = (out / "report.html").read_text()
    assert "Mean absolute error" in report and "vowels" in report and "accuracy" not in report.lower()

    assert json.loads((out / "manifest.json").read_text())["task"] == "vowels"
    status, shown, _ = run("inspect", out)
    assert status == 0 and "GRU" not in shown and "vowels" in shown and "weights" in shown
    status, shown, _ = run("predict", out, "banana", "--json")
    assert status == 0 and json.loads(shown)["predictions"][0]["vowels"] == pytest.approx(3, abs=1)
    assert recurra.load(out).count(["banana"]) == [json.loads(shown)["predictions"][0]["vowels"]]
    status, shown, messages = run("evaluate", out, folder / "texts.csv", "--json")
    assert status == 0 and "the very data" in messages
    assert json.loads(shown)["mean_absolute_error"] < 0.5
    status, shown, _ = run("explain", out, "bab", "--json")
    assert status == 0 and json.loads(shown)["a"] > json.loads(shown)["b"]
    status, _, messages = run("predict", out, "--input", folder / "texts.csv", "--output", folder / "counted.parquet")
    assert status == 0, messages
    refused = run("predict", out, "a", "--beam", 3)
    assert refused[0] == 2 and "--beam does not go with a model of the task vowels" in refused[2]


def test_its_options_are_in_the_help_and_in_config_files(run: Run, folder: Path) -> None:
    status, shown, _ = run("train", "--task", "vowels", "--help")
    assert status == 0 and "--hidden" in shown and "--delimiter" in shown and "--beam" not in shown
    (folder / "options.toml").write_text('task = "vowels"\nepochs = 1\nbeam = 3\n')
    status, _, messages = run("train", folder / "texts.csv", "--config", folder / "options.toml", "--out", folder / "x")
    assert status == 2 and "options.toml: beam does not go with --task vowels" in messages


def test_it_is_served_with_its_page(run: Run, folder: Path) -> None:
    out = folder / "model"
    if not out.exists():
        run("train", folder / "texts.csv", "--task", "vowels", "--threads", 1, "--out", out)
    service = Service(out, ServeOptions(), load_model)
    service.reloader.load()
    try:
        client = TestClient(create_app(service), base_url="http://127.0.0.1")
        answer: Any = client.post("/vowels", json={"texts": ["banana", "xyz"]}).json()
        assert answer["outputs"] == pytest.approx(recurra.load(out).count(["banana", "xyz"]))
        assert client.post("/vowels", json={"texts": []}).status_code == 422
        assert 'id="vowels"' in client.get("/").text
        assert "fetchJson" in client.get("/static/page.js").text
        assert client.get("/model").json()["task"] == "vowels"
        assert "Mean absolute error" in client.get("/report").text
        assert "counts the vowels" in client.get("/predict").json()["error"]["message"]
    finally:
        service.close()
