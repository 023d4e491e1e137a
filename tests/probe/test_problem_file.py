"""The adding problem as a file of series: what is in it, and that a recurrent network learns it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.data.series.reader import read_series
from recurra.errors import OptionError, OutputError
from recurra.probe.problem_file import AT_ONCE, write_problem
from recurra.terminal.progress import Reporter

QUIET = Reporter(quiet=True)


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl", ".csv"])
def test_the_target_is_the_sum_of_the_marked_numbers_one_in_each_half(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    write_problem(path, "adding", 7, AT_ONCE + 30, seed=3, reporter=QUIET)
    found = read_series(path, constants=["target"])
    assert len(found.ids) == AT_ONCE + 30 and found.columns.keys() == {"target"}
    assert found.channels == (("number", "mark") if suffix == ".csv" else found.channels)
    numbers, marks = np.moveaxis(np.stack(found.values), 2, 0)
    assert (
        set(np.unique(marks)) == {0.0, 1.0} and (marks[:, :3].sum(axis=1) == 1).all() and (marks.sum(axis=1) == 2).all()
    )
    expected = (numbers * marks).sum(axis=1)
    assert np.array([float(str(one)) for one in found.columns["target"]]) == pytest.approx(expected, abs=1e-6)
    assert len(np.unique(numbers)) > 6_000 and 0 <= numbers.min() < numbers.max() <= 1


def test_formats_hold_the_same_rows_and_another_seed_others(tmp_path: Path) -> None:
    def values(name: str, seed: int) -> list[Any]:
        write_problem(tmp_path / name, "adding", 5, 40, seed=seed, reporter=QUIET)
        return [one.tolist() for one in read_series(tmp_path / name, constants=["target"]).values]

    same = values("a.jsonl", 1)
    assert same == values("a.csv", 1) == values("a.parquet", 1) != values("b.csv", 2)


def test_what_cannot_be_written(tmp_path: Path) -> None:
    for problem, length, name, words in (
        ("copy", 10, "a.csv", "not copy. Give --tasks adding"),
        ("adding", 3, "a.csv", "a length of 4 to 10,000 steps"),
        ("adding", 10, "a.parqet", "Did you mean '.parquet'"),
    ):
        with pytest.raises(OptionError, match=words):
            write_problem(tmp_path / name, problem, length, 20, reporter=QUIET)
    write_problem(tmp_path / "a.csv", "adding", 5, 20, reporter=QUIET)
    before = (tmp_path / "a.csv").read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        write_problem(tmp_path / "a.csv", "adding", 6, 20, reporter=QUIET)
    assert (tmp_path / "a.csv").read_bytes() == before
    write_problem(tmp_path / "a.csv", "adding", 6, 20, overwrite=True, reporter=QUIET)
    assert len(read_series(tmp_path / "a.csv", constants=["target"]).values[0]) == 6


def test_the_command_says_what_it_needs(cli: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    for given, words in (
        ((), "Give --out"),
        (("--write", path, "--out", tmp_path / "p", "--length", 5), "Give one of them"),
        (("--write", path), "Give one, such as --length 30"),
        (("--write", path, "--length", 5, "--tasks", "adding,copy"), "not adding,copy"),
        (("--write", ""), "--write is empty"),
    ):
        result = cli("probe", *given)
        assert (result.exit_code, words in " ".join(result.stderr.split())) == (2, True), result.stderr
    assert not list(tmp_path.iterdir())
    result = cli("probe", "--write", path, "--length", 5, "--rows", 12)
    assert result.exit_code == 0 and "Next: recurra train" in " ".join(result.stderr.split())
    assert len(path.read_text().splitlines()) == 12


def test_a_recurrent_network_learns_it_from_the_file_far_better_than_the_mean(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    """Without convolutions beside it; always answering the mean is off by a third."""
    data, model = tmp_path / "adding.parquet", tmp_path / "model"
    assert cli("probe", "--write", data, "--length", 8, "--rows", 600).exit_code == 0
    result = cli(
        *("train", data, "--task", "series", "--target", "target", "--convolutions", 0, "--out", model),
        *("--hidden", 32, "--threads", 1, "--no-baseline"),
    )
    assert result.exit_code == 0, result.stderr
    metrics = json.loads((model / "metrics.json").read_text())
    assert metrics["test"]["rows"] == 60 and metrics["test"]["mae"] < 0.12 and metrics["test"]["r2"] > 0.85
    result = cli("compare", data, "--task", "series", "--out", tmp_path / "c", "--cell", "rnn,gru", "--epochs", 1)
    assert result.exit_code == 0, result.stderr
    assert json.loads((tmp_path / "c" / "comparison.json").read_text())["measure"] == "mae"
