"""Are the explanations true to the model? The deletion test: take words away, and see how far the answer moves.

    python benchmarks/faithfulness.py MODEL DATA > benchmarks/results/faithfulness.json

MODEL was trained by `recurra train DATA`, with --rows, --split and --seed as it says; held-out reviews are drawn from
the same rows that it was judged on. Words are ranked by how much they contribute to the label that the model gives, and
k of them are taken away: the strongest, the weakest (the smallest contribution, whatever its sign), or random ones.
Reported is by how much the probability of that label falls, with 95 % intervals over reviews (bootstrap).

Two ways to hide a word are compared, each by both ways to take words away: putting the unknown word in its place (which
is what `Model.explain` does), and leaving it out. `additivity` is how well the contributions of a sentence's words,
added up, tell that of the whole sentence (the share of variance explained), in log-odds and in probabilities.
Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import machine

import recurra
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.explain import hidden, log_odds
from recurra.tasks.classify.learn.split import divided, read_rows
from recurra.tasks.classify.options import ClassifyOptions
from recurra.terminal.progress import Reporter
from recurra.text.sentences import sentences
from recurra.text.tokenizer import UNKNOWN, Encoding

REVIEWS = 300
SHORTEST, LONGEST = 20, 600
"""Tokens: ten words of a shorter review are most of it, and the longest ones make the benchmark slow."""

COUNTS: dict[str, Callable[[int], int]] = {
    "1": lambda tokens: 1,
    "2": lambda tokens: 2,
    "5": lambda tokens: 5,
    "10": lambda tokens: 10,
    "10 %": lambda tokens: max(1, round(tokens / 10)),
}
DRAWS = 5
"""Random choices for each review and k, averaged."""

RESAMPLES = 2000

SCALES = ("log_odds", "probability")

Places = NDArray[np.intp]
Values = NDArray[np.float64]


def left_out(text: Encoding, places: Places) -> Encoding:
    """Return a text without some places; a text of no words is the unknown word."""
    rest = np.delete(text.ids, places)
    return replace(text, ids=rest if len(rest) else np.array([UNKNOWN], dtype=np.int32))


HIDING: dict[str, Callable[[Encoding, Places], Encoding]] = {"unknown": hidden, "left_out": left_out}


def texts_of(model: recurra.Model, data: str, rng: np.random.Generator) -> list[str]:
    """Return held-out texts that the model reads whole."""
    assert model.manifest is not None
    options = ClassifyOptions(**{k: v for k, v in model.manifest.config.items() if k in ("seed", "split", "rows")})
    with Corpus() as corpus:
        _, said = read_rows(corpus, data, options, Reporter(quiet=True), rejects=Path("rejects"))
        corpus.seal()
        _, _, parts = divided(corpus, said, options)
        fits = (corpus.counts >= SHORTEST) & (corpus.counts <= min(LONGEST, model.tokenizer.max_tokens or LONGEST))
        rows = np.flatnonzero(parts.test & fits)
        return [corpus.texts[int(row)] for row in rng.choice(rows, min(REVIEWS, len(rows)), replace=False)]


def asked(model: recurra.Model, sequences: list[Encoding], target: int) -> tuple[Values, Values]:
    """Return the log-odds and the probability [N] of a class."""
    logits, probabilities = model.engine.run(sequences)
    return log_odds(logits, target), probabilities[:, target].astype(np.float64)


def sentence_places(model: recurra.Model, text: str) -> list[Places]:
    """Return the places of the words of each sentence."""
    _, offsets = model.tokenizer.encode_with_offsets(text)
    return [np.arange(part.start, part.stop) for part in sentences(text, offsets)]


def measured(model: recurra.Model, texts: list[str], rng: np.random.Generator) -> dict[str, Any]:
    """Return falls of probability [reviews] by hiding, taking away, count and choice; and sentences against sums."""
    falls: dict[tuple[str, str, str, str], list[float]] = {}
    sums: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for text in texts:
        whole = model.tokenizer.encode(text)
        target = int(model.engine.run([whole])[1][0].argmax())
        parts = sentence_places(model, text)
        drawn = {
            name: [rng.permutation(len(whole))[: count(len(whole))] for _ in range(DRAWS)]
            for name, count in COUNTS.items()
        }
        for hiding, hide in HIDING.items():
            words = [hide(whole, np.array([place])) for place in range(len(whole))]
            odds, chances = asked(model, [whole, *words, *(hide(whole, part) for part in parts)], target)
            for scale, values in zip(SCALES, (odds, chances), strict=True):
                alone = values[0] - values[1:]
                pairs = [(float(alone[part].sum()), float(alone[len(whole) + n])) for n, part in enumerate(parts)]
                sums.setdefault((hiding, scale), []).extend(pairs)
            contributions = odds[0] - odds[1 : len(whole) + 1]
            strongest, weakest = (
                np.argsort(-contributions, kind="stable"),
                np.argsort(np.abs(contributions), kind="stable"),
            )
            for away, take in HIDING.items():
                chosen = [
                    (name, which, places)
                    for name, count in COUNTS.items()
                    for which, several in (
                        ("strongest", [strongest[: count(len(whole))]]),
                        ("random", drawn[name]),
                        ("weakest", [weakest[: count(len(whole))]]),
                    )
                    for places in several
                ]
                _, left = asked(model, [take(whole, places) for _, _, places in chosen], target)
                fall = chances[0] - left
                for name in COUNTS:
                    for which in ("strongest", "random", "weakest"):
                        mine = [f for f, (n, w, _) in zip(fall, chosen, strict=True) if (n, w) == (name, which)]
                        falls.setdefault((hiding, away, name, which), []).append(float(np.mean(mine)))
    return {"falls": falls, "sums": sums}


def summed_up(falls: dict[tuple[str, str, str, str], list[float]], rng: np.random.Generator) -> dict[str, Any]:
    """Return means with 95 % intervals, nested by hiding, taking away and count."""
    found: dict[str, Any] = {}
    for hiding in HIDING:
        for away in HIDING:
            for name in COUNTS:
                values = {
                    which: np.array(falls[hiding, away, name, which]) for which in ("strongest", "random", "weakest")
                }
                values["strongest_minus_random"] = values["strongest"] - values["random"]
                values["strongest_minus_weakest"] = values["strongest"] - values["weakest"]
                place = found.setdefault(f"hidden_by_{hiding}", {}).setdefault(f"taken_away_by_{away}", {})
                place[name] = {which: interval(numbers, rng) for which, numbers in values.items()}
    return found


def interval(values: Values, rng: np.random.Generator) -> dict[str, Any]:
    """Return the mean of values [reviews] and its 95 % bootstrap interval."""
    means = values[rng.integers(0, len(values), (RESAMPLES, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {"mean": round(float(values.mean()), 5), "ci95": [round(float(low), 5), round(float(high), 5)]}


def explained(pairs: list[tuple[float, float]]) -> float:
    """Return the share of the variance of sentences' contributions that the sums of their words' tell."""
    added, whole = np.array(pairs).T
    return round(float(1 - ((whole - added) ** 2).sum() / ((whole - whole.mean()) ** 2).sum()), 4)


def main() -> None:
    directory, data = sys.argv[1:]
    model = recurra.load(directory)
    rng = np.random.default_rng(0)
    texts = texts_of(model, data, rng)
    load, started = os.getloadavg()[0], time.perf_counter()
    found = measured(model, texts, rng)
    result = {
        "name": "faithfulness",
        "command": f"python benchmarks/faithfulness.py MODEL {Path(data).name}",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "load_average_before": round(load, 1),
        "wall_seconds": round(time.perf_counter() - started, 1),
        "metrics": {
            "model": model.manifest.network if model.manifest else {},
            "reviews": len(texts),
            "tokens_mean": round(float(np.mean([len(model.tokenizer.encode(text).ids) for text in texts])), 1),
            "fall_of_probability": summed_up(found["falls"], rng),
            "additivity": {
                f"hidden_by_{hiding}": {scale: explained(found["sums"][hiding, scale]) for scale in SCALES}
                for hiding in HIDING
            },
        },
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
