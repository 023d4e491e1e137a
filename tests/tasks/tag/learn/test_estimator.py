"""`SequenceTagger` learns what `recurra train` learns of the same sentences."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from seqeval.metrics import accuracy_score

import recurra
from recurra import SequenceTagger
from recurra.cli.train import train
from recurra.errors import LabelError, OptionError
from recurra.tasks.configuration import task_options
from recurra.tasks.tag.schemes import converted
from recurra.terminal.progress import Reporter

TINY: dict[str, Any] = {
    "hidden": 8, "embedding": 8, "affix_embedding": 4, "characters": "none", "epochs": 8, "batch": 8,
    "learning_rate": 0.05, "threads": 1, "precision": "fp32", "seed": 3,
}  # fmt: skip
NAMES = ["Ana", "Boris", "Chen"]
X = [[NAMES[n % 3], "Li", f"x{n}", "met", NAMES[(n + 1) % 3]][: 3 + n % 3] for n in range(60)]
Y = [["B-PER", "I-PER", "O", "O", "B-PER"][: 3 + n % 3] for n in range(60)]


@pytest.fixture(scope="module")
def fitted() -> SequenceTagger:
    return SequenceTagger(**TINY).fit(X, Y)


def test_it_is_the_model_of_the_command(tmp_path: Path, fitted: SequenceTagger) -> None:
    rows = [{"tokens": words, "tags": tags} for words, tags in zip(X, Y, strict=True)]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "test.jsonl").write_text(json.dumps(rows[0]) + "\n")
    options = task_options({"task": "tag", "test": str(tmp_path / "test.jsonl"), **TINY})
    train(str(tmp_path / "train.jsonl"), tmp_path / "command", options, reporter=Reporter(quiet=True))
    fitted.save(tmp_path / "estimator")
    files = [json.loads((tmp_path / name / "manifest.json").read_text())["files"] for name in ("command", "estimator")]
    for name in ("model.onnx", "weights.safetensors", "tokenizer.json"):
        assert files[0][name] == files[1][name]


def test_what_it_saves_answers_as_it_does(tmp_path: Path, fitted: SequenceTagger) -> None:
    assert fitted.save(tmp_path / "m") is fitted
    loaded = recurra.load(tmp_path / "m", task="tag")
    assert loaded.tag(X) == fitted.predict(X) == Y
    assert fitted.classes_ == ["B-PER", "I-PER", "O"] and fitted.n_iter_ == len(fitted.history_) == 8
    assert pickle.loads(pickle.dumps(fitted)).predict(X) == Y  # noqa: S301
    assert "Not evaluated: it was trained on all rows." in loaded._repr_html_()


def test_the_score_is_the_accuracy_of_the_words(fitted: SequenceTagger) -> None:
    wrong = [["O"] * len(tags) for tags in Y]
    assert fitted.score(X, wrong) == pytest.approx(accuracy_score(wrong, fitted.predict(X)))
    assert fitted.score(X, Y) == 1


def test_tags_come_in_the_scheme_of_y() -> None:
    tags = [converted(each, "iobes") for each in Y]
    series = pandas.Series([np.array(words) for words in X])
    tagger = SequenceTagger(**TINY).fit(series, pandas.DataFrame({"tags": tags}))
    assert tagger.predict(series) == tags
    assert tagger.predict(X, scheme="iob2") == Y
    assert tagger.classes_ == ["B-PER", "I-PER", "O"]


def test_findings_are_kept() -> None:
    broken = [["I-PER", *tags[1:]] if n == 7 else tags for n, tags in enumerate(Y)]
    (finding,) = SequenceTagger(**{**TINY, "epochs": 1}).fit(X, broken).findings_
    assert "1 tag does not keep to IOB2" in finding


@pytest.mark.parametrize(
    ("sentences", "tags", "kind", "words"),
    [
        (X, Y[:-1], OptionError, "60 sentences and y 59"),
        (X[:2], [Y[0], Y[1][:-1]], LabelError, "Sentence 1 has 4 words in X and 3 tags in y"),
        (["Ana met"], [["O", "O"]], OptionError, "Sentence 0 of X is str; it must be a list of words"),
        (X, [[1] * len(tags) for tags in Y], OptionError, "Sentence 0 of y is list; it must be a list of tags"),
        ([["a", ""]], [["O", "O"]], LabelError, "Sentence 0 of X has an empty item, number 1"),
        (X, [["O"] * len(tags) for tags in Y], LabelError, "have 1 tag"),
        ("text", "tags", OptionError, "must be a list of lists of words"),
    ],
)
def test_unusable_sentences_are_refused(sentences: Any, tags: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        SequenceTagger(**TINY).fit(sentences, tags)
