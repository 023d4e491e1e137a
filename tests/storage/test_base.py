"""A base in a directory: what is read of it, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

import recurra
from recurra.errors import ArtefactError, OutputError
from recurra.storage import model_directory
from recurra.storage.base import BaseShape, check_apart, from_in_words, read_base
from recurra.text.word_tokenizer import WordTokenizer
from support.bases import WORDS, write_parts, written_base
from support.commands import Cli
from support.whole_commands import in_sentences
from support.written_models import MODELS


def test_a_base_comes_back_as_it_was_written(tmp_path: Path) -> None:
    weights = written_base(tmp_path / "base", cell="gru", direction="forward", layers=2)
    base = read_base(tmp_path / "base")
    assert isinstance(base.tokenizer, WordTokenizer) and base.tokenizer.words == WORDS
    assert (base.shape.cell, base.shape.layers, base.shape.direction) == ("gru", 2, "forward")
    assert base.weights.keys() == weights.keys()
    assert all(np.array_equal(base.weights[name], weights[name]) for name in weights)
    assert sum(weight.size for weight in weights.values()) == base.shape.parameters
    plain = json.loads((tmp_path / "base" / "manifest.json").read_bytes())
    assert base.digest == plain["digest"] == base.facts()["digest"]
    assert (
        from_in_words(base.facts())
        == f"the base {tmp_path / 'base'}, made from made.txt: a file, digest " + (base.digest[:12])
    )
    assert from_in_words(None) == ""


def test_the_network_of_a_classifier_is_one_too(trained: tuple[Path, dict[str, Any]]) -> None:
    base = read_base(trained[0])
    own = load_file(trained[0] / "weights.safetensors")
    assert base.shape.hidden == 8 and set(base.weights) < set(own)
    assert all(np.array_equal(weight, own[name]) for name, weight in base.weights.items())
    assert from_in_words(base.facts()).startswith("the classifier ")


def test_so_is_one_that_an_earlier_version_wrote() -> None:
    assert read_base(MODELS / "classify").shape.vocabulary == len(recurra.load(MODELS / "classify").tokenizer.words) + 2


@pytest.mark.parametrize("task", ["generate", "tag", "translate", "chat"])
def test_a_model_of_another_task_is_refused(task: str) -> None:
    with pytest.raises(ArtefactError, match=rf"is a model of the task {task}.*`recurra pretrain TEXTS --out base`"):
        read_base(MODELS / task)


def test_parts_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    tokenizer = WordTokenizer(WORDS, max_tokens=None)
    shape = BaseShape(vocabulary=8, embedding=2, cell="rnn", hidden=2, layers=1, direction="forward")
    whole = {name: np.ones(size, dtype=np.float32) for name, size in shape.weight_shapes().items()}
    first = "recurrent.layers.0.left_to_right.weight_ih"
    wrong = {
        "ids": (whole, WordTokenizer(WORDS[1:], max_tokens=None).to_json(), "7 ids for a network of 8"),
        "lacking": ({n: w for n, w in whole.items() if n != first}, tokenizer.to_json(), f"does not have {first}"),
        "narrow": ({**whole, first: whole[first][:1]}, tokenizer.to_json(), f"does not have {first}"),
        "endless": ({**whole, first: whole[first] * np.inf}, tokenizer.to_json(), "holds what is no number"),
        "rule": (whole, tokenizer.to_json().replace("words-1", "words-9"), "splits text by the rule"),
    }
    for name, (weights, plain, message) in wrong.items():
        write_parts(tmp_path / name, weights, plain, shape.model_dump())
        with pytest.raises(ArtefactError, match=message) as error:
            read_base(tmp_path / name)
        assert str(tmp_path / name) in str(error.value)
        in_sentences(str(error.value))


def test_damage_and_absence_are_told(tmp_path: Path) -> None:
    written_base(tmp_path / "base")
    (tmp_path / "base" / "weights.safetensors").unlink()
    with pytest.raises(ArtefactError, match=r"has no weights\.safetensors to start from\. Copy it whole"):
        read_base(tmp_path / "base")
    with pytest.raises(ArtefactError, match="does not exist"):
        read_base(tmp_path / "nothing")
    with pytest.raises(ArtefactError, match=r"is not a model directory"):
        read_base(tmp_path)


def test_a_base_is_not_written_without_its_weights(tmp_path: Path) -> None:
    with pytest.raises(recurra.errors.OutputError, match=r"weights.safetensors was not given"):
        model_directory.write(
            tmp_path / "base",
            {model_directory.TOKENIZER: b"{}"},
            task="base",
            labels=[],
            network={},
            config={},
            metrics={},
            data={},
        )
    assert not (tmp_path / "base").exists()


COMMANDS: dict[str, Callable[[Path], tuple[object, ...]]] = {
    "predict": lambda base: ("predict", base, "text"),
    "evaluate": lambda base: ("evaluate", base, base.parent / "rows.csv"),
    "explain": lambda base: ("explain", base, "text"),
    "generate": lambda base: ("generate", base),
    "chat": lambda base: ("chat", base),
    "serve": lambda base: ("serve", base, "--port", "8123"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_answers_refuses_a_base(cli: Cli, command: str, tmp_path: Path) -> None:
    written_base(tmp_path / "base")
    result = cli(*COMMANDS[command](tmp_path / "base"))
    assert result.exit_code == 1
    base = tmp_path / "base"
    assert result.stderr.strip().removeprefix(f"Loading {base}.").strip() == (
        f"Error: {base} is a base, which answers nothing by itself. Start a model from it: recurra train DATA --from "
        f"{base} --out model"
    )
    with pytest.raises(ArtefactError, match="is a base"):
        recurra.load(tmp_path / "base")


@pytest.mark.parametrize(
    ("start", "out"),
    [
        ("base", "base"),
        ("./base", "base"),
        ("base/", "other/../base"),
        ("link", "base"),
        ("base", "link"),
        ("run.training", "run"),
    ],
)
def test_a_model_is_not_written_over_its_base(
    start: str, out: str, cli: Cli, reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("base", "run.training"):
        written_base(tmp_path / name)
    Path("link").symlink_to("base")
    Path("other").mkdir()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    result = cli("train", reviews, "--from", start, "--out", out, "--overwrite")
    assert result.exit_code == 1
    assert "the base of --from" in result.stderr and "Give another folder." in result.stderr
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    check_apart("base", tmp_path / "elsewhere", tmp_path / "elsewhere.training")
    with pytest.raises(OutputError, match="Give another folder"):
        check_apart("base", tmp_path / "base", tmp_path / "base.training")


def test_a_model_that_comes_with_recurra_cannot_be_started_from() -> None:
    with pytest.raises(ArtefactError, match="come with Recurra are, and cannot be started from") as error:
        read_base("sentiment-en")
    assert "Copy" not in str(error.value)
    in_sentences(str(error.value))
