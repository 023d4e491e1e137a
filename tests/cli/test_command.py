"""Options that are given twice, mistyped or empty, and arguments that are no text."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from recurra.cli.app import app
from support.written_models import MODELS

CASES = Path(os.environ.get("RECURRA_CASES", "no cases"))


def options_of(command: str) -> list[Any]:
    found: Any = get_command(app()).commands[command]  # type: ignore[attr-defined]
    return [p for p in found.params if p.param_type_name == "option" and not p.is_eager]


COMMANDS = (
    "train",
    "evaluate",
    "predict",
    "explain",
    "generate",
    "inspect",
    "compare",
    "chat",
    "serve",
    "probe",
    "vectors",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_option_of_any_command_may_be_given_twice(cli: Callable[..., Any], command: str) -> None:
    for option in options_of(command):
        for first in (*option.opts, *option.secondary_opts):
            for second in (*option.opts, *option.secondary_opts):
                twice = [first, second] if option.is_flag else [first, "tag", f"{second}=tag"]
                result = cli(command, *twice, "x")
                assert (result.exit_code, result.stdout) == (2, ""), option.name
                assert f"Error: The option {option.opts[0]}" in result.stderr
                assert "is given twice; only one can count. Give it once." in result.stderr


def test_both_values_and_both_signs_are_counted(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("title,body,label\n" + "".join(f"t{i},b{i},{i % 2}\n" for i in range(40)))
    result = cli("train", tmp_path / "a.csv", "--text", "title", "--text", "body", "--out", tmp_path / "m")
    assert (result.exit_code, [path.name for path in tmp_path.iterdir()]) == (2, ["a.csv"])
    assert "Error: The option --text is given twice" in result.stderr
    result = cli("train", "a.csv", "--out", "m", "--no-header", "--header", "--header")
    assert "Error: The option --header/--no-header is given 3 times" in result.stderr


def test_help_is_shown_whatever_stands_beside_it(cli: Callable[..., Any]) -> None:
    result = cli("train", "--text", "a", "--text", "b", "--help")
    assert result.exit_code == 0 and "Usage:" in result.stdout


def test_an_option_of_the_command_line_wins_over_that_of_the_file(
    cli: Callable[..., Any], reviews: Path, tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    (tmp_path / "o.toml").write_text("hidden = 8\nembedding = 4\nepochs = 1\nbaseline = false\n")
    words = ("--config", tmp_path / "o.toml", "--hidden", "4", "--json")
    result = cli("train", reviews, "--out", tmp_path / "m", *words)
    assert only_json(result.stdout)["config"]["hidden"] == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("predict", MODELS / "classify", "--proba"), "Did you mean '--probabilities'?\n"),
        (("predict", MODELS / "generate", "--proba"), "There is no option '--proba'.\n"),
        (("predict", MODELS / "classify", "--bea", "3"), "There is no option '--bea'.\n"),
        (("predict", MODELS / "translate", "--bea", "3"), "There is no option '--bea'. Did you mean '--beam'?\n"),
        (("train", "a.csv", "--proba"), "There is no option '--proba'.\n"),
        (("train", "a.csv", "--beam", "3", "--bem", "3"), "There is no option '--bem'.\n"),
        (("train", "a.csv", "--task=chat", "--bem", "3"), "Did you mean '--beam'?\n"),
        (("train", "a.csv", "--config", "chat.toml", "--bem", "3"), "Did you mean '--beam'?\n"),
        (("train", "a.csv", "--embed", "3"), "Did you mean '--embedding'?\n"),
        (("train", "a.csv", "--no-headr"), "Did you mean '--no-header'?\n"),
        (("train", "a.csv", "--learning_rate", "3"), "Did you mean '--learning-rate'?\n"),
        (("serve", "m", "--prot", "3"), "Did you mean '--port'?\n"),
        (("inspect", "m", "--out", "3"), "There is no option '--out'.\n"),
    ],
)
def test_a_suggestion_is_near_and_of_the_task(cli: Callable[..., Any], words: tuple[object, ...], said: str) -> None:
    result = cli(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.count("Did you mean") == said.count("Did you mean")


@pytest.mark.parametrize(
    "words",
    [
        ("train", "a.csv", "--out", ""),
        ("train", "a.csv", "--out="),
        ("train", "a.csv", "--out", "m", "--config", ""),
        ("inspect", ""),
        ("predict", "m", "--input", "", "--output", "x.csv"),
        ("predict", "m", "--input", "a.csv", "--output", ""),
        ("explain", "m", "text", "--html", ""),
    ],
)
def test_an_empty_path_is_not_the_current_directory(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = cli(*words)
    assert (result.exit_code, result.stdout, list(tmp_path.iterdir())) == (2, "", [])
    assert "is empty; it must be a path." in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_an_argument_that_is_not_text_is_one_sentence(cli: Callable[..., Any], command: str) -> None:
    result = cli(command, "m", os.fsdecode(b"caf\xe9"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: Argument 3, 'caf\\xe9', is not valid UTF-8. ")
    assert result.stderr.count("\n") == 1
    result = cli(command, "a\0b")
    assert (result.exit_code, result.stderr) == (2, "Error: Argument 2 holds a NUL character. Give it without.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="arguments are text there")
def test_bytes_of_the_system_are_arguments_too(process: Callable[..., Any]) -> None:
    result = process("from recurra.cli.app import main; main()", "predict", "m", os.fsdecode(b"\xff"))
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: Argument 3, '\\xff', is not valid UTF-8.")
