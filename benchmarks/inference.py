"""Inference by the kernel, and on ONNX Runtime in single precision and int8: throughput, one review, size of the file.

    python benchmarks/inference.py [MODEL] > benchmarks/results/inference.json

MODEL is a model directory with weights.safetensors; without one, a network of the default shape with random weights and
words is made. Reviews have 200 tokens. All contenders take turns in each pass; the best pass of each counts, by wall
time and by processor time: where other programs run, only the second can be compared between machines. Prints one JSON
object.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import machine

from recurra.inference.threads import processor_count
from recurra.many_to_one.engines.choice import exact_engine
from recurra.many_to_one.engines.kernel import Weights
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.learn.quantise import quantised
from recurra.many_to_one.shape import ManyToOneShape
from recurra.storage import model_directory
from recurra.tasks.classify.model import Classifier
from recurra.tasks.classify.options import DEFAULTS
from recurra.text.saved_tokenizer import tokenizer_from_json
from recurra.text.tokenizer import Tokenizer
from recurra.text.word_tokenizer import WordTokenizer

PASSES, REVIEWS, TOKENS, SINGLES = 5, 512, 200, 200
BATCHES = (1, 32, 256)


def main() -> None:
    """Measure, and print one JSON object."""
    shape, weights, tokenizer = _trained(Path(sys.argv[1])) if len(sys.argv) > 1 else _random()
    plain = build(shape, weights)
    small = quantised(plain)
    assert small is not None
    labels = ["negative", "positive"]
    graphs = {"kernel": plain, "fp32": plain, "int8": small}
    models = {name: Classifier(tokenizer, graph, labels) for name, graph in graphs.items()}
    engine = exact_engine(shape, weights, 1.0)
    if engine is None:
        del graphs["kernel"]
    else:
        models["kernel"] = Classifier(tokenizer, plain, labels, engine=engine)
    texts = _texts(tokenizer)
    rows = [encoding.ids for encoding in models["fp32"].encode(texts)]
    load = os.getloadavg()[0]
    found = {name: {"bytes": len(graphs[name])} | _single(models[name], texts) for name in graphs}
    for batch in BATCHES:
        work = {name: _batched(models[name], rows, batch) for name in graphs}
        for name, (wall, processor) in _fastest(work).items():
            found[name][f"batch_{batch}"] = {
                "reviews_per_second": round(REVIEWS / wall),
                "processor_ms_per_review": round(1e3 * processor / REVIEWS, 3),
            }
    moved = np.abs(models["fp32"].predict_proba(texts) - models["int8"].predict_proba(texts))
    print(
        json.dumps(
            {
                "name": "inference",
                "command": "python benchmarks/inference.py" + (" MODEL" if len(sys.argv) > 1 else ""),
                "machine": machine(),
                "load_average_before": round(load, 1),
                "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                "metrics": {
                    "tokens_per_review": TOKENS,
                    "threads": processor_count(),
                    "probability_moved_most": float(moved.max()),
                    "probability_moved_mean": float(moved.mean()),
                    **found,
                },
            },
            indent=1,
        )
    )


def _random() -> tuple[ManyToOneShape, Weights, WordTokenizer]:
    shape = ManyToOneShape(
        vocabulary=DEFAULTS.vocabulary + 2,
        outputs=1,
        **{name: getattr(DEFAULTS, name) for name in ("embedding", "cell", "hidden", "layers", "direction", "pooling")},
    )
    rng = np.random.default_rng(0)
    weights = {
        name: rng.normal(scale=0.1, size=size).astype(np.float32) for name, size in shape.weight_shapes().items()
    }
    return shape, weights, WordTokenizer([f"w{n}" for n in range(DEFAULTS.vocabulary)], max_tokens=1000)


def _trained(directory: Path) -> tuple[ManyToOneShape, Weights, WordTokenizer]:
    from safetensors.numpy import load

    source = model_directory.read(directory, (model_directory.TOKENIZER, model_directory.WEIGHTS))
    tokenizer = tokenizer_from_json(source.files[model_directory.TOKENIZER].decode())
    return source.network, load(source.files[model_directory.WEIGHTS]), tokenizer


def _texts(tokenizer: Tokenizer) -> list[str]:
    """Return reviews of words drawn as words occur in texts: the commonest most often."""
    rng = np.random.default_rng(1)
    places = np.minimum(rng.zipf(1.2, (REVIEWS, TOKENS)), len(tokenizer.words)) - 1
    return [" ".join(tokenizer.words[place] for place in row) for row in places]


def _single(model: Classifier, texts: list[str]) -> dict[str, Any]:
    """Measure one review at a time, text in to probability out."""
    model.predict_proba(texts[:20])
    taken = []
    for text in texts[:SINGLES]:
        started = time.perf_counter()
        model.predict_proba([text])
        taken.append(1e3 * (time.perf_counter() - started))
    return {
        "one_review_p50_ms": round(float(np.percentile(taken, 50)), 3),
        "one_review_p99_ms": round(float(np.percentile(taken, 99)), 3),
    }


def _batched(model: Classifier, rows: list[NDArray[np.int32]], batch: int) -> Callable[[], None]:
    def run() -> None:
        for start in range(0, len(rows), batch):
            model.engine.run(rows[start : start + batch])

    return run


def _fastest(work: dict[str, Callable[[], None]]) -> dict[str, tuple[float, float]]:
    """Return the least wall and processor seconds of each."""
    best = dict.fromkeys(work, (float("inf"), float("inf")))
    for _ in range(PASSES):
        for name, run in work.items():
            started, worked = time.perf_counter(), time.process_time()
            run()
            wall, processor = time.perf_counter() - started, time.process_time() - worked
            best[name] = min(best[name][0], wall), min(best[name][1], processor)
    return best


if __name__ == "__main__":
    main()
