"""What every engine is given: the same reviews, ids, split and trained models, written once into one folder.

reviews.csv       review, sentiment, split (train or test): for the job from file to judged model
texts.json        {"long": reviews of at least 200 tokens, "labels": of these, "any": reviews of any length}
ids.npy           int32 [N, 200]: the last 200 tokens of each long review, numbered by one vocabulary; no padding
words.json        that vocabulary
model-tutorial/, model-default/    models that `recurra train` wrote, with few rows and one epoch
"""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peers.driver import Bench, EngineError
from recurra.data.catalog import resolve
from recurra.data.split import holdout
from recurra.many_to_one.data_quality import DataQuality
from recurra.text.word_tokenizer import TokenCounter, WordTokenizer
from recurra.text.words import split

TOKENS = 200
LONG, ANY = 5_120, 2_000
VOCABULARY = 20_000
"""Ids of the network's embedding, the two that are no words among them."""

Row = tuple[str, str]


def write(bench: Bench, data: str) -> dict[str, Any]:
    """Fill `bench.inputs`. data: "imdb", or "zipf" for texts of made-up words. Returns what they are."""
    rows = list(_zipf(12_000) if data == "zipf" else _imdb())
    bench.say(f"{len(rows):,} reviews; writing what every engine reads ...")
    held_out = _held_out(rows)
    limit = bench.sizes.wall_rows or len(rows)
    write_csv(bench.inputs / "reviews.csv", rows[:limit], held_out[:limit])
    long = [row for row in rows if len(split(row[0])) >= TOKENS][:LONG]
    texts = [text for text, _ in long]
    positive = [int(label == "positive") for _, label in long]
    content = {"long": texts, "labels": positive, "any": [text for text, _ in rows[-ANY:]]}
    (bench.inputs / "texts.json").write_text(json.dumps(content), encoding="utf-8")
    ids = _ids(bench, texts)
    models = _models(bench, rows)
    return {
        "source": "IMDB reviews" if data == "imdb" else "made-up words, as often as Zipf's law has it",
        "rows": len(rows),
        "wall_rows": limit,
        "wall_held_out": int(held_out[:limit].sum()),
        "long": len(texts),
        "vocabulary": VOCABULARY,
        "models": models,
        "distinct": {str(batch): distinct_share(ids, batch) for batch in (1, 32, 64, 256)},
    }


def distinct_share(ids: NDArray[np.int32], batch: int) -> float:
    """Return the mean share of distinct ids among the ids of a batch. ids: [N, T]."""
    batches = [ids[start : start + batch] for start in range(0, len(ids) - batch + 1, batch)][:100]
    return round(float(np.mean([len(np.unique(each)) / each.size for each in batches])), 4)


def write_csv(path: Path, rows: Sequence[Row], held_out: Sequence[bool] | NDArray[np.bool_]) -> None:
    """Write review, sentiment and split."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["review", "sentiment", "split"])
        for (text, label), out in zip(rows, held_out, strict=True):
            table.writerow([text, label, "test" if out else "train"])


def _held_out(rows: Sequence[Row]) -> NDArray[np.bool_]:
    """Return a tenth of the rows, stratified; rows of equal text stay on one side, so that nobody gains from a leak."""
    quality = DataQuality()
    for text, label in rows:
        quality.add(text, label)
    labels = np.array([label == "positive" for _, label in rows], dtype=np.int64)
    return holdout(labels, quality.groups, 0.1, 0)


def _imdb() -> Iterator[Row]:
    source = resolve("imdb")
    for batch in source.open().batches([source.text or "review", source.label or "sentiment"]):
        for text, label in batch:
            if text and label:
                yield text, source.label_names.get(label, label)


def _zipf(rows: int) -> Iterator[Row]:
    """Give texts whose words are as frequent as Zipf's law has it; a few of them tell the label."""
    rng = np.random.default_rng(0)
    words = np.array([f"word{rank}" for rank in range(60_000)])
    for row in range(rows):
        length = int(np.clip(rng.lognormal(5.4, 0.6), 20, 1_500))
        chosen = words[np.minimum(rng.zipf(1.25, length), len(words)) - 1]
        label = "positive" if row % 2 else "negative"
        chosen[rng.random(length) < 0.02] = "splendid" if row % 2 else "dreadful"
        yield f"Review {row}. {' '.join(chosen)}", label


def _ids(bench: Bench, texts: Sequence[str]) -> NDArray[np.int32]:
    counter = TokenCounter()
    words, _ = counter.vocabulary([counter.number(text) for text in texts], size=VOCABULARY - 2, min_count=2)
    tokenizer = WordTokenizer(words, max_tokens=TOKENS)
    ids = np.stack([tokenizer.encode(text).ids for text in texts]).astype(np.int32)
    np.save(bench.inputs / "ids.npy", ids)
    (bench.inputs / "words.json").write_text(json.dumps(words), encoding="utf-8")
    return ids


def _models(bench: Bench, rows: Sequence[Row]) -> dict[str, str]:
    """Have `recurra train` write the models that answer: an answer costs the same however much they learnt.

    Returns the number format of each, which `recurra train` chose.
    """
    few = rows[: bench.sizes.model_rows]
    formats = {}
    write_csv(bench.inputs / "few.csv", few, [row % 10 == 0 for row in range(len(few))])
    for recipe in ("tutorial", "default"):
        bench.say(f"  a model of the recipe {recipe} ...")
        command = train_command(
            bench, "few.csv", f"model-{recipe}", "--recipe", recipe, "--epochs", "1", "--no-baseline"
        )
        ran = subprocess.run(
            command, cwd=bench.inputs, env=bench.environment(), capture_output=True, text=True, check=False
        )
        if ran.returncode != 0:
            raise EngineError(f"`recurra train --recipe {recipe}` failed:\n{ran.stderr[-2_000:]}")
        manifest = json.loads((bench.inputs / f"model-{recipe}" / "manifest.json").read_text(encoding="utf-8"))
        formats[recipe] = str(manifest["metrics"].get("export", {}).get("precision", "fp32"))
    return formats


def train_command(bench: Bench, data: str, out: str, *more: str) -> list[str]:
    """Return the command line that trains on a file in the folder of the inputs; it prints its metrics as JSON."""
    told = ["--text", "review", "--label", "sentiment", "--split-column", "split", "--threads", str(bench.threads)]
    train = [str(bench.interpreters["ours"]), "-m", "recurra.cli", "train", data, "--out", out]
    return [*train, *told, "--json", "--overwrite", *more]
