"""The rows that judge a model influence nothing in it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recurra.errors import LabelError
from recurra.many_to_one.corpus import Corpus
from recurra.tasks.classify.learn.split import divided
from support.commands import Cli
from support.options import train_options

Rows = list[tuple[str, ...]]


def learnt(out: Path) -> tuple[bytes, bytes, Any]:
    temperature = json.loads((out / "metrics.json").read_text())["temperature"]
    return (out / "weights.safetensors").read_bytes(), (out / "tokenizer.json").read_bytes(), temperature


def unlike(rows: Rows) -> Rows:
    """The same number of rows with other texts; also another order of labels, an empty text and a new label."""
    other = [(f"quite other words {i} " * (1 + i % 7), ("negative", "positive")[i % 2]) for i in range(len(rows))]
    other[0], other[1] = ("", "positive"), ("nothing like it", "a number" if rows else "")
    return other


@pytest.mark.parametrize("with_valid", [False, True])
def test_a_split_column(
    train_tiny: Callable[..., Any],
    write_csv: Callable[..., Path],
    rows: Callable[..., Any],
    tmp_path: Path,
    with_valid: bool,
) -> None:
    """Every third row is held out, the first of all among them."""
    header = ("review", "sentiment", "part")
    steers = "dev" if with_valid else "train"
    parts = [("test", "train", steers)[i % 3] for i in range(150)]
    first = rows(150)
    other = iter(unlike(first[::3]))
    second = [row if part != "test" else next(other) for row, part in zip(first, parts, strict=True)]
    for name, texts in (("a", first), ("b", second)):
        data = write_csv([(*row, part) for row, part in zip(texts, parts, strict=True)], f"{name}.csv", header)
        train_tiny(data, tmp_path / name, split_column="part", epochs=2, batch=16)
    assert learnt(tmp_path / "a") == learnt(tmp_path / "b")
    assert learnt(tmp_path / "a")[2] != 1.0


def test_a_test_file(
    train_tiny: Callable[..., Any], write_csv: Callable[..., Path], rows: Callable[..., Any], tmp_path: Path
) -> None:
    data = write_csv(rows(100))
    for name, texts in (("a", rows(40, seed=1)), ("b", unlike(rows(25, seed=1)))):
        train_tiny(data, tmp_path / name, test=str(write_csv(texts, f"{name}.csv")), epochs=2, batch=16)
    assert learnt(tmp_path / "a") == learnt(tmp_path / "b")


def test_numbers_keep_their_order_whatever_the_held_out_labels_are(write_csv: Callable[..., Path]) -> None:
    """A held-out label that is no number must not turn the training labels' order into that of spelling."""
    texts = [(f"t {i}", str((2, 10)[i % 2])) for i in range(40)]
    found = []
    for last in ("2", "unknown"):
        with Corpus() as corpus:
            for text, label in [*texts, ("held out", last), ("held out too", "10")]:
                corpus.add(text, label)
            corpus.seal()
            said: list[str | None] = ["train"] * 40 + ["test"] * 2
            labels, _, parts = divided(corpus, said, train_options({"test": "x"}))
        found.append((labels, parts.train.tolist(), parts.valid.tolist()))
    assert found[0] == found[1]
    assert found[0][0] == ["2", "10"]


def test_duplicates_are_never_on_both_sides(
    train_tiny: Callable[..., Any], write_csv: Callable[..., Path], rows: Callable[..., Any], tmp_path: Path
) -> None:
    """With a split of our own a group goes to one side; where the parts are given, held-out repeats do not count."""
    texts = rows(60)
    repeats = [(text.upper() + " <br />", label) for text, label in texts[:30]]
    data = write_csv([*texts, *repeats])
    with Corpus() as corpus:
        for text, label in [*texts, *repeats]:
            corpus.add(text, label)
        corpus.seal()
        _, _, parts = divided(corpus, [None] * 90, train_options({"split": 0.3}))
        for i in range(30):
            for side in (parts.train, parts.valid, parts.test):
                assert side[i] == side[60 + i]
        assert (parts.train.astype(int) + parts.valid + parts.test == 1).all()
        assert 25 <= parts.test.sum() <= 28
    metrics = train_tiny(data, tmp_path / "m", test=str(write_csv([*repeats, *rows(10, seed=3)], "test.csv")))
    assert metrics["test"]["rows"] == 10
    assert metrics["split"]["left_out_of_test_as_repeats"] == 30
    assert "repeat a training text" in metrics["split"]["how"]
    assert any("repeat another row's text" in finding for finding in metrics["hygiene"]["findings"])


def test_all_held_out_rows_repeat_training(train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="200 held-out rows repeat a training text"):
        train_tiny(reviews, tmp_path / "m", test=str(reviews))


def test_validation_rows_that_repeat_training_are_not_used() -> None:
    texts = [f"text {i} good" for i in range(20)]
    with Corpus() as corpus:
        said: list[str | None] = []
        for i, text in enumerate(texts):
            corpus.add(text, "ab"[i % 2])
            said.append("train" if i < 12 else "test")
        for text, part in ((texts[0].upper(), "valid"), ("a new one", "valid"), ("another", "valid")):
            corpus.add(text, "a")
            said.append(part)
        corpus.seal()
        _, _, parts = divided(corpus, said, train_options({"split_column": "part"}))
        assert parts.valid.tolist() == [False] * 21 + [True, True]
        assert "1 validation row" in parts.how


@pytest.mark.parametrize(
    ("name", "values", "mentioned"),
    [
        ("split", ("train", "test"), True),
        ("part of it", ("Train ", "validation", "TEST"), True),
        ("split", ("left", "right"), False),
        ("split", ("train", ""), False),
        ("split", ("train",), False),  # says nothing
    ],
)
def test_a_column_of_parts_that_is_not_used_is_mentioned(
    cli: Cli,
    write_csv: Callable[..., Path],
    rows: Callable[..., Any],
    tmp_path: Path,
    name: str,
    values: tuple[str, ...],
    mentioned: bool,
) -> None:
    texts = [(*row, values[i % len(values)]) for i, row in enumerate(rows(80))]
    data = write_csv(texts, header=("review", "sentiment", name))
    tiny = ("--epochs", "1", "--embedding", "4", "--hidden", "4", "--no-baseline", "--threads", "1")
    said = cli("train", data, "--out", tmp_path / "m", *tiny).stderr
    assert (f"--split-column {shlex.quote(name)}" in said) == mentioned, said
    if mentioned:
        said = cli("train", data, "--out", tmp_path / "n", "--split", "0.2", *tiny).stderr
        assert "--split-column" not in said
