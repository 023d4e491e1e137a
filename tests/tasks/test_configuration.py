"""The options of a training run: precedence, and errors that suggest."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.errors import OptionError
from recurra.tasks.configuration import read_config, task_options
from support.options import train_options


def test_flags_win_over_the_file_and_the_file_over_the_recipe(tmp_path: Path) -> None:
    file = tmp_path / "options.toml"
    file.write_text('recipe = "tutorial"\nmax-tokens = 150\nhidden = 32\n')
    options = train_options({"hidden": 16}, file)
    assert (options.hidden, options.max_tokens, options.pooling, options.cell) == (16, 150, "last", "lstm")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("hiden = 3", "Did you mean 'hidden'"),
        ("max-tokens = 3\nmax_tokens = 4", "twice"),
        ("hidden =", "not valid TOML"),
        ("hidden = 3\nhidden = 4", "not valid TOML"),
        ("out = 'm'", "on the command line alone: --out"),
        ("resume = true", "on the command line alone: --resume"),
        ("data = 'a.csv'", "on the command line alone, without a name"),
        ("qqqqqq = 1", "Known options"),
    ],
)
def test_a_config_file_that_cannot_be_used(tmp_path: Path, content: str, words: str) -> None:
    file = tmp_path / "options.toml"
    file.write_text(content)
    with pytest.raises(OptionError, match=words):
        read_config(file)


def test_a_config_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="cannot be read: No such file"):
        read_config(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"hidden": 0}, "--hidden cannot be 0"),
        ({"cell": "lstmm"}, "--cell cannot be 'lstmm'"),
        ({"learning_rat": 1}, "Did you mean 'learning_rate'"),
        ({"split": 1.5}, "--split"),
        ({"split_column": "a", "test": "b"}, "give one of them"),
        ({"split": 0.2, "test": "b"}, "--split and --test"),
    ],
)
def test_a_bad_option_is_named_with_what_is_accepted(given: dict[str, object], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        train_options(given)


def test_an_option_that_python_reserves_is_written_as_it_is_called(tmp_path: Path) -> None:
    file = tmp_path / "options.toml"
    file.write_text("from = 'base'")
    assert read_config(file) == {"from_": "base"}
    file.write_text("frm = 'base'")
    with pytest.raises(OptionError, match="Did you mean 'from'"):
        read_config(file)
    file.write_text("from = 3")
    with pytest.raises(OptionError, match=r"options.toml: from cannot be 3"):
        train_options({}, file)


@pytest.mark.parametrize("name", ["text", "label", "group", "weight", "slice", "features", "split_by_time"])
@pytest.mark.parametrize("value", ["", " ", ",", '""'])
def test_a_column_without_a_name_is_refused(name: str, value: str) -> None:
    with pytest.raises(OptionError, match=rf"--{name.replace('_', '-')} is .* which names no column"):
        task_options({name: value})
