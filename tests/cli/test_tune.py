"""`recurra tune` as a command line."""

from __future__ import annotations

import csv
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TINY = ["--embedding", "4", "--epochs", "1", "--threads", "1", "--quantise", "never", "--rows", "60", "--no-baseline"]


def test_the_command_that_it_ends_with_trains_the_same_model(
    cli: Callable[..., Any], reviews: Path, tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    out, space = tmp_path / "a model", tmp_path / "space.toml"
    space.write_text("hidden = {low = 2, high = 6}\nlearning_rate = {low = 1e-3, high = 1e-1, log = true}")
    words = ["tune", reviews, "--out", out, *TINY, "--trials", 3, "--jobs", 2, "--time", "1h", "--space", space]
    result = cli(*words)
    assert result.exit_code == 0, result.stderr
    assert "Trial 0: log_loss" in result.stderr and "Trials" in result.stdout
    with (tmp_path / "a model.tuning" / "trials.csv").open() as file:
        rates = [row["learning_rate"] for row in csv.DictReader(file)]
    assert len(set(rates)) == 3
    command = " ".join(result.stdout.split("Again:", 1)[1].split("\n")[0].split())
    assert "--time" not in command and "--trials" not in command

    found = only_json(cli(*words, "--json", "--resume", "--overwrite").stdout)
    assert found["tuning"]["command"] == command
    _, *again = shlex.split(command.replace(str(out), str(tmp_path / "again")))
    trained = only_json(cli(*again, "--json").stdout)
    for name in ("test", "history", "config"):
        ours, theirs = found[name], trained[name]
        if name == "history":
            ours, theirs = ([{**entry, "seconds": 0} for entry in each] for each in (ours, theirs))
        if name == "config":
            ours, theirs = ({**each, "threads": 0} for each in (ours, theirs))
        assert ours == theirs, name


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--time", "soon"], "--time soon: accepted are durations"),
        (["--timeout", "1m", "--time", "1m"], "say the same"),
        (["--trials", "0"], "must be at least 1"),
        (["--space", "none.toml"], "cannot be read"),
        (["--metric", "x", "--hiden", "3"], "--hidden"),
    ],
)
def test_what_is_refused(
    cli: Callable[..., Any], reviews: Path, tmp_path: Path, words: list[str], message: str
) -> None:
    result = cli("tune", reviews, "--out", tmp_path / "m", *words)
    assert result.exit_code == 2 and message in " ".join(result.stderr.split())
    assert not list(tmp_path.glob("m*"))


def test_the_help_of_one_task(cli: Callable[..., Any]) -> None:
    shown = " ".join(cli("tune", "--task", "forecast", "--help").stdout.replace("│", " ").split())
    assert "--trials" in shown and "--horizon" in shown and "--split-column" not in shown
