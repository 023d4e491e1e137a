"""Bases with random weights, written as `recurra pretrain` writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from recurra.storage import model_directory
from recurra.storage.base import BaseShape
from recurra.text.tokenizer import Tokenizer
from recurra.text.word_tokenizer import WordTokenizer

WORDS = ["the", "film", "good", "awful", "elsewhere", "unheard"]


def written_base(
    directory: Path, words: Sequence[str] = WORDS, *, tokenizer: Tokenizer | None = None, seed: int = 0, **sizes: Any
) -> dict[str, NDArray[np.float32]]:
    """Write a base of `words`, or of the tokens of a tokenizer. Returns its weights."""
    tokenizer = tokenizer or WordTokenizer(words, max_tokens=None)
    chosen = {"embedding": 4, "cell": "lstm", "hidden": 3, "layers": 1, "direction": "both", **sizes}
    shape = BaseShape(vocabulary=tokenizer.size, **chosen)
    rng = np.random.default_rng(seed)
    weights = {name: rng.normal(0, 0.3, size).astype(np.float32) for name, size in shape.weight_shapes().items()}
    write_parts(directory, weights, tokenizer.to_json(), shape.model_dump())
    return weights


def write_parts(
    directory: Path, weights: dict[str, NDArray[np.float32]], tokenizer: str, network: dict[str, Any]
) -> None:
    """Write the directory of a base from its parts, whether they fit each other or not."""
    model_directory.write(
        directory,
        {model_directory.WEIGHTS: save(weights), model_directory.TOKENIZER: tokenizer.encode()},
        task=model_directory.BASE,
        labels=[],
        network=network,
        config={},
        metrics={},
        data={"name": "made.txt", "how": "made.txt: a file"},
    )
