"""The search space: the default one, and one from a file."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import OptionError
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import all_tasks
from recurra.tuning.space import DEFAULT, Choice, Range, on_command_line, rounded, space_of


@pytest.mark.parametrize("task", [task.name for task in all_tasks()])
def test_the_default_space_is_of_what_the_task_takes(task: str) -> None:
    options = task_options({"task": task})
    space = space_of(options, [], None)
    assert {"hidden", "learning_rate", "dropout"} <= set(space) <= set(type(options).model_fields)
    for name, values in space.items():
        for value in values.ends():
            assert getattr(task_options({"task": task, name: value}), name) == value


def test_what_is_given_is_not_searched() -> None:
    options = task_options({"hidden": 32, "cell": "gru"})
    assert set(space_of(options, ["hidden", "cell"], None)) == set(DEFAULT) - {"hidden", "cell"}
    of_file = task_options({"word_vectors": "glove.txt"})
    assert "embedding" not in space_of(of_file, ["word_vectors"], None)
    assert set(space_of(task_options({"from_": "base"}), ["from_"], None)) == {
        "dropout", "word_dropout", "learning_rate", "batch",
    }  # fmt: skip
    with pytest.raises(OptionError, match="nothing is left to search"):
        space_of(options, list(DEFAULT), None)


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "space.toml"
    file.write_text(
        'hidden = {low = 8, high = 64, log = true}\nlearning-rate = {low = 1e-4, high = 1}\ncell = ["gru", "rnn"]\n'
        "layers = [1, 3]\nfrom = ['a', 'b']\n"
    )
    space = space_of(task_options({}), [], file)
    assert space == {
        "hidden": Range(8, 64, log=True),
        "learning_rate": Range(1e-4, 1.0),
        "cell": Choice(("gru", "rnn")),
        "layers": Choice((1, 3)),
        "from_": Choice(("a", "b")),
    }
    assert space["hidden"].whole and not space["learning_rate"].whole  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("hiden = [1, 2]", "Did you mean 'hidden'"),
        ("seed = [1, 2]", "is not searched"),
        ("hidden = [32]", "two different values"),
        ("hidden = [32, 32]", "two different values"),
        ("hidden = [[1], [2]]", "list of texts, numbers"),
        ("hidden = 32", "accepted are a list"),
        ("hidden = {low = 64, high = 32}", "accepted are a list"),
        ("dropout = {low = 0.0, high = 0.5, log = true}", "accepted are a list"),
        ("hidden = {low = 1, high = 2, step = 1}", "accepted are a list"),
        ("hidden = {low = 0, high = 64}", "at least 1"),
        ("cell = ['gru', 'lstmm']", "Did you mean 'lstm'"),
        ("dropout = {low = 0.1, high = nan}", "accepted are a list"),
        ("", "names no option"),
        ("hidden = ", "not valid TOML"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "space.toml"
    file.write_text(content)
    with pytest.raises(OptionError, match=words):
        space_of(task_options({}), [], file)


def test_a_name_that_is_given_besides(tmp_path: Path) -> None:
    file = tmp_path / "space.toml"
    file.write_text("hidden = [8, 16]")
    with pytest.raises(OptionError, match="--hidden is given, and searched"):
        space_of(task_options({"hidden": 8}), ["hidden"], file)
    with pytest.raises(OptionError, match="cannot be read: No such file"):
        space_of(task_options({}), [], tmp_path / "none.toml")


def test_what_lies_inside() -> None:
    assert 32 in Range(32, 64) and 65 not in Range(32, 64) and 40.0 not in Range(32, 64) and None not in Range(0.0, 1.0)
    assert 1 in Range(0.5, 2.0) and True not in Range(0, 2)
    assert 1 in Choice((1, 2)) and True not in Choice((1, 2)) and "gru" in Choice(("gru", "lstm"))


@given(st.dictionaries(st.sampled_from(["hidden", "dropout", "cell"]), st.text(min_size=1) | st.integers(0)))
def test_a_shell_reads_the_same_back(values: dict[str, Any]) -> None:
    words = shlex.split(on_command_line(values, shlex.quote))
    assert words == [word for name, value in values.items() for word in (f"--{name}", str(value))]


@given(st.floats(1e-6, 1e6))
def test_numbers_are_typed_as_they_are_trained_with(number: float) -> None:
    (value,) = rounded({"learning_rate": number}).values()
    assert value == pytest.approx(number, rel=6e-3)
    assert float(on_command_line({"learning_rate": value}, str).split()[1]) == value


def test_switches() -> None:
    assert on_command_line({"punctuation": False, "baseline": True, "from_": "a b"}, shlex.quote) == (
        "--no-punctuation --baseline --from 'a b'"
    )
