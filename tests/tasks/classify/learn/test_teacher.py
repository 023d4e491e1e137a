"""A teacher: soft labels are its model's answers, and a run stopped at any stage ends as one that is not stopped."""

from __future__ import annotations

import importlib
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.errors import InterruptedTraining, ResumeError
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.options import ModelOptions
from recurra.tasks.classify.learn import teacher as module
from recurra.tasks.classify.learn.fit import fit_classifier
from recurra.tasks.classify.learn.teacher import taught
from recurra.tasks.classify.model import Classifier
from recurra.training.checkpoints import CheckpointStore
from support.commands import made_rows
from support.killed_training import training_process

FILES = ("weights.safetensors", "model.onnx", "tokenizer.json")
SAME = ("test", "valid", "train", "teacher", "ngrams", "temperature", "split", "parts")
MEASURE = "recurra.many_to_one.learn.classification.Classification.validate"
STAGES = {
    "the teacher's training": (MEASURE, 0),
    "the teacher's answers": ("recurra.tasks.classify.learn.teacher._answers", 0),
    "the student's vocabulary": ("recurra.many_to_one.learn.fit.joined", 0),
    "the student's training": (MEASURE, 1),
    "the evaluation": ("recurra.tasks.classify.learn.trainer.evaluate", 0),
}
"""What is called in each stage of a run of one epoch, and how often it was called before."""


@pytest.fixture
def more(write_csv: Callable[..., Path]) -> Path:
    return write_csv([(text, "") for text, _ in made_rows(60, seed=9)], "more.csv")


@pytest.fixture(params=[0, 10**9], ids=["n-grams first", "n-grams beside"])
def few_rows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recurra.many_to_one.learn.defaults.FEW_ROWS", request.param)


def content(out: Path) -> tuple[list[bytes], dict[str, Any]]:
    metrics = json.loads((out / "metrics.json").read_bytes())
    return [(out / name).read_bytes() for name in FILES], {name: metrics[name] for name in SAME}


@pytest.mark.usefixtures("few_rows")
def test_a_run_stopped_in_each_stage_ends_with_equal_bytes(
    train_tiny: Callable[..., Any], reviews: Path, more: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {"unlabelled": str(more), "quantise": "never"}
    train_tiny(reviews, tmp_path / "whole", **chosen)
    out, resume = tmp_path / "m", False
    for where, calls in STAGES.values():
        with monkeypatch.context() as patch:
            stopped(patch, where, calls if not resume or where != MEASURE else 0)
            with pytest.raises(InterruptedTraining, match="--resume"):
                train_tiny(reviews, out, resume=resume, **chosen)
        resume = True
        assert not out.exists()
    trained: list[bool] = []
    with monkeypatch.context() as patch:
        patch.setattr(module, "fit_classifier", lambda *_, **__: trained.append(True))
        train_tiny(reviews, out, resume=True, **chosen)
    assert not trained, "the teacher's answers were kept"
    assert content(out) == content(tmp_path / "whole")
    assert not out.with_name("m.training").exists()


def test_the_answers_of_a_teacher_outlive_damaged_checkpoints_of_the_student(
    train_tiny: Callable[..., Any], reviews: Path, more: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {"unlabelled": str(more), "quantise": "never"}
    train_tiny(reviews, tmp_path / "whole", **chosen)
    out = tmp_path / "m"
    with monkeypatch.context() as patch:
        stopped(patch, STAGES["the evaluation"][0], 0)
        with pytest.raises(InterruptedTraining):
            train_tiny(reviews, out, **chosen)
    of_student = CheckpointStore(out.with_name("m.training")).paths()
    assert of_student
    for path in of_student:
        path.write_bytes(path.read_bytes()[:100])
    train_tiny(reviews, out, resume=True, **chosen)
    assert content(out) == content(tmp_path / "whole")


def stopped(patch: pytest.MonkeyPatch, where: str, calls: int) -> None:
    """Stop the run where a function is called once more than `calls` times."""
    place, _, name = where.rpartition(".")
    try:
        owner = importlib.import_module(place)
    except ModuleNotFoundError:
        parent, _, kind = place.rpartition(".")
        owner = getattr(importlib.import_module(parent), kind)
    whole, count = getattr(owner, name), [0]

    def stop(*given: Any, **named: Any) -> Any:
        count[0] += 1
        if count[0] > calls:
            raise KeyboardInterrupt
        return whole(*given, **named)

    patch.setattr(owner, name, stop)


def test_a_run_killed_in_each_training_ends_with_equal_bytes(
    train_tiny: Callable[..., Any], reviews: Path, more: Path, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    chosen = {"epochs": 3, "batch": 8, "quantise": "never", "unlabelled": str(more)}
    words = [word for name, value in chosen.items() for word in (f"--{name}", value)]
    tiny = [*words, "--hidden", 4, "--embedding", 4, "--threads", 1, "--precision", "fp32", "--no-baseline"]
    train_tiny(reviews, tmp_path / "whole", **chosen)
    out = tmp_path / "m"
    for more_words, step, stage in (((), 20, "1-teacher"), (("--resume",), 75, "")):
        with training_process(reviews, "--out", out, *tiny, *more_words) as training:
            training.wait_for_step(step)
            training.child.kill()
            assert training.child.wait() == -signal.SIGKILL
        assert not out.exists()
        assert CheckpointStore(out.with_name("m.training")).latest_stage().directory.name == (stage or "m.training")
    resumed = cli("train", reviews, "--out", out, *tiny, "--resume")
    assert resumed.exit_code == 0 and "Resuming after step" in resumed.stderr
    assert "(teacher)" not in resumed.stderr and "Teacher:" not in resumed.stderr
    assert content(out) == content(tmp_path / "whole")


def test_a_run_in_its_first_stage_can_be_resumed_or_discarded_and_nothing_else(
    train_tiny: Callable[..., Any],
    reviews: Path,
    more: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cli: Callable[..., Any],
    write_csv: Callable[..., Path],
) -> None:
    words = ("train", reviews, "--unlabelled", more, "--out", tmp_path / "m", "--hidden", 4, "--embedding", 4)
    words = (*words, "--epochs", 1, "--threads", 1, "--no-baseline")
    with monkeypatch.context() as patch:
        stopped(patch, STAGES["the teacher's answers"][0], 0)
        result = cli(*words)
    assert result.exit_code != 0 and "To continue, give the same command with --resume." in result.stderr
    again = cli(*words)
    assert again.exit_code != 0 and "holds an unfinished training run" in again.stderr
    write_csv([(text, "") for text, _ in made_rows(61, seed=9)], "more.csv")
    changed = cli(*words, "--resume")
    assert changed.exit_code != 0 and "the texts of --unlabelled are others" in changed.stderr
    write_csv([(text, "") for text, _ in made_rows(60, seed=9)], "more.csv")
    with monkeypatch.context() as patch:
        stopped(patch, STAGES["the student's vocabulary"][0], 0)
        result = cli(*words, "--resume")
    assert "(teacher)." in result.stderr and "Teacher:" not in result.stderr
    (kept,) = (tmp_path / "m.training" / "2-soft-labels").glob("*")
    assert not list((tmp_path / "m.training" / "1-teacher").glob("*"))
    content = kept.read_bytes()
    kept.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    with pytest.raises(ResumeError, match="Start over with --overwrite"):
        train_tiny(reviews, tmp_path / "m", resume=True, unlabelled=str(more))
    assert cli(*words, "--overwrite").exit_code == 0
    assert not (tmp_path / "m.training").exists()


@pytest.mark.parametrize("classes", [2, 3])
def test_soft_labels_are_the_answers_of_the_whole_model(classes: int) -> None:
    options = ModelOptions(hidden=4, embedding=4, epochs=1, threads=1, precision="fp32", quantise="always")
    rng = np.random.default_rng(0)
    with Corpus() as corpus:
        for row in range(90):
            corpus.add(" ".join(rng.choice(list("abcdef"), 5)) + f" {'xyz'[row % classes]} {row}", str(row % classes))
        corpus.seal()
        texts = corpus.unlabelled()
        for row in range(20):
            texts.add(" ".join(rng.choice(list("abcdefxyz"), 6)) + f" new{row}")
        validation = np.arange(90) % 5 == 0
        texts.seal(corpus.digests[~validation], corpus.digests[validation])
        rows = (corpus, corpus.labels.astype(np.int64), classes, ~validation, validation)
        soft, facts = taught(*rows, options, texts)
        alone = fit_classifier(*rows, options.model_copy(update={"quantise": "never"}))
        expected = alone.model(Classifier, [str(label) for label in range(classes)]).predict_proba(list(texts))
        np.testing.assert_allclose(soft.probabilities, expected, atol=1e-6)
        assert soft.probabilities.shape == (20, classes) and soft.texts is texts
        assert facts == {"hidden": 4, "members": 1, "epochs": 1, "valid": alone.valid}
        student = fit_classifier(*rows, options, soft=soft)
        assert student.tokenizer.encode("new3").unknown == 0 < alone.tokenizer.encode("new3").unknown
