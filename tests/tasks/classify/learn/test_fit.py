"""From a corpus to a checked graph: what is chosen by default, and what stops a bad export."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from recurra.errors import ExportError, OptionError, TrainingError
from recurra.tasks.classify.corpus import Corpus
from recurra.tasks.classify.learn import check
from recurra.tasks.classify.learn.fit import EPOCHS, fit_classifier
from recurra.tasks.classify.learn.network import ClassifierNetwork
from recurra.tasks.classify.model import Classifier
from recurra.tasks.classify.options import ModelOptions
from recurra.tasks.classify.shape import ClassifierShape
from recurra.training import memory
from recurra.training.setup import choose_bf16, choose_device

SMALL = ModelOptions(hidden=4, embedding=4, epochs=2, min_count=1, precision="fp32", threads=1, learning_rate=0.05)


@pytest.fixture
def corpus() -> Corpus:
    with Corpus() as rows:
        rng = np.random.default_rng(0)
        for i in range(60):
            label = ("no", "yes", "maybe")[i % 3]
            rows.add(" ".join([*rng.choice(list("abcdefgh"), rng.integers(1, 30)), label]), label)
        rows.seal()
        yield rows


def parts(corpus: Corpus) -> tuple[np.ndarray, np.ndarray]:
    validation = np.arange(len(corpus)) % 5 == 0
    return ~validation, validation


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "max-mean", "attention"])
def test_the_graph_answers_as_validation_did(corpus: Corpus, pooling: str) -> None:
    training, validation = parts(corpus)
    options = SMALL.model_copy(update={"pooling": pooling})
    fitted = fit_classifier(corpus, corpus.labels.astype(np.int64), 3, training, validation, options)
    model = Classifier(fitted.tokenizer, fitted.graph, ["no", "yes", "maybe"])
    rows = np.flatnonzero(validation)
    answers = model.predict_proba(corpus.texts[int(row)] for row in rows)
    right = (answers.argmax(1) == corpus.labels[rows]).mean()
    assert right == pytest.approx(fitted.valid["accuracy"])
    assert fitted.epochs == len(fitted.history) == 2
    calibrated = -np.log(answers[np.arange(len(rows)), corpus.labels[rows]]).mean()
    assert calibrated <= fitted.valid["log_loss"] + 1e-6  # a temperature fitted on these rows can only help on them


def test_rows_outside_the_two_parts_change_nothing(corpus: Corpus) -> None:
    training, validation = parts(corpus)
    training &= np.arange(len(corpus)) < 50
    graphs = []
    for others in ("one", "entirely other words ever"):
        with Corpus() as changed:
            for row in range(len(corpus)):
                used = training[row] or validation[row]
                changed.add(corpus.texts[row] if used else f"{others} {row}", corpus.label_names[corpus.labels[row]])
            changed.seal()
            fitted = fit_classifier(changed, changed.labels.astype(np.int64), 3, training, validation, SMALL)
            graphs.append((fitted.graph, fitted.tokenizer.to_json()))
    assert graphs[0] == graphs[1]


def test_no_rows_to_train_or_validate_is_refused(corpus: Corpus) -> None:
    none, everything = np.zeros(len(corpus), dtype=bool), np.ones(len(corpus), dtype=bool)
    with pytest.raises(TrainingError, match="at least one"):
        fit_classifier(corpus, corpus.labels.astype(np.int64), 3, everything, none, SMALL)


def test_a_network_that_no_file_could_hold_is_refused(corpus: Corpus) -> None:
    training, validation = parts(corpus)
    options = SMALL.model_copy(update={"hidden": 8192, "layers": 8})
    with pytest.raises(OptionError, match="smaller --hidden"):
        fit_classifier(corpus, corpus.labels.astype(np.int64), 3, training, validation, options)


def test_small_data_get_more_epochs() -> None:
    epochs = [
        EPOCHS.epochs(SMALL.model_copy(update={"epochs": None}), rows)
        for rows in (50, 5_000, 9_000, 30_000, 40_000, 10**7)
    ]
    assert epochs == sorted(epochs, reverse=True)
    assert (epochs[0], epochs[-1]) == (20, 2)


def test_device_and_precision() -> None:
    assert choose_device("cpu").type == "cpu"
    if not torch.cuda.is_available():
        assert choose_device("auto").type == "cpu"
        with pytest.raises(OptionError, match="no CUDA device"):
            choose_device("cuda")
    assert choose_bf16("bf16", torch.device("cpu"))
    assert not choose_bf16("fp32", torch.device("cpu"))


def test_a_graph_that_answers_differently_stops_the_export(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    shape = ClassifierShape(
        vocabulary=20, embedding=3, cell="gru", hidden=3, layers=1, direction="both", pooling="max", outputs=1
    )
    network = ClassifierNetwork(shape)
    check.checked_graph(network, 1.5)
    honest = check.build

    def altered(shape: ClassifierShape, weights: dict[str, np.ndarray], temperature: float) -> bytes:
        return honest(shape, weights | {"head.bias": weights["head.bias"] + 0.01}, temperature)

    monkeypatch.setattr(check, "build", altered)
    with pytest.raises(ExportError, match="answers differently"):
        check.checked_graph(network, 1.5)
    with torch.no_grad():
        network.head.bias.fill_(float("nan"))
    monkeypatch.setattr(check, "build", honest)
    with pytest.raises(ExportError):
        check.checked_graph(network, 1.5)


def test_freed_memory_is_kept_and_reused() -> None:
    """In a process of its own, since the setting cannot be taken back: page faults nearly vanish."""
    script = """
import json, resource, sys, torch
from recurra.training.memory import prepare_memory
told = prepare_memory() if sys.argv[1] == "keep" else None
def work():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        torch.ones(20_000_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
for _ in range(4):  # the heap grows to its size
    work()
print(json.dumps([told, work()]))
"""
    faults = {}
    for mode in ("keep", "plain"):
        done = subprocess.run([sys.executable, "-c", script, mode], capture_output=True, check=True, text=True)
        told, faults[mode] = json.loads(done.stdout)
        if mode == "keep" and not told:
            pytest.skip("this C library cannot be told to keep its memory")
    assert faults["keep"] < faults["plain"] / 10


def test_few_compiled_products_are_kept_unless_the_user_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRU_CACHE_CAPACITY", "7")
    monkeypatch.delenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", raising=False)
    memory._keep_few_shapes()
    assert os.environ["LRU_CACHE_CAPACITY"] == "7"
    assert int(os.environ["ONEDNN_PRIMITIVE_CACHE_CAPACITY"]) < 1024
    monkeypatch.undo()


def test_freed_memory_is_returned() -> None:
    """In a process of its own that keeps what is freed: after the call it holds less."""
    script = """
import numpy as np
from recurra.training.memory import prepare_memory, return_freed_memory
def held():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
told = prepare_memory()
kept = np.ones(1000)
large = [np.ones(2_000_000), np.ones(1000)]
del large[0]
before = held()
return_freed_memory()
print(int(told), before - held())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    told, returned = map(int, done.stdout.split())
    if not told:
        pytest.skip("this C library cannot be told to keep its memory")
    assert returned > 12_000_000
