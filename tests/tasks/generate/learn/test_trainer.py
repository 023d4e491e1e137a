"""The task of generating text, step by step: how the text is divided, fitted on its first part alone, and evaluated."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recurra.errors import DataError, OptionError, ReadError
from recurra.storage.model_directory import LIMITS
from recurra.tasks.configuration import task_options
from recurra.tasks.generate.learn import ngram_fit, trainer
from recurra.tasks.generate.learn.fit import EPOCHS, shape_of, weight_dropout_of
from recurra.tasks.generate.learn.kneser_ney import nats_by_order
from recurra.tasks.generate.learn.trainer import GenerateTrainer
from recurra.tasks.generate.options import GenerateOptions
from recurra.tasks.generate.tokenizer import CharacterTokenizer, WordTokenizer
from recurra.terminal.progress import Reporter
from recurra.training.control import UNATTENDED
from recurra.training.trainer import RunContext

TEXT = "".join(f"Line {number}: the cat sat on the mat, and the dog did not.\n" for number in range(60))
SMALL = {"hidden": 8, "embedding": 4, "epochs": 1, "batch": 4, "unroll": 8, "threads": 1, "precision": "fp32"}
Maker = Callable[..., GenerateTrainer]


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """Return the task over a text that it has read."""

    def made(text: str = TEXT, **options: Any) -> GenerateTrainer:
        path = tmp_path / "text.txt"
        path.write_text(text)
        chosen = task_options({"task": "generate", **options})
        assert isinstance(chosen, GenerateOptions)
        task = GenerateTrainer(chosen, RunContext(str(path), tmp_path, tmp_path / "rejects", Reporter(quiet=True)))
        task.source = task.read()  # type: ignore[attr-defined]
        return task

    return made


def test_nothing_is_lost_and_the_end_is_held_out(make: Maker) -> None:
    task = make(split=0.2, valid=0.1)
    assert task._known + task._test == TEXT
    counts, division = task.split()
    assert counts["test"] == len(task._test) == round(0.2 * len(TEXT))
    assert counts["train"] + counts["valid"] == len(task._known)
    assert "last 20 %" in counts["how"]
    assert division != make(split=0.3).split()[1]
    assert task.source["rows"] == len(TEXT)  # type: ignore[attr-defined]


def test_held_out_text_may_come_from_a_file(make: Maker, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("Another text that is held out.")
    task = make(test=str(tmp_path / "other.txt"))
    assert task._test == "Another text that is held out."
    assert task._known == TEXT
    assert "other.txt" in task.split()[0]["how"]
    assert task.source["fingerprint"] != make().source["fingerprint"]  # type: ignore[attr-defined]


def test_symbols_come_from_the_training_text_alone(make: Maker) -> None:
    task = make(TEXT + "ñ" * 30, split=0.01)
    assert task._tokenizer.unknown("ñ") == ["ñ"]
    assert make(TEXT + "ñ" + TEXT)._tokenizer.unknown("ñ") == []


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [("", ReadError, "is empty"), ("a" * 199, DataError, "holds 199 characters; at least 200")],
)
def test_too_little_text_is_refused(make: Maker, content: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        make(content)


def test_options_have_defaults_by_level() -> None:
    by_level = {level: task_options({"task": "generate", "level": level}) for level in ("char", "word", "bpe")}
    assert {level: (options.embedding, options.dropout) for level, options in by_level.items()} == {  # type: ignore[attr-defined]
        "char": (64, 0.3), "word": (256, 0.5), "bpe": (256, 0.4),
    }  # fmt: skip
    assert task_options({"task": "generate", "level": "word", "embedding": 9}).embedding == 9  # type: ignore[attr-defined]
    with pytest.raises(OptionError, match="--level cannot be 'chars'"):
        task_options({"task": "generate", "level": "chars"})
    with pytest.raises(OptionError, match="--pooling does not go with --task generate"):
        task_options({"task": "generate", "pooling": "max"})
    with pytest.raises(OptionError, match="give one of them"):
        task_options({"task": "generate", "split": 0.2, "test": "a.txt"})


def test_words_share_their_vectors_and_characters_do_not() -> None:
    options = task_options({"task": "generate", "hidden": 4})
    assert isinstance(options, GenerateOptions)
    assert not shape_of(CharacterTokenizer(["a"]), options).tied
    assert shape_of(WordTokenizer(["a"]), options).tied
    assert shape_of(CharacterTokenizer(["a"]), options.model_copy(update={"tied": True})).tied
    with pytest.raises(OptionError, match="cannot be built"):
        shape_of(CharacterTokenizer(["a"]), options.model_copy(update={"hidden": 8192, "layers": 16}))


def test_more_text_is_read_in_fewer_epochs_and_many_epochs_drop_weights() -> None:
    lengths = (1_000, 1_000_000, 10**9)
    assert [EPOCHS["char"].epochs(GenerateOptions(), n) for n in lengths] == [40, 23, 2]
    assert [EPOCHS["word"].epochs(GenerateOptions(), n) for n in lengths] == [40, 9, 2]
    assert [weight_dropout_of(GenerateOptions(), epochs) for epochs in (2, 9, 10, 40)] == [0, 0, 0.3, 0.3]
    assert weight_dropout_of(GenerateOptions(level="word"), 40) == 0
    assert [weight_dropout_of(GenerateOptions(weight_dropout=share), 40) for share in (0, 0.5)] == [0, 0.5]


@pytest.mark.parametrize("level", ["char", "word", "bpe"])
def test_the_steps_of_training_make_a_whole_model(make: Maker, level: str) -> None:
    from recurra.training.checkpoints import CheckpointStore
    from recurra.training.control import RunControl

    task = make(level=level, hidden=8, embedding=4, epochs=2, batch=4, unroll=8, threads=1, precision="fp32")
    store = CheckpointStore(task.context.directory / "state")
    store.directory.mkdir()
    history = task.fit(RunControl(store, False, {}, lambda progress: None))
    found = task.evaluate()
    metrics = {"task": "generate", "history": history, "data": task.source, **found}  # type: ignore[attr-defined]
    json.dumps(metrics, allow_nan=False)
    assert len(history) == 2
    assert ("nats_per_char" in found["test"]) == (level != "word")
    assert found["test"]["rows"] == len(task._tokenizer.encode(task._test))
    assert set(found["baseline"]) >= {"name", "perplexity", "perplexity_ci95"}
    assert [sample["temperature"] for sample in found["samples"]] == [0.5, 0.8, 1.0]
    assert found["writing"]["characters_per_second"] > 0
    assert set(task.summary(metrics)) >= {"perplexity", "perplexity_ci95", "accuracy", "rows"}
    files = task.files(metrics)
    assert set(files) <= set(LIMITS)
    assert task.network()["level"] == level
    assert task.labels() == []
    assert task.heading().startswith("Training 1 x LSTM(8)")


def test_copies_of_validation_text_count_as_copies(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    task = make("".join(f"{number * 7919 % 10007}, " for number in range(1500)), **SMALL, baseline=False)
    task.fit(UNATTENDED)
    runs = (task._known[start : start + 30] for start in range(len(task._known)))
    unread = next(run for run in runs if run not in task._train)
    monkeypatch.setattr(task, "_samples", lambda: [{"temperature": 1.0, "text": unread}])
    assert [sample["copied"] for sample in task.evaluate()["samples"]] == [1.0]


def test_shorter_ngrams_than_asked_for_are_told(
    make: Maker, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    task = make(**SMALL, ngrams=8)
    task.context = dataclasses.replace(task.context, reporter=Reporter())
    task.fit(UNATTENDED)
    assert task._fitted.shape.ngrams == 8
    assert "N-grams of up to" not in capfd.readouterr().err
    monkeypatch.setattr(ngram_fit, "MOST_NODES", 150)
    task.fit(UNATTENDED)
    order = task._fitted.shape.ngrams
    assert 0 < order < 8
    told = capfd.readouterr().err
    assert f"N-grams of up to {order} symbols stand beside the network, not 8" in told
    assert "more than 150 nodes" in told


@pytest.mark.parametrize(("ngrams", "counted"), [(None, ["ngram_fit"]), (3, ["trainer"]), (0, ["trainer"])])
def test_orders_are_tried_once_for_both_the_model_and_the_baseline(
    make: Maker,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    ngrams: int | None,
    counted: list[str],
) -> None:
    tried: list[str] = []
    for module in (ngram_fit, trainer):

        def counting(*args: Any, name: str = module.__name__.rpartition(".")[2]) -> dict[int, float]:
            tried.append(name)
            return nats_by_order(*args)

        monkeypatch.setattr(module, "nats_by_order", counting)
    task = make(**SMALL, ngrams=ngrams)
    task.context = dataclasses.replace(task.context, reporter=Reporter())
    task.fit(UNATTENDED)
    assert ("Counting n-grams of the text to stand beside" in capfd.readouterr().err) == (ngrams != 0)
    found = task.evaluate()["baseline"]
    assert tried == counted
    encode, size = task._tokenizer.encode, task._tokenizer.size
    by_order = nats_by_order(encode(task._train), encode(task._valid), size)
    assert found["order"] == min(by_order, key=by_order.__getitem__)
