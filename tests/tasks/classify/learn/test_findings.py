"""What is told of the rows before training, in the terminal, in metrics.json and in the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TINY = ("--epochs", "1", "--hidden", "4", "--embedding", "4", "--threads", "1", "--precision", "fp32")
Cli = Callable[..., Any]
CsvMaker = Callable[..., Path]
THAI = ["หนังเรื่องนี้", "แย่มาก", "ดีมาก", "ที่โรงหนัง", "เมื่อวาน", "กับเพื่อน", "วันเสาร์", "นักแสดง"]


def trained(cli: Cli, data: Path, out: Path, *more: object) -> tuple[str, dict[str, Any], str]:
    """Train by the command line; return what was said, metrics.json and the report."""
    result = cli("train", data, "--out", out, *TINY, *more)
    assert result.exit_code == 0, result.stderr
    return result.stderr, json.loads((out / "metrics.json").read_text()), (out / "report.html").read_text()


def before_training(said: str) -> str:
    return said[: said.index("Training 1 x")]


def test_spellings_are_told_before_training(
    cli: Cli, rows: Callable[..., Any], write_csv: CsvMaker, tmp_path: Path
) -> None:
    spelled = [
        (text, (label, label.title(), f"{label} ", "nan")[i % 40 // 10]) for i, (text, label) in enumerate(rows(120))
    ]
    blank = [("some text", " "), ("more text", "\u00a0"), ("no label", "")]
    said, metrics, report = trained(cli, write_csv([*spelled, *blank]), tmp_path / "m", "--no-baseline")
    told = before_training(said)
    assert "Classes (7): 'nan' (30 rows), 'Negative' (15 rows), 'Positive' (15 rows), " in told
    clash = (
        "Labels that differ only in white space or case: 'Negative' (15 rows, such as row 12), 'negative' (15 rows, "
        "such as row 2), 'negative ' (15 rows, such as row 22)."
    )
    missing = "'nan' (30 rows) looks like a missing label"
    for words in (clash, missing, "3 rows without a label (see rows 121, 122, 123)"):
        assert f"Data: {words}" in told
        assert sum(sentence.startswith(words) for sentence in metrics["hygiene"]["findings"]) == 1
    assert "looks like a missing label" in report and "differ only in white space or case" in report
    assert metrics["hygiene"]["class_rows"]["nan"] == 30
    assert said.count("looks like a missing label") == 1


def test_ordinary_data_give_no_finding(cli: Cli, rows: Callable[..., Any], write_csv: CsvMaker, tmp_path: Path) -> None:
    said, metrics, _ = trained(cli, write_csv(rows(120)), tmp_path / "m", "--no-baseline")
    assert metrics["hygiene"]["findings"] == ["No repeats, contradictions, empty texts or missing labels in 120 rows."]
    assert metrics["hygiene"]["without_held_out"] == []
    assert said.count("Data:") == 1


def test_labels_of_a_test_file_that_are_spelled_otherwise(
    cli: Cli, rows: Callable[..., Any], write_csv: CsvMaker, tmp_path: Path
) -> None:
    other = [(text, label if label == "negative" else "positive ") for text, label in rows(20, seed=3)]
    said, metrics, report = trained(
        cli, write_csv(rows(60)), tmp_path / "m", "--no-baseline", "--test", write_csv(other, "test.csv")
    )
    told = before_training(said)
    assert (
        "10 rows are left out, since no training row has their label: 'positive ' (10 rows; did you mean 'posi" in told
    )
    assert "1 class has no held-out row" in told and "'positive' (30 rows)" in told
    assert metrics["split"]["left_out_by_label"] == {"positive ": 10}
    assert metrics["hygiene"]["without_held_out"] == ["positive"]
    assert "No held-out row is of “positive”" in report
    assert "10 held-out rows left out" in metrics["split"]["how"]


def test_validation_rows_of_a_label_that_training_has_not_are_left_out(
    cli: Cli, rows: Callable[..., Any], write_csv: CsvMaker, tmp_path: Path
) -> None:
    parted = [(*row, ("train", "train", "valid", "test")[i // 2 % 4]) for i, row in enumerate(rows(80))]
    odd = [("an odd one", "Positive", "valid"), ("another", "third", "valid")]
    data = write_csv([*parted, *odd], header=("review", "sentiment", "part"))
    said, metrics, _ = trained(cli, data, tmp_path / "m", "--no-baseline", "--split-column", "part")
    assert metrics["labels"] == ["negative", "positive"]
    assert metrics["split"]["valid"] == 20
    assert "'Positive' (1 row; did you mean 'positive'?), 'third' (1 row)" in before_training(said)
    assert "2 held-out or validation rows left out" in metrics["split"]["how"]


def test_a_rare_class_gets_a_held_out_row_or_is_named(
    cli: Cli, rows: Callable[..., Any], write_csv: CsvMaker, tmp_path: Path
) -> None:
    rare = [(f"an odd thing {i}", "weird") for i in range(4)]
    _, metrics, _ = trained(cli, write_csv([*rows(100), *rare]), tmp_path / "m", "--no-baseline")
    assert {row["label"]: row["support"] for row in metrics["test"]["per_class"]} == {
        "negative": 5,
        "positive": 5,
        "weird": 1,
    }
    single = [("the only one", "single")]
    said, metrics, report = trained(cli, write_csv([*rows(100), *single]), tmp_path / "n", "--no-baseline")
    assert metrics["hygiene"]["without_held_out"] == ["single"]
    assert "1 class has no held-out row" in before_training(said)
    assert "No held-out row is of “single”" in report


def test_words_without_spaces_are_told(cli: Cli, write_csv: CsvMaker, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    thai = [("".join(rng.choice(THAI, 6)), ("pos", "neg")[i % 2]) for i in range(100)]
    said, metrics, report = trained(cli, write_csv(thai), tmp_path / "m", "--level", "word")
    assert metrics["hygiene"]["tokens"]["unknown_rate"] > 0.9
    assert "of the held-out tokens are unknown: the texts have no spaces between words" in before_training(said)
    assert "Give --level bpe" in metrics["hygiene"]["findings"][0]
    assert "of the held-out tokens are unknown to it" in report
    assert metrics["test"]["nothing_known_rows"] == metrics["test"]["rows"]
    assert "It knew no word of 10" in report


def test_rare_words_are_told_without_blaming_the_script(cli: Cli, write_csv: CsvMaker, tmp_path: Path) -> None:
    names = [(f"name{i} the{i * 7} word{i}", ("a", "b")[i % 2]) for i in range(60)]
    for number, (options, told) in enumerate(
        (((), "the training rows do not have them."), (("--min-count", "2"), "the training rows have them less than 2"))
    ):
        said, metrics, _ = trained(cli, write_csv(names), tmp_path / f"m{number}", "--no-baseline", *options)
        assert f"100% of the held-out tokens are unknown: {told}" in said
        assert "script" not in metrics["hygiene"]["findings"][0]


def test_texts_that_are_cut_are_told(cli: Cli, rows: Callable[..., Any], write_csv: CsvMaker, tmp_path: Path) -> None:
    texts = [*rows(40), *((f"long {'and ' * 100}{i}", ("positive", "negative")[i % 2]) for i in range(6))]
    for truncate, kept in (("head", "their beginning"), ("tail", "their end"), ("both", "both their ends")):
        said, metrics, _ = trained(
            cli, write_csv(texts), tmp_path / truncate, "--no-baseline", "--max-tokens", "50", "--truncate", truncate
        )
        assert f"6 of 46 texts are longer than 50 tokens (--max-tokens) and are cut to {kept}; " in before_training(
            said
        )
        assert metrics["hygiene"]["tokens"]["lost_tokens"] == 6 * 52


def test_many_classes_are_warned_of_and_trained(cli: Cli, write_csv: CsvMaker, tmp_path: Path) -> None:
    texts = [(f"topic{n} is number {n} of copy {copy}", f"class {n}") for n in range(120) for copy in range(4)]
    said, metrics, _ = trained(cli, write_csv(texts), tmp_path / "m", "--no-baseline")
    assert len(metrics["labels"]) == 120
    assert "120 classes in 480 rows are 4.0 rows a class" in before_training(said)
    assert metrics["split"]["test"] == 48 and metrics["split"]["valid"] == 22
    assert len(metrics["hygiene"]["without_held_out"]) == 120 - 48


def test_nothing_held_out(cli: Cli, rows: Callable[..., Any], write_csv: CsvMaker, tmp_path: Path) -> None:
    """Everything that reads the scores says that there are none."""
    data, out = write_csv(rows(100)), tmp_path / "m"
    result = cli("train", data, "--out", out, *TINY, "--split", "0")
    assert result.exit_code == 0, result.stderr
    assert "Not evaluated: no row was held out" in result.stdout
    assert "held-out" not in result.stdout.lower() and "Training the baseline" not in result.stderr
    metrics = json.loads((out / "metrics.json").read_text())
    assert (metrics["test"], metrics["baseline"], metrics["paired"], metrics["mistakes"]) == (None, None, None, [])
    assert (metrics["split"]["train"], metrics["split"]["valid"], metrics["split"]["test"]) == (96, 4, 0)
    report, card = (out / "report.html").read_text(), (out / "README.md").read_text()
    for text in (report, card):
        assert "Not evaluated: it was trained on all rows." in text
        assert "Accuracy on" not in text
    manifest = json.loads((out / "manifest.json").read_text())
    assert "accuracy" not in manifest["metrics"]
    shown = cli("inspect", out)
    assert shown.exit_code == 0 and "96 training, 4 validation, 0 held out" in shown.stdout
    assert cli("predict", out, "a good film").exit_code == 0
    assert cli("evaluate", out, write_csv(rows(20, seed=4), "new.csv")).exit_code == 0


def test_cells_are_not_compared_on_nothing(cli: Cli, reviews: Path, tmp_path: Path) -> None:
    result = cli("compare", reviews, "--out", tmp_path / "c", "--split", "0")
    assert result.exit_code == 2 and "--split 0.1" in result.stderr


def test_unknown_words_that_are_read_by_their_spelling(cli: Cli, write_csv: CsvMaker, tmp_path: Path) -> None:
    names = [(f"name{i} the{i * 7} word{i}", ("a", "b")[i % 2]) for i in range(60)]
    for number, (subwords, told) in enumerate(
        (("weights", "go by the others and by the spelling of these"), ("none", "rest on the others alone"))
    ):
        out = tmp_path / f"m{number}"
        said, _, _ = trained(cli, write_csv(names), out, "--no-baseline", "--subwords", subwords)
        assert f"The answers {told}" in said


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--ngrams", "2"), "pooling, n-grams of 1 to 2 words, 1 epoch"),
        (("--ngrams", "3", "--level", "char"), "pooling, n-grams of 1 to 3 characters, 1 epoch"),
        (("--ngrams", "1"), "pooling, single words, 1 epoch"),
        (("--ngrams", "0"), "pooling, 1 epoch"),
    ],
)
def test_the_line_that_tells_what_is_trained_names_the_n_grams(
    cli: Cli, rows: Callable[..., Any], write_csv: CsvMaker, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    result = cli("train", write_csv(rows(60)), "--out", tmp_path / "m", "--no-baseline", *TINY, *options)
    assert told in result.stderr


@pytest.mark.parametrize(("keep", "told"), [("best", True), ("last", False)])
def test_without_held_out_rows_an_epoch_was_chosen_only_where_the_best_is_kept(
    cli: Cli, rows: Callable[..., Any], write_csv: CsvMaker, tmp_path: Path, keep: str, told: bool
) -> None:
    result = cli("train", write_csv(rows(60)), "--out", tmp_path / "m", *TINY, "--split", "0", "--keep", keep)
    assert ("of rows that the epoch was chosen by" in result.stdout) == told
