"""Models that answer texts with numbers, of random weights, and texts with numbers that can be learnt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from recurra.evaluation.conformal import ConformalIntervals
from recurra.many_to_one.engines.choice import exact_engine
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.shape import ManyToOneShape
from recurra.storage import model_directory
from recurra.tasks.regress.intervals import stated
from recurra.tasks.regress.model import TextRegressor
from recurra.text.word_tokenizer import WordTokenizer

WORDS = [f"w{i}" for i in range(14)]
INTERVALS = ConformalIntervals(0.9, (4.0,), (1.5, 2.5), 1.0, 10.0)
REPORT = b"<!doctype html><title>Report</title><p>It is random."


def shape(order: int = 2, **changes: Any) -> ManyToOneShape:
    plain = {
        "vocabulary": len(WORDS) + 2, "embedding": 4, "cell": "gru", "hidden": 3, "layers": 1, "direction": "both",
        "pooling": "max-mean", "outputs": 1, "ngrams": order, "ngram_buckets": {0: 0, 1: 0, 2: 101, 3: 211}[order],
        "link": "identity",
    }  # fmt: skip
    return ManyToOneShape.model_validate(plain | changes)


def weights_of(network: ManyToOneShape, seed: int = 0) -> dict[str, Any]:
    """Return random weights that answer with numbers from about 0 to 11."""
    made = ManyToOneNetwork(network, words=WORDS if network.subwords else ()).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
        if made.ngrams is not None:
            made.ngrams.table.weight[:2] = 0
        made.head.bias.fill_(5.5)
    return made.exported()


def regressor(network: ManyToOneShape | None = None, seed: int = 0, *, kernel: bool = False) -> TextRegressor:
    """Return a model of random weights."""
    network = network or shape()
    weights = weights_of(network, seed)
    model = TextRegressor(
        WordTokenizer(WORDS, max_tokens=1000, subwords=network.subwords),
        build(network, weights, 1.0),
        [],
        threads=1,
        engine=exact_engine(network, weights, 1.0, 1) if kernel else None,
        network=network,
    )
    model.intervals = INTERVALS
    return model


def write_regressor(directory: Path, **metrics: Any) -> Path:
    """Write a model of random weights. metrics: of its manifest."""
    network = shape()
    model_directory.write(
        directory,
        {
            "model.onnx": build(network, weights_of(network), 1.0),
            "tokenizer.json": WordTokenizer(WORDS, max_tokens=1000).to_json().encode(),
            "report.html": REPORT,
        },
        task="regress",
        labels=[],
        network=network.model_dump(),
        config={},
        metrics={"intervals": stated(INTERVALS), **metrics},
        data={"text": "text", "target": "stars"},
        overwrite=True,
    )
    return directory


def rated(rows: int, seed: int = 0) -> tuple[list[str], list[float]]:
    """Return texts of good and bad words, and by how many the good ones are more, with some noise."""
    rng = np.random.default_rng(seed)
    texts, numbers = [], []
    for _ in range(rows):
        good, bad = rng.integers(0, 4, 2)
        words = ["fine"] * good + ["poor"] * bad + list(rng.choice(["the", "film", "was", "so"], 4))
        texts.append(" ".join(rng.permutation(words)) + f" x{rng.integers(40)}")
        numbers.append(round(float(good - bad + rng.normal() / 4), 2))
    return texts, numbers


def write_rated(path: Path, rows: int, seed: int = 0, column: str = "stars") -> Path:
    """Write a CSV of rated texts."""
    texts, numbers = rated(rows, seed)
    lines = [f"review,{column}", *(f"{text},{number}" for text, number in zip(texts, numbers, strict=True))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


TINY: dict[str, Any] = {
    "task": "regress", "epochs": 3, "hidden": 6, "embedding": 8, "threads": 1, "learning_rate": 0.02,
    "word_vectors": "random", "subwords": "none",
}  # fmt: skip
"""Options under which training takes seconds."""
