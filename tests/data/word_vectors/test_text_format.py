"""Lines of a word and its numbers: odd words, line ends and spaces are read, broken lines named."""

from __future__ import annotations

from pathlib import Path

import pytest

from recurra.data.word_vectors.vector_file import VectorFile
from recurra.errors import ReadError
from support.vector_files import written
from support.whole_commands import in_sentences


def vectors_of(path: Path, content: bytes, *wanted: str) -> dict[str, list[float]]:
    read = VectorFile(written(path / "file", content)).read(wanted, fold=lambda word: word)
    return {word: vector.tolist() for word, vector in read.found.items()}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a 1 2\r\nb 3 4\r\n", {"a": [1, 2], "b": [3, 4]}),
        (b"\xef\xbb\xbfa 1 2\nb 3 4", {"a": [1, 2], "b": [3, 4]}),
        (b"\xef\xbb\xbf2 2\na 1 2\nb 3 4", {"a": [1, 2], "b": [3, 4]}),
        (b"a\t1\t2\nb\t3\t4\n", {"a": [1, 2], "b": [3, 4]}),
        (b"a 1  2 \nb  3 4\n", {"a": [1, 2], "b": [3, 4]}),
        (b"a 1 2\n. . . 3 4\nat b@c.d 5 6\n", {"a": [1, 2], ". . .": [3, 4], "at b@c.d": [5, 6]}),
        (b". . . 3 4\na 1 2\n", {". . .": [3, 4], "a": [1, 2]}),
        (b"a 1 2\nb 3 4\n\n \n", {"a": [1, 2], "b": [3, 4]}),
        (b"a 1e-3 -2.5E+2\n", {"a": [float.fromhex("0x1.0624de0000000p-10"), -250]}),
        (b"a 1\nb 2\n", {"a": [1], "b": [2]}),
        ("a\u00a0b 1 2\n\u2028 3 4\n".encode(), {"a\u00a0b": [1, 2], "\u2028": [3, 4]}),
        (b"7 1.5 2\n8 3 4\n", {"7": [1.5, 2], "8": [3, 4]}),
    ],
)
def test_odd_lines_are_read(tmp_path: Path, content: bytes, expected: dict[str, list[float]]) -> None:
    assert vectors_of(tmp_path, content, *expected) == expected


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"a 1 2\nb 3\n", "line 2 has 1 number, and line 1 has 2"),
        (b"a 1 2\nb 3 4 5\n", "line 2 has 3 numbers, and line 1 has 2"),
        (b"a 1 2\n\nb 3 4\n", "line 2 is empty"),
        (b"a 1 2\rb 3 4\r", "line ends of CR alone"),
        (b"a 1 2\nb\n", "line 2 has 0 numbers"),
        (b"a 1 2\n 3 4\n", "line 2 has 1 number"),
        (b"2 3\na 1 2 3\nb 1 2\n", "line 3 has 2 numbers, and the first line says 3"),
        (b"2 2\na 1 2 3\n", "line 2 has 3 numbers, and the first line says 2"),
        (b"3 2\na 1 2\nb 3 4\n", "has 2 words, and its first line says 3"),
        (b"1 2\na 1 2\nb 3 4\n", "has 2 words, and its first line says 1"),
        (b"a 1 2\nb 3 x\n", "line 2: 'x' in the vector of 'b' is not a number"),
        (b"a 1 2\nb 3 nan\n", "line 2: the vector of 'b' holds nan"),
        (b"a 1 2\nb inf 3\n", "line 2: the vector of 'b' holds inf"),
        (b"a 1 2\nb 1e39 3\n", "line 2: the vector of 'b' holds 1e\\+39"),
        (b"a 1 2\nb  3\n", "line 2 has 1 number"),
        (b"a 1 2\nb 3 " + b"4" * (1 << 20), "line 2 has more than 1,048,576 bytes"),
    ],
)
def test_broken_lines_are_named(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(ReadError, match=what) as error:
        vectors_of(tmp_path, content, "a", "b")
    in_sentences(str(error.value))


def test_numbers_of_words_that_are_not_kept_are_not_looked_at(tmp_path: Path) -> None:
    assert vectors_of(tmp_path, b"a 1 2\nb 3 nan\n", "a") == {"a": [1, 2]}
