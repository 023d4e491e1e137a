"""What is said of texts of which a model knows little, and nothing of ordinary ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import recurra
from recurra.many_to_one.unknown_words import KnownWords


class Stated:
    """What is read of a manifest."""

    def __init__(self, rate: float | None) -> None:
        self.metrics = {} if rate is None else {"unknown_rate": rate}


@pytest.mark.parametrize(
    ("usual", "unknown", "told"),
    [
        (0.02, 14, False),
        (0.02, 15, True),
        (0.3, 69, False),
        (0.3, 71, True),
        (None, 40, False),
        (None, 41, True),
    ],
)
def test_a_share_far_above_that_of_training_is_told(usual: float | None, unknown: int, told: bool) -> None:
    known = KnownWords(rows=10, tokens=100, unknown=unknown)
    sentences = known.sentences(Stated(usual), "")  # type: ignore[arg-type]
    assert len(sentences) == told
    if told:
        beside = "" if usual is None else f", against {usual:.0%} of the rows held out in training"
        assert sentences[0].startswith(f"{unknown}% of the tokens are unknown to the model{beside}:")


def test_few_tokens_say_little() -> None:
    assert KnownWords(rows=2, tokens=19, unknown=18).sentences(None, "") == []
    assert len(KnownWords(rows=2, tokens=20, unknown=18).sentences(None, "")) == 1


def test_counts_over_predictions(trained: tuple[Path, Any]) -> None:
    model = recurra.load(trained[0])
    known = KnownWords()
    for part in model.predict_iter(["the film was good", "", "zzz qqq", "good zzz"], chunk=3):
        known.add(part)
    assert (known.rows, known.nothing_known, known.tokens, known.unknown) == (4, 2, 8, 3)
    assert known.unknown_rate == 3 / 8
    assert known.sentences(model.manifest, "So.")[0] == (
        "In 2 of 4 rows nothing known was read, since the text is empty or the model knows none of its words. So."
    )


def test_the_model_states_its_own_share(
    train_tiny: Callable[..., Any], write_csv: Callable[..., Path], rows: Callable[..., Any], tmp_path: Path
) -> None:
    """Of each made-up text one word is its own; of these held-out ones every other word is known."""
    metrics = train_tiny(write_csv(rows(200)), tmp_path / "m")
    manifest = recurra.load(tmp_path / "m").manifest
    assert manifest.metrics["unknown_rate"] == metrics["hygiene"]["tokens"]["unknown_rate"]
    test = metrics["test"]
    words = sum(part["rows"] * (part["low"] + part["high"]) / 2 for part in test["slices"]["length"])
    assert manifest.metrics["unknown_rate"] == pytest.approx(test["rows"] / words, rel=0.2)


def test_longer_texts_are_counted_as_far_as_they_are_read(
    train_tiny: Callable[..., Any], write_csv: Callable[..., Path], rows: Callable[..., Any], tmp_path: Path
) -> None:
    for name, fill in (("cut", False), ("filled", True)):
        train_tiny(write_csv(rows(60)), tmp_path / name, max_tokens=3, truncate="head", fill=fill)
        (part,) = recurra.load(tmp_path / name).predict_iter(["zzz qqq yyy the film", "the zzz", "", "zzz"])
        assert part.nothing_known.tolist() == [True, False, True, True]
        assert part.read.tolist() == [3, 2, 0, 1]
        assert part.unknown.tolist() == [3, 1, 0, 1]
