"""`recurra pretrain` as a command line: from texts to a model that started from the base, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import recurra
from support.commands import Cli, made_rows
from support.whole_commands import in_sentences

TINY = ["--hidden", "4", "--embedding", "4", "--epochs", "1", "--threads", "1", "--window", "5", "--min-count", "1"]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(text for text, _ in made_rows(60, seed=5)), encoding="utf-8")
    return path


def test_from_texts_to_answers(
    cli: Cli, texts: Path, reviews: Path, tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    base = tmp_path / "base"
    result = cli("pretrain", texts, "--out", base, *TINY)
    assert result.exit_code == 0, result.output
    assert f"Next    recurra train DATA --from {base} --out model" in result.stdout.replace("\n", "")
    assert "Pretraining 1 x LSTM(4), both" in result.stderr and "Split: 1 of 60 texts held out" in result.stderr
    shown = " ".join(cli("inspect", base).stdout.split())
    for words in ("a base, from which models start", "1 x LSTM(4), both", "Perplexity", "59 training", "1 held out"):
        assert words in shown
    found = only_json(cli("inspect", base, "--json").stdout)
    assert found["task"] == "base" and found["engine"] is None and found["missing"] == []
    result = cli("train", reviews, "--from", base, "--out", tmp_path / "m", "--epochs", 1, "--no-baseline")
    assert result.exit_code == 0, result.output
    assert recurra.load(tmp_path / "m", task="classify").predict(["a good film"])[0] in ("positive", "negative")


def test_json_is_alone_on_standard_output_and_config_files_are_read(
    cli: Cli, texts: Path, tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    (tmp_path / "c.toml").write_text("hidden = 3\nmin_count = 1\nwindow = 5\nthreads = 1\nepochs = 1\n")
    words = ("--config", tmp_path / "c.toml", "--embedding", "4", "--json")
    found = only_json(cli("pretrain", texts, "--out", tmp_path / "base", *words).stdout)
    assert found["network"]["hidden"] == 3 and found["config"]["window"] == 5
    manifest = json.loads((tmp_path / "base" / "manifest.json").read_bytes())
    assert manifest["metrics"]["perplexity"] == found["test"]["perplexity"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nothing.txt",), "nothing.txt"),
        (("texts.txt", "--text", "body"), "body"),
        (("texts.txt", "--hidden", "0"), "--hidden"),
        (("texts.txt", "--rows", "5"), "--rows"),
        (("texts.txt", "--min-count", "1000"), "No word occurs 1000 times"),
        (("empty.txt",), "empty.txt"),
        (("few.txt",), "at least 10"),
        (("binary.txt",), "binary.txt"),
        (("texts.txt", "--level", "bpe", "--vocabulary", "9"), "at least 256"),
        (("texts.txt", "--label", "x"), "There is no option '--label'"),
        (("texts.txt", "--config", "texts.txt"), "not valid TOML"),
    ],
)
def test_bad_input_ends_in_a_sentence_and_leaves_nothing(
    words: tuple[str, ...], message: str, cli: Cli, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.txt").write_bytes(b"")
    Path("few.txt").write_bytes(b"a b c d\ne f g h\n")
    Path("binary.txt").write_bytes(b"\x80\x00\xff\xfe" * 50)
    before = sorted(path.name for path in tmp_path.iterdir())
    result = cli("pretrain", *words, "--out", "base")
    assert result.exit_code != 0 and message in result.stderr, result.output
    in_sentences(result.stderr.partition("Error: ")[2].splitlines()[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_the_help_speaks_of_no_other_command(cli: Cli) -> None:
    words = " ".join(cli("pretrain", "--help").stdout.replace("│", " ").split())
    for other in ("classifier:", "calibrated", "training rows", "tagger", "--label"):
        assert other not in words, other


def test_a_base_that_learnt_nothing_is_told(cli: Cli, texts: Path, tmp_path: Path) -> None:
    result = cli("pretrain", texts, "--out", tmp_path / "base", *TINY, "--learning-rate", "10")
    assert "Perplexity of 1 held-out text:" in result.stdout
    assert "no better than counting them does" in " ".join(result.stdout.split())
