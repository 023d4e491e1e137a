"""The options of a classifier: what the recipe `tutorial` stands for, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recurra.errors import OptionError
from recurra.many_to_one.options import ModelOptions
from recurra.tasks.classify.options import RECIPES, ClassifyOptions
from recurra.tasks.configuration import task_options
from support.commands import Cli


def test_the_recipe_is_the_tutorials_model_whatever_the_defaults() -> None:
    options = ClassifyOptions(recipe="tutorial")
    layers = {"embedding": 128, "cell": "lstm", "hidden": 64, "layers": 1, "direction": "both", "pooling": "last"}
    assert {name: getattr(options, name) for name in layers} == layers
    assert (options.epochs, options.batch, options.learning_rate, options.vocabulary) == (4, 32, 0.001, 20_000)
    assert (options.dropout, options.word_dropout, options.word_vectors) == (0.0, 0.0, "random")
    assert (options.keep, options.patience, options.calibrate) == ("last", None, False)
    assert (options.fill, options.max_tokens, options.truncate, options.punctuation) == (True, 256, "tail", False)


def test_what_is_given_wins_over_the_recipe() -> None:
    assert ClassifyOptions(recipe="tutorial").schedule == "one-cycle"
    assert ClassifyOptions(recipe="tutorial", schedule="constant").schedule == "constant"
    assert set(RECIPES["tutorial"]) <= set(ModelOptions.model_fields)


def test_the_recipe_trains_four_epochs_and_keeps_the_last(cli: Cli, reviews: Path, tmp_path: Path) -> None:
    words = ("--recipe", "tutorial", "--embedding", "4", "--hidden", "3", "--max-tokens", "20", "--threads", "1")
    result = cli("train", reviews, "--out", tmp_path / "m", "--no-baseline", *words, "--json")
    assert result.exit_code == 0, result.stderr
    metrics = json.loads(result.stdout)
    assert [epoch["epoch"] for epoch in metrics["history"]] == [1, 2, 3, 4]
    assert metrics["valid"]["accuracy"] == pytest.approx(metrics["history"][-1]["valid_accuracy"])
    tokenizer = json.loads((tmp_path / "m" / "tokenizer.json").read_text())
    assert tokenizer["fill"] and not tokenizer["punctuation"] and tokenizer["max_tokens"] == 20


def test_ngrams_of_a_classifier_have_three_words_at_most() -> None:
    assert task_options({"ngrams": 3}).ngrams == 3  # type: ignore[attr-defined]
    with pytest.raises(
        OptionError, match="--ngrams cannot be 4 for a classifier: at most 3 words; give --ngrams 3 or less"
    ):
        task_options({"ngrams": 4})
