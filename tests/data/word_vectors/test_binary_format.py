"""word2vec's binary form: what its first line says must be there."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from recurra.data.word_vectors.vector_file import VectorFile
from recurra.errors import ReadError
from support.vector_files import made_vectors, word2vec_binary, written
from support.whole_commands import in_sentences

VECTORS = made_vectors(["the", "of", "new_york"], 3)
WHOLE = word2vec_binary(VECTORS)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (WHOLE[:-5], "ends in word 3 of the 3"),
        (WHOLE[:15], "ends in word 1 of the 3"),
        (WHOLE.replace(b"3 3", b"4 3", 1), "ends in word 4 of the 4"),
        (WHOLE.replace(b"3 3", b"2 3", 1), "goes on after its 2 words"),
        (WHOLE.replace(b"3 3", b"3 9000", 1), "there must be 1 to 8,192"),
        (b"1 2\n" + b"x" * 5000 + b"\0\0\0", "word 1 does not end within 4,096 bytes"),
        (b"1 2\nthe " + struct.pack("<2f", 1, float("nan")), "word 1: the vector of 'the' holds nan"),
    ],
)
def test_damage_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(ReadError, match=what) as error:
        VectorFile(written(tmp_path / "file", content)).read(["the"])
    in_sentences(str(error.value))


def test_a_word_that_is_not_utf8_is_left_out(tmp_path: Path) -> None:
    content = b"2 2\n\xff\xfe " + struct.pack("<2f", 0.5, 2) + b"the " + struct.pack("<2f", 3, 0.1)
    read = VectorFile(written(tmp_path / "file", content)).read(["the"], keep=5)
    assert read.found["the"].tolist() == [3, pytest.approx(0.1)] and not read.extra
    assert read.notes == ["In file 1 of 2 words are not UTF-8, and are left out."]
