"""`SequenceTranslator` learns what `recurra train` learns of the same pairs."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pandas
import pytest
from sacrebleu import corpus_bleu

import recurra
from recurra import SequenceTranslator
from recurra.cli.train import train
from recurra.errors import DataError, OptionError
from recurra.tasks.configuration import task_options
from recurra.terminal.progress import Reporter

TINY: dict[str, Any] = {
    "hidden": 8, "embedding": 8, "epochs": 2, "batch": 8, "threads": 1, "precision": "fp32", "vocabulary": 300,
    "seed": 3, "max_tokens": 20, "valid": 0.1, "beam": 2,
}  # fmt: skip
WORDS = ["red", "blue", "green", "old", "new"]
X = [f"{WORDS[n % 5]} {WORDS[n // 5 % 5]} n{n}" for n in range(50)]
Y = [f"n{n} {WORDS[n // 5 % 5].upper()} {WORDS[n % 5].upper()}" for n in range(50)]


@pytest.fixture(scope="module")
def fitted() -> SequenceTranslator:
    return SequenceTranslator(**TINY).fit(X, Y)


def test_it_is_the_model_of_the_command(tmp_path: Path, fitted: SequenceTranslator) -> None:
    frame = pandas.DataFrame({"source": X, "target": Y})
    frame.to_csv(tmp_path / "train.csv", index=False)
    pandas.DataFrame({"source": ["other"], "target": ["OTHER"]}).to_csv(tmp_path / "test.csv", index=False)
    options = task_options({"task": "translate", "test": str(tmp_path / "test.csv"), "baseline": False, **TINY})
    train(str(tmp_path / "train.csv"), tmp_path / "command", options, reporter=Reporter(quiet=True))
    fitted.save(tmp_path / "estimator")
    files = [json.loads((tmp_path / name / "manifest.json").read_text())["files"] for name in ("command", "estimator")]
    for name in ("model.onnx", "step.onnx", "weights.safetensors", "tokenizer.json"):
        assert files[0][name] == files[1][name]


def test_what_it_saves_answers_as_it_does(tmp_path: Path, fitted: SequenceTranslator) -> None:
    fitted.save(tmp_path / "m")
    answers = fitted.predict(pandas.Series(X))
    assert recurra.load(tmp_path / "m", task="translate").translate(X) == answers
    assert pickle.loads(pickle.dumps(fitted)).predict(X) == answers  # noqa: S301
    assert fitted.score(X, Y) == pytest.approx(corpus_bleu(answers, [Y], force=True).score)


@pytest.mark.parametrize(
    ("sources", "targets", "kind", "words"),
    [
        (X, Y[:-1], OptionError, "50 texts and y 49"),
        ("text", "text", OptionError, "got one text"),
        (X, [None] * 50, OptionError, "Item 0 of y is NoneType"),
        ([], [], OptionError, "X is empty"),
        (["a"], ["b"], DataError, "No pair is left to"),
        (["", " "], ["b", "c"], DataError, "No pair is left"),
    ],
)
def test_unusable_pairs_are_refused(sources: Any, targets: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        SequenceTranslator(**TINY).fit(sources, targets)
