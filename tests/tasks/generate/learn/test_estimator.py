"""`TextGenerator` learns what `recurra train` learns of the same text."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pandas
import pytest

import recurra
from recurra import TextGenerator
from recurra.cli.train import train
from recurra.errors import DataError, OptionError
from recurra.tasks.configuration import task_options
from recurra.terminal.progress import Reporter

TINY: dict[str, Any] = {
    "hidden": 8, "embedding": 8, "epochs": 2, "batch": 4, "unroll": 16, "threads": 1, "precision": "fp32", "seed": 3,
}  # fmt: skip
TEXTS = [f"The {('red', 'blue', 'old')[n % 3]} house number {n}.\nIt stands here." for n in range(60)]


@pytest.fixture(scope="module")
def fitted() -> TextGenerator:
    return TextGenerator(**TINY).fit(TEXTS)


def test_it_is_the_model_of_the_command(tmp_path: Path, fitted: TextGenerator) -> None:
    (tmp_path / "train.txt").write_text("".join(f"{text}\n" for text in TEXTS))
    (tmp_path / "test.txt").write_text("The green house.\n" * 20)
    options = task_options({"task": "generate", "test": str(tmp_path / "test.txt"), "baseline": False, **TINY})
    train(str(tmp_path / "train.txt"), tmp_path / "command", options, reporter=Reporter(quiet=True))
    fitted.save(tmp_path / "estimator")
    manifests = [json.loads((tmp_path / name / "manifest.json").read_text()) for name in ("command", "estimator")]
    for name in ("model.onnx", "weights.safetensors", "tokenizer.json", "ngrams.safetensors"):
        assert manifests[0]["files"].get(name) == manifests[1]["files"].get(name)
    assert manifests[0]["config"]["ngrams"] == manifests[1]["config"]["ngrams"]


def test_what_it_saves_writes_as_it_does(tmp_path: Path, fitted: TextGenerator) -> None:
    fitted.save(tmp_path / "m")
    loaded = recurra.load(tmp_path / "m", task="generate")
    written = fitted.generate("The", 40, temperature=0.7, seed=5)
    assert written == "".join(loaded.generate("The", 40, temperature=0.7, seed=5))
    assert written == pickle.loads(pickle.dumps(fitted)).generate("The", 40, temperature=0.7, seed=5)  # noqa: S301
    assert fitted.predict(["The", "It"]) == [fitted.generate(prompt, seed=3) for prompt in ("The", "It")]
    assert fitted.score(["The old house."]) == pytest.approx(-loaded.score("The old house.\n"))
    assert fitted.score(TEXTS) > fitted.score(["zqx!?"])


def test_a_column_of_a_frame_is_taken(fitted: TextGenerator) -> None:
    other = TextGenerator(**TINY).fit(pandas.DataFrame({"text": TEXTS}))
    assert other.generate("It", 20, seed=1) == fitted.generate("It", 20, seed=1)


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        (["short"], DataError, "X holds 6 characters; at least 200 are needed"),
        ("one text", OptionError, "got one text"),
        (["", ""], OptionError, "X has no text"),
        (["a\0b"], OptionError, "Item 0 of X contains a NUL"),
        (["ok", "\ud800"], OptionError, "Item 1 of X holds half of a character"),
        ([b"bytes"], OptionError, "Item 0 of X is bytes"),
    ],
)
def test_unusable_texts_are_refused(given: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        TextGenerator(**TINY).fit(given)


def test_an_option_that_does_nothing_is_refused() -> None:
    with pytest.raises(OptionError, match="--vocabulary does nothing with --level char"):
        TextGenerator(**TINY, vocabulary=50).fit(TEXTS)
    chosen = TextGenerator(level="bpe")._options()
    assert (chosen.vocabulary, chosen.embedding, chosen.dropout) == (4000, 256, 0.4), "the defaults of that level"
