"""`recurra compare`: the cells side by side on one split."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recurra.errors import OutputError
from recurra.tasks.classify.learn import compare as module
from recurra.tasks.classify.learn.compare import ClassifyComparison
from recurra.terminal.progress import Reporter
from recurra.training.comparison import compare
from support.options import train_options

QUIET = Reporter(quiet=True)
TINY = ["--hidden", "4", "--embedding", "4", "--epochs", "1", "--threads", "1"]


def test_three_cells(
    cli: Callable[..., Any], reviews: Path, tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    out = tmp_path / "c"
    result = cli("compare", reviews, "--out", out, *TINY)
    assert result.exit_code == 0, result.stderr
    for words in ("rnn", "gru", "lstm", "Accuracy", "95 % interval", str(out)):
        assert words in result.stdout
    assert sorted(os.listdir(out)) == ["comparison.json", "comparison.md", "comparison.png"]
    kept = json.loads((out / "comparison.json").read_text())
    assert [row["cell"] for row in kept["cells"]] == ["rnn", "gru", "lstm"]
    sizes = [row["parameters"] for row in kept["cells"]]
    assert sizes == sorted(set(sizes))
    for row in kept["cells"]:
        assert row["accuracy_ci95"][0] <= row["accuracy"] <= row["accuracy_ci95"][1]
        assert row["latency_p50_ms"] <= row["latency_p99_ms"]
    assert set(kept["paired_with_best"]) == {"rnn", "gru", "lstm"} - {kept["best"]}
    assert (out / "comparison.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "comparison.md").read_text().count("\n| ") == 3

    again = cli("compare", reviews, "--out", out, *TINY, "--cell", "rnn")
    assert (again.exit_code, "--overwrite" in again.stderr) == (1, True)
    again = cli("compare", reviews, "--out", out, *TINY, "--cell", " rnn , gru", "--seeds", 2, "--overwrite", "--json")
    found = only_json(again.stdout)
    assert [len(row["accuracy_by_seed"]) for row in found["cells"]] == [2, 2]
    assert found == json.loads((out / "comparison.json").read_text())
    (one,) = found["paired_with_best"].values()
    assert len(one["by_seed"]) == 2
    low, high = one["difference_ci95"]
    assert low <= one["difference"] <= high
    assert one["better"] == (low > 0)
    assert "means over 2 seeds" in found["note"]


def test_cells_that_are_none(cli: Callable[..., Any], reviews: Path, tmp_path: Path) -> None:
    for cells, words in (
        ("rnn,lstmm", "Did you mean 'lstm'"),
        ("rnn,rnn", "twice"),
        ("", "accepted are rnn, gru, lstm"),
    ):
        result = cli("compare", reviews, "--out", tmp_path / "c", "--cell", cells)
        assert (result.exit_code, words in result.stderr) == (2, True), result.stderr
    assert os.listdir(tmp_path) == ["reviews.csv"]


def test_a_place_that_cannot_be_written_is_found_before_any_work(
    reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*_: object, **__: object) -> None:
        raise AssertionError("the data were read")

    monkeypatch.setattr(module, "read_rows", work)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    for out, words in (
        (tmp_path / "mine", r"holds 'notes\.txt', which is not part of a comparison"),
        (reviews, "a file is in the way"),
        (reviews / "c", "A part of that path is a file"),
        (Path("/"), "Choose"),
    ):
        with pytest.raises(OutputError, match=words):
            compare(ClassifyComparison, str(reviews), out, ["rnn"], train_options({}), overwrite=True, reporter=QUIET)
    assert sorted(os.listdir(tmp_path)) == ["mine", "reviews.csv"]


def test_the_current_folder_may_become_the_comparison(
    cli: Callable[..., Any], reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    result = cli("compare", reviews, "--out", ".", "--cell", "rnn", *TINY)
    assert result.exit_code == 0, result.stderr
    assert sorted(os.listdir(tmp_path / "here")) == ["comparison.json", "comparison.md", "comparison.png"]


@pytest.mark.parametrize(("line", "name"), [('unlabelled = "more.txt"', "--unlabelled"), ('from = "base"', "--from")])
def test_what_no_comparison_heeds_is_refused_in_a_config_file(
    line: str, name: str, cli: Callable[..., Any], reviews: Path, tmp_path: Path
) -> None:
    (tmp_path / "c.toml").write_text(f"{line}\nhidden = 4\n", encoding="utf-8")
    result = cli("compare", reviews, "--out", tmp_path / "c", "--config", tmp_path / "c.toml")
    assert result.exit_code != 0 and f"{name} does not go with `recurra compare`" in " ".join(result.stderr.split())
    assert not (tmp_path / "c").exists()


def test_networks_are_compared_alone_unless_n_grams_are_asked_for(
    cli: Callable[..., Any], reviews: Path, tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    sizes = []
    for more in ((), ("--ngrams", 2)):
        result = cli(
            "compare", reviews, "--out", tmp_path / "c", *TINY, "--cell", "rnn", "--overwrite", "--json", *more
        )
        found = only_json(result.stdout)
        sizes.append((found["config"]["ngrams"], found["cells"][0]["parameters"]))
    assert [order for order, _ in sizes] == [0, 2] and sizes[0][1] < sizes[1][1]


def test_a_task_whose_cells_cannot_be_compared(cli: Callable[..., Any], reviews: Path, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('task = "chat"\n', encoding="utf-8")
    for how in (("--task", "chat"), ("--config", tmp_path / "c.toml")):
        result = cli("compare", reviews, "--out", tmp_path / "c", *how)
        assert result.exit_code == 2
        assert "Cells cannot be compared with --task chat; it goes with classify, multilabel," in result.stderr
    result = cli("compare", reviews, "--out", tmp_path / "c", "--task", "serie")
    assert (result.exit_code, "Did you mean 'series'?" in result.stderr) == (2, True)


def test_an_option_of_another_task_is_refused(cli: Callable[..., Any], reviews: Path, tmp_path: Path) -> None:
    result = cli("compare", reviews, "--out", tmp_path / "c", "--convolutions", 100)
    assert result.exit_code == 2
    assert "--convolutions does not go with --task classify; it goes with series." in result.stderr
