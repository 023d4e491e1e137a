"""safetensors: the words in the metadata or beside the file, four number formats, as the library writes it."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch_file

from recurra.data.word_vectors.safetensors_format import words_file
from recurra.data.word_vectors.vector_file import VectorFile
from recurra.errors import ReadError
from support.whole_commands import in_sentences

TABLE = np.array([[1, 2.5, -3], [0.25, 0, 7]])


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_the_librarys_files_are_read(tmp_path: Path, kind: torch.dtype) -> None:
    path = tmp_path / "v.safetensors"
    save_torch_file({"any": torch.tensor(TABLE, dtype=kind)}, path, metadata={"words": json.dumps(["a", "b"])})
    read = VectorFile(path).read(["a", "b"])
    assert [read.found[word].tolist() for word in "ab"] == TABLE.tolist()


def test_the_words_may_lie_beside_and_belong_to_the_digest(tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    save_file({"vectors": TABLE, "other": np.zeros(3)}, path)
    assert words_file(path) == tmp_path / "v.words.json" == words_file(tmp_path / "v.safetensors.gz")
    words_file(path).write_text('["a", "b"]')
    file = VectorFile(path)
    assert file.read(["b"]).found["b"].tolist() == TABLE[1].tolist()
    before = file.digest
    words_file(path).write_text('["b", "a"]')
    assert VectorFile(path).digest != before


@pytest.mark.parametrize(
    ("tensors", "words", "what"),
    [
        ({"x": np.zeros((2, 3), "i4")}, ["a", "b"], "of type 'I32'; it must be F64, F32, F16 or BF16"),
        ({"x": np.zeros(3, "f4")}, ["a", "b"], "holds no table of two dimensions"),
        ({"x": TABLE, "y": TABLE}, ["a", "b"], "holds 2 tables of two dimensions"),
        ({"x": np.zeros((2, 0), "f4")}, ["a", "b"], "have 0 numbers"),
        ({"x": TABLE}, ["a"], "has 1 words for 2 rows"),
        ({"x": TABLE}, {"a": 1, "b": 2}, "not a JSON list of words"),
        ({"x": TABLE}, ["a", 7], "not a JSON list of words"),
        ({"x": TABLE}, None, "Write that file: a JSON list of 2 words"),
        ({"x": np.array([[1, 2], [3, np.nan]])}, ["a", "b"], "row 1: the vector of 'b' holds nan"),
    ],
)
def test_what_is_not_so_is_refused(tmp_path: Path, tensors: dict[str, Any], words: Any, what: str) -> None:
    path = tmp_path / "v.safetensors"
    save_file(tensors, path, metadata=None if words is None else {"words": json.dumps(words)})
    with pytest.raises(ReadError, match=what) as error:
        VectorFile(path).read(["a", "b"])
    in_sentences(str(error.value))


@pytest.mark.parametrize(
    "header",
    [
        {"x": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 4]}},
        {"x": {"dtype": "F32", "shape": [2, 3]}},
        {"x": {"dtype": "F32", "shape": [2, -3], "data_offsets": [0, -24]}},
        {"x": {"dtype": "F32", "shape": [2, "3"], "data_offsets": [0, 24]}},
    ],
)
def test_a_header_that_cannot_be_is_refused(tmp_path: Path, header: dict[str, Any]) -> None:
    path, plain = tmp_path / "v.safetensors", json.dumps(header | {"__metadata__": {"words": '["a", "b"]'}}).encode()
    path.write_bytes(struct.pack("<Q", len(plain)) + plain + bytes(24))
    with pytest.raises(ReadError, match="not a whole safetensors file"):
        VectorFile(path).read(["a"])
