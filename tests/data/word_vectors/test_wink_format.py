"""The JSON of wink-embeddings, read in pieces: the same as json.loads, whatever the size of the pieces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recurra.data.word_vectors import wink_format
from recurra.data.word_vectors.vector_file import VectorFile
from recurra.errors import ReadError
from support.vector_files import made_vectors, wink, written
from support.whole_commands import in_sentences

VECTORS = made_vectors(["the", 'quo"te', "back\\slash", "日本", "]", "{", "😀"], 4)


@pytest.mark.parametrize("piece", [1, 2, 3, 17, 1 << 16])
@pytest.mark.parametrize("indent", [None, 1])
def test_pieces_of_any_size_give_the_same(
    tmp_path: Path, piece: int, indent: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wink_format, "PIECE", piece)
    for ascii_only in (False, True):
        content = json.dumps(json.loads(wink(VECTORS)), indent=indent, ensure_ascii=ascii_only).encode()
        read = VectorFile(written(tmp_path / f"file{ascii_only}", content)).read(list(VECTORS))
        assert {word: vector.tolist() for word, vector in read.found.items()} == VECTORS


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"dimensions":4,', "", 'does not say its "dimensions"'),
        ('"size":7', '"size":8', "has 7 vectors and says 8"),
        ('"the":[', '"the":{', r"has '\{' where '\[' should be"),
        ('"the":[', '"the":["x",', "has no 4 numbers in vector 1, of 'the'"),
        ('"the":[', '"a":[1]],"the":[', "goes on strangely after vector 1"),
        ('"vectors":', '"vektors":', 'has no "vectors"'),
        ('"the":[', '"the":[NaN,', "vector 1: the vector of 'the' holds nan"),
    ],
)
def test_damage_is_named(tmp_path: Path, old: str, new: str, what: str) -> None:
    content = wink(VECTORS).decode()
    assert old in content
    with pytest.raises(ReadError, match=what) as error:
        VectorFile(written(tmp_path / "file", content.replace(old, new, 1).encode())).read(["the"])
    in_sentences(str(error.value))
