"""Model directories of all tasks, with random weights."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from recurra.seq2seq.learn import graphs
from recurra.seq2seq.learn.network import Seq2Seq
from recurra.seq2seq.shape import END, Seq2SeqShape
from recurra.storage import model_directory
from recurra.tasks.chat import model as chatter
from recurra.tasks.forecast.inputs import ForecastInputs
from recurra.tasks.forecast.learn import graph as forecast_graph
from recurra.tasks.generate.learn import graph as language_graph
from recurra.tasks.generate.shape import LanguageShape
from recurra.tasks.generate.tokenizer import CharacterTokenizer, WordTokenizer
from recurra.tasks.registry import all_tasks
from recurra.tasks.series.learn import graph as series_graph
from recurra.tasks.tag.features import WordFeatures
from recurra.tasks.tag.learn import graph as tagger_graph
from recurra.tasks.tag.learn.network import TaggerNetwork
from recurra.tasks.tag.shape import TaggerShape
from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.learn import graph as transcriber_graph
from recurra.tasks.transcribe.shape import TranscriberShape
from recurra.tasks.translate import model as translator
from recurra.text.bpe import Subwords
from support import forecast, series
from support.live_server import write_model
from support.regressors import write_regressor
from support.speech import spoken, wav_bytes

SAID = ["Good morning to you.", "Where do you live?", "naïve — \U0001f600 日本"]
LETTERS = "abcdefghij \n<>&"
LONG_WORDS = [f"{letter * 300}{number}" for number in range(8) for letter in "xyz"]
REPORT = b"<!doctype html><title>Report</title><p>It is random."


def write_chatter(directory: Path, seed: int = 0, match: int = 0) -> Path:
    """Write a model that chats. What it says is noise, some of it no sound UTF-8, and comes to an end.

    match: width of the vectors by which it ranks replies.
    """
    return _write_pairs(directory, "chat", chatter.SPECIALS, seed, context=3, match=match)


def write_translator(directory: Path, seed: int = 0) -> Path:
    """Write a model that translates."""
    return _write_pairs(directory, "translate", translator.SPECIALS, seed, context=0)


def _write_pairs(
    directory: Path, task: Any, specials: tuple[str, ...], seed: int, context: int, match: int = 0
) -> Path:
    subwords = Subwords.train(SAID * 3, len(specials) + 270, specials)
    shape = Seq2SeqShape(
        vocabulary=subwords.size, embedding=7, cell="lstm", hidden=6, layers=1, max_tokens=24, beam=2,
        length_penalty=1.0, context=context, match=match,
    )  # fmt: skip
    network = Seq2Seq(shape).eval()
    torch.manual_seed(seed)
    with torch.no_grad():
        for weight in network.parameters():
            weight.uniform_(-0.7, 0.7)
        network.embedding.weight.mul_(3)
        network.bias[END] = 3.0
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    files = {
        "model.onnx": graphs.build_encoder(shape, weights),
        "step.onnx": graphs.build_step(shape, weights),
        "tokenizer.json": subwords.to_json().encode(),
    }
    return _write(directory, task, files, shape.model_dump())


def write_writer(directory: Path, seed: int = 0, words: list[str] | None = None) -> Path:
    """Write a model that writes characters, or of `words` one after the other."""
    tokenizer = CharacterTokenizer(list(LETTERS)) if words is None else WordTokenizer(words)
    shape = LanguageShape(
        level=tokenizer.level, vocabulary=tokenizer.size, embedding=6, cell="lstm", hidden=9, layers=2, tied=False
    )
    rng = np.random.default_rng(seed)
    weights = {name: rng.normal(size=size).astype(np.float32) for name, size in shape.weight_shapes().items()}
    files = {"model.onnx": language_graph.build(shape, weights), "tokenizer.json": tokenizer.to_json().encode()}
    return _write(directory, "generate", files, shape.model_dump())


def write_tagger(directory: Path, seed: int = 0, tags: tuple[str, ...] = ("DET", "NOUN", "VERB")) -> Path:
    """Write a model that tags."""
    words = [f"w{number}" for number in range(20)]
    word_features = WordFeatures.fitted(words * 2, size=100, min_count=1, buckets=32)
    shape = TaggerShape(
        vocabulary=word_features.vocabulary, embedding=6, kind_embedding=3, affix_buckets=32, affix_embedding=5,
        characters="convolution", alphabet=word_features.alphabet, character_embedding=4, character_features=8,
        cell="lstm",
        hidden=7, layers=1, tags=len(tags), crf=True,
    )  # fmt: skip
    torch.manual_seed(seed)
    network = TaggerNetwork(shape).eval()
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    files = {"model.onnx": tagger_graph.build(shape, weights), "tokenizer.json": word_features.to_json().encode()}
    return _write(directory, "tag", files, shape.model_dump(), labels=list(tags))


def write_transcriber(directory: Path, seed: int = 0, direction: str = "both", words: list[str] | None = None) -> Path:
    """Write a model that writes down sound: noise of its own, and about five characters a second. words: the only ones
    that it may write."""
    alphabet = Alphabet(" abdeio", "words", words)
    shape = TranscriberShape(
        rate=8000, mels=16, stack=2, cell="lstm", hidden=9, layers=2, direction=direction, symbols=len(alphabet)
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    weights = {name: rng.normal(0, 1, size).astype(np.float32) for name, size in shape.weight_shapes().items()}
    weights["mean"], weights["deviation"] = weights["mean"] * 0, np.abs(weights["deviation"]) + 1
    weights["head.bias"][:2] += (3, 1)  # silences and spaces
    files = {"model.onnx": transcriber_graph.build(shape, weights), "tokenizer.json": alphabet.to_json().encode()}
    return _write(directory, "transcribe", files, shape.model_dump())


def write_series(directory: Path, **changes: Any) -> Path:
    """Write a model of series with random weights. changes: of its shape; `missing` as in training."""
    missing = changes.pop("missing", "mask")
    network = series.shape(**changes)
    kept = series.inputs(network.channels, network.masks).model_copy(update={"missing": missing})
    files = {
        "model.onnx": series_graph.build(network, series.weights_of(network)),
        "tokenizer.json": kept.to_json().encode(),
    }
    labels = ["low", "mid", "high"][: network.outputs] if network.kind == "classify" else []
    return _write(directory, "series", files, network.model_dump(mode="json"), labels)


def write_forecaster(directory: Path, **changes: Any) -> Path:
    """Write a model that forecasts with random weights. changes: of its shape."""
    network = forecast.shape(**changes)
    kinds = {kind: getattr(network, kind) for kind in ("past", "future", "static")}
    named = {
        kind: {"names": [f"{kind} {n}" for n in range(size)], "means": [0.0] * size, "deviations": [1.0] * size}
        for kind, size in kinds.items()
    }
    kept = ForecastInputs(season=6, share=0.7, band=1.3, **named)  # type: ignore[arg-type]
    files = {
        "model.onnx": forecast_graph.build(network, forecast.weights_of(network)),
        "tokenizer.json": kept.to_json().encode(),
    }
    return _write(directory, "forecast", files, network.model_dump(mode="json"), data={"frequency": "M"})


def _write(
    directory: Path,
    task: Any,
    files: Mapping[str, bytes],
    network: dict[str, Any],
    labels: list[str] | None = None,
    data: Mapping[str, Any] | None = None,
) -> Path:
    content = {**files, "report.html": REPORT}
    model_directory.write(
        directory,
        content,
        task=task,
        labels=list(labels or []),
        network=network,
        config={},
        metrics={},
        data=dict(data or {}),
        overwrite=True,
    )
    return directory


@dataclass(frozen=True)
class Sample:
    """How to make a model of a task, and a request that it answers: the JSON for `path`."""

    write: Callable[[Path], Path]
    path: str
    body: dict[str, Any]


def write_labeller(directory: Path, seed: int = 0) -> Path:
    """Write a model that gives several labels."""
    return write_model(directory, task="multilabel", labels=("insult", "spam", "threat"), seed=seed, report=REPORT)


SPEECH = base64.b64encode(wav_bytes(spoken("bad"))).decode()
SAMPLES = {
    "classify": Sample(write_model, "/predict", {"inputs": ["zanzibar"]}),
    "multilabel": Sample(write_labeller, "/predict", {"inputs": ["zanzibar"]}),
    "regress": Sample(write_regressor, "/predict", {"inputs": ["zanzibar"]}),
    "generate": Sample(write_writer, "/generate", {"prompt": "zanzibar", "tokens": 5, "seed": 1}),
    "tag": Sample(write_tagger, "/tag", {"texts": ["zanzibar w1"]}),
    "translate": Sample(write_translator, "/translate", {"texts": ["zanzibar"]}),
    "transcribe": Sample(write_transcriber, "/transcribe", {"audio": SPEECH}),
    "series": Sample(write_series, "/predict", {"series": [[[1, 2, 3], [4, None, 6]]]}),
    "forecast": Sample(
        write_forecaster, "/forecast", {"series": [{"name": "zanzibar", "values": [1, 2, None, 4, 3, 5, 7]}]}
    ),
    "chat": Sample(write_chatter, "/chat", {"turns": ["zanzibar"], "seed": 1}),
}
"""By task; the word zanzibar must not get into logs and metrics."""

SERVED = {task.name: task.served() for task in all_tasks()}
"""What the server does with a model, by task."""
