"""The help of a command with the options of several tasks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("command", "task", "there", "absent"),
    [
        ("compare", "series", ("--convolutions", "--values"), ("--max-tokens", "--baseline", "--rows")),
        ("compare", "classify", ("--max-tokens", "--rows"), ("--convolutions", "--quantise", "--unlabelled")),
        ("train", "series", ("--convolutions", "--baseline"), ("--max-tokens", "--horizon")),
    ],
)
def test_the_help_shows_the_options_of_the_task(
    command: str, task: str, there: tuple[str, ...], absent: tuple[str, ...], cli: Callable[..., Any]
) -> None:
    result = cli(command, f"--task={task}", "--help")
    words = set(re.findall(r"--[a-z][a-z-]*", result.stdout))
    assert result.exit_code == 0 and words >= {*there, "--task", "--out"}
    assert not words & set(absent)
    assert f"of the task {task}" in " ".join(result.stdout.split())


def test_a_command_lists_the_tasks_that_it_knows(cli: Callable[..., Any]) -> None:
    words = " ".join(re.sub(r"[│─╭╮╰╯]", " ", cli("compare", "--help").stdout).split())
    assert "One of: classify, multilabel, regress, series. [default: classify]" in words
    words = " ".join(re.sub(r"[│─╭╮╰╯]", " ", cli("train", "--help").stdout).split())
    assert "One of: classify, multilabel, regress, generate, tag," in words


def test_a_mistyped_option_is_answered_by_one_of_the_task(cli: Callable[..., Any]) -> None:
    result = cli("compare", "x.csv", "--out", "c", "--task", "series", "--convolution", "3")
    assert (result.exit_code, "Did you mean '--convolutions'?" in result.stderr) == (2, True)
    result = cli("compare", "x.csv", "--out", "c", "--convolution", "3")
    assert (result.exit_code, "--convolutions" in result.stderr) == (2, False)
