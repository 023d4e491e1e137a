"""`recurra probe`: table, plot and JSON, and the options that it rejects."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

QUICK = ["--length", "6,4", "--cell", "gru,rnn", "--steps", "4", "--seeds", "2", "--hidden", "4", "--processes", "1"]


def test_a_probe_writes_table_plot_and_json(
    cli: Callable[..., Any], only_json: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    out = tmp_path / "p"
    result = cli("probe", "--out", out, *QUICK, "--json")
    assert result.exit_code == 0, result.stderr
    printed = only_json(result.stdout)
    saved = json.loads((out / "probe.json").read_text())
    assert {name: value for name, value in printed.items() if name != "out"} == saved
    assert sorted(path.name for path in out.iterdir()) == ["probe.json", "probe.md", "probe.png"]
    settings = [(row["problem"], row["cell"], row["length"]) for row in saved["rows"]]
    problems = ("adding", "copy", "agreement")
    assert settings == [(name, cell, length) for name in problems for cell in ("gru", "rnn") for length in (4, 6)]
    for row in saved["rows"]:
        assert len(row["scores"]) == 2 and row["score_range"] == [min(row["scores"]), max(row["scores"])]
        assert row["steps"] == 4 and 0 < row["cpu_milliseconds_per_step_range"][0] <= row["cpu_milliseconds_per_step"]
    assert (out / "probe.png").read_bytes().startswith(b"\x89PNG")
    assert "remembering nothing 0.167" in (out / "probe.md").read_text()
    assert "agreement  RNN          6 steps" in result.stderr

    again = cli("probe", "--out", out, *QUICK, "--tasks", "copy")
    assert again.exit_code == 1 and "--overwrite" in again.stderr
    replaced = cli("probe", "--out", out, *QUICK, "--tasks", "copy", "--overwrite")
    assert replaced.exit_code == 0 and "Repeating three symbols" in replaced.stdout


KILLED = """
import os, signal
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from recurra.probe.run import _end_with_parent

pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=_end_with_parent)
print(*sorted({pool.submit(os.getpid).result() for _ in range(20)}), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_processes_end_when_the_one_that_started_them_is_killed() -> None:
    # the pipe is closed once all that can write to it have ended
    ended = subprocess.run([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, timeout=120, check=False)
    assert ended.returncode == -9 and ended.stdout.split()


def test_scores_do_not_depend_on_how_many_trainings_run_at_once(
    cli: Callable[..., Any], only_json: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    scores = []
    for processes, first, seeds in (("1", "0", "2"), ("2", "0", "2"), ("1", "1", "1")):
        words = [
            *QUICK[:6],
            *QUICK[8:-2],
            "--tasks",
            "copy",
            "--processes",
            processes,
            "--first-seed",
            first,
            "--seeds",
            seeds,
        ]
        result = cli("probe", "--out", tmp_path / f"p{len(scores)}", *words, "--json")
        assert result.exit_code == 0, result.stderr
        scores.append([row["scores"] for row in only_json(result.stdout)["rows"]])
    one, two, second_alone = scores
    assert one == two
    assert [row[1:] for row in one] == second_alone


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--cell", "lsmt"], "--cell lsmt: accepted are rnn, gru, lstm, mingru, minlstm. Did you mean 'lstm'?"),
        (["--cell", "gru,gru"], "--cell: give one or more of rnn, gru, lstm, mingru, minlstm, each once"),
        (["--tasks", "ading"], "--tasks ading: accepted are adding, copy, agreement. Did you mean 'adding'?"),
        (["--length", "10,x"], "--length 10,x: give whole numbers with commas between"),
        (["--length", "3"], "--length: give lengths of 4 to 10,000 steps"),
    ],
)
def test_bad_options_are_rejected(cli: Callable[..., Any], tmp_path: Path, words: list[str], message: str) -> None:
    result = cli("probe", "--out", tmp_path / "p", *words)
    assert result.exit_code == 2 and message in result.stderr
    assert not list(tmp_path.iterdir())
