"""How much of a text should a model read that was trained on windows? Accuracy by limit, on rows it has not seen.

    python benchmarks/reading_on.py MODEL DATA > benchmarks/results/reading_on.json

MODEL was trained by `recurra train DATA`, with --rows, --split and --seed as it says; the same held-out rows
are found again here. Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from record import machine

import recurra
from recurra.many_to_one.corpus import Corpus
from recurra.tasks.classify.learn.split import divided, read_rows
from recurra.tasks.classify.options import ClassifyOptions
from recurra.terminal.progress import Reporter

LIMITS = (128, 256, 400, 600, 1000, 2000)


def main() -> None:
    directory, data = sys.argv[1:]
    model = recurra.load(directory)
    options = ClassifyOptions(**{k: v for k, v in model.manifest.config.items() if k in ("seed", "split", "rows")})
    with Corpus() as corpus:
        _, said = read_rows(corpus, data, options, Reporter(quiet=True), rejects=Path("rejects"))
        corpus.seal()
        _, targets, parts = divided(corpus, said, options)
        rows = np.flatnonzero(parts.test)
        texts = [corpus.texts[int(row)] for row in rows]
        long = corpus.counts[rows] > (model.manifest.config["window"] or 0)
    accuracy = {}
    for limit in LIMITS:
        model.tokenizer.max_tokens = limit
        right = model.predict_proba(texts).argmax(1) == targets[rows]
        accuracy[limit] = {
            "all": float(right.mean()),
            "longer_than_window": float(right[long].mean()),
            "within_window": float(right[~long].mean()),
        }
    result = {
        "name": "reading_on",
        "command": f"python benchmarks/reading_on.py MODEL {Path(data).name}",
        "machine": machine(),
        "metrics": {"accuracy_by_limit": accuracy, "rows": len(rows), "longer_than_window": int(long.sum())},
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
