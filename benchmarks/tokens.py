"""Tokens per second: Recurra's plain regular expression beside the `tokenizers` library, on the same reviews.

    pip install tokenizers
    python benchmarks/tokens.py REVIEWS.parquet > benchmarks/results/tokens.json

Every contender turns whole texts into ids over one vocabulary of 30,000 words. The library is given the same splitting
rule (`same_rule`) and its own fast splitter (`whitespace`, other tokens); one text at a time, and in batches on all
cores, with offsets and without (`fast`). A contender runs PASSES times, taking turns; the best pass counts, because the
machine may be busy. Tokens per second of wall time favour who uses every core; tokens per second of processor time
count the work of all threads. Before the clock starts, the tokens of the same rule are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import duckdb
import tokenizers
from tokenizers import Regex, models, normalizers, pre_tokenizers

from recurra.text.word_tokenizer import TokenCounter, WordTokenizer
from recurra.text.words import split

PASSES = 5
WORDS = 30_000
RULE = r"\w+(?:['’]\w+)*|[^\w\s]"


def main() -> None:
    """Measure, and print one JSON object."""
    arguments = _arguments()
    load = round(os.getloadavg()[0], 2)
    texts = _texts(arguments.reviews, arguments.rows)
    words = _vocabulary(texts)
    same = _library(words, pre_tokenizers.Split(Regex(RULE), behavior="removed", invert=True))
    whitespace = _library(words, pre_tokenizers.Whitespace())
    tokens = sum(len(split(text)) for text in texts)
    contenders: dict[str, Callable[[], Any]] = {
        "recurra_split": lambda: [split(text) for text in texts],
        "recurra_number": lambda: list(map(TokenCounter().number, texts)),  # the training side, from nothing
        "recurra_encode": lambda: list(map(WordTokenizer(words, max_tokens=None).encode, texts)),  # the reading side
        "tokenizers_same_rule_one_by_one": lambda: [same.encode(text) for text in texts],
        "tokenizers_same_rule_batch": lambda: same.encode_batch(texts),
        "tokenizers_same_rule_batch_fast": lambda: same.encode_batch_fast(texts),
        "tokenizers_whitespace_one_by_one": lambda: [whitespace.encode(text) for text in texts],
        "tokenizers_whitespace_batch_fast": lambda: whitespace.encode_batch_fast(texts),
    }
    agreement = _agreement(texts[:2_000], same)
    wall = dict.fromkeys(contenders, float("inf"))
    work = dict(wall)
    for _ in range(PASSES):
        for name, contender in contenders.items():
            started, worked = time.perf_counter(), time.process_time()
            contender()
            wall[name] = min(wall[name], time.perf_counter() - started)
            work[name] = min(work[name], time.process_time() - worked)
    print(
        json.dumps(
            {
                "name": "tokens per second",
                "command": "python benchmarks/tokens.py REVIEWS.parquet",
                "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, "
                f"Python {platform.python_version()}",
                "versions": {"tokenizers": tokenizers.__version__, "recurra": metadata.version("recurra")},
                "metrics": {
                    "rows": len(texts),
                    "tokens": tokens,
                    "passes": PASSES,
                    "load_average_before": load,
                    "texts_with_equal_tokens": agreement,
                    "tokens_per_second": {name: round(tokens / taken) for name, taken in wall.items()},
                    "tokens_per_processor_second": {name: round(tokens / taken) for name, taken in work.items()},
                },
            },
            indent=1,
        )
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reviews", type=Path, help="Parquet file with a column `review`")
    parser.add_argument("--rows", type=int, default=5_000, help="texts to use")
    return parser.parse_args()


def _texts(path: Path, rows: int) -> list[str]:
    with duckdb.connect() as connection:
        found = connection.execute("SELECT review FROM read_parquet(?) LIMIT ?", [str(path), rows]).fetchall()
    return [str(text) for (text,) in found]


def _vocabulary(texts: list[str]) -> list[str]:
    counter = TokenCounter()
    return counter.vocabulary([counter.number(text) for text in texts], size=WORDS, min_count=2)[0]


def _library(words: list[str], splitter: pre_tokenizers.PreTokenizer) -> tokenizers.Tokenizer:
    """Return the library's tokeniser over the same words: HTML breaks blanked, lower case, split, looked up."""
    ids = {"[UNK]": 1} | {word: i for i, word in enumerate(words, 2)}
    library = tokenizers.Tokenizer(models.WordLevel(ids, unk_token="[UNK]"))
    library.normalizer = normalizers.Sequence(
        [normalizers.Replace(Regex(r"<br\s*/?\s*>"), "      "), normalizers.Lowercase()]
    )
    library.pre_tokenizer = splitter
    return library


def _agreement(texts: list[str], library: tokenizers.Tokenizer) -> str:
    """Return in how many texts both find the same tokens, in lower case: "N of M"."""
    equal = 0
    for text in texts:
        lowered = library.normalizer.normalize_str(text)
        theirs = [piece for piece, _ in library.pre_tokenizer.pre_tokenize_str(lowered)]
        equal += theirs == [token.lower() for token in split(text)]
    return f"{equal} of {len(texts)}"


if __name__ == "__main__":
    main()
