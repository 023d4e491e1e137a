"""Every format gives the same vectors, told from its content; what is no such file is refused in a sentence."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.word_vectors.vector_file import VectorFile
from recurra.errors import ReadError
from support.vector_files import FORMATS, glove, made_vectors, word2vec_binary, written
from support.whole_commands import in_sentences

WORDS = ["the", "The", "film", "Paris", "naïve", "日", ".", "don't", "1", "10"]
VECTORS = made_vectors(WORDS, 5)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("file_name", ["vectors", "vectors.txt", "vectors.gz", "vectors.bin"])
def test_every_format_gives_the_same_vectors(tmp_path: Path, name: str, packed: bool, file_name: str) -> None:
    file = VectorFile(written(tmp_path / file_name, FORMATS[name](VECTORS), packed))
    assert file.width == 5
    assert file.format == {"fastText": "word2vec text"}.get(name, name.removesuffix(" without line ends"))
    read = file.read(["the", "paris", "naïve", "1", "absent"], keep=3)
    expected = {"the": "the", "paris": "Paris", "naïve": "naïve", "1": "1"}
    assert read.found.keys() == expected.keys()
    for key, word in expected.items():
        assert read.found[key].dtype == np.float32
        assert read.found[key].tolist() == VECTORS[word]
    assert {word: vector.tolist() for word, vector in read.extra.items()} == {
        word: VECTORS[word] for word in ("film", "日", ".")
    }
    assert list(read.extra) == ["film", "日", "."]
    kept = [VECTORS[word] for word in ("the", "Paris", "naïve", "1", "film", "日", ".")]
    assert read.deviation == pytest.approx(np.std(kept), rel=1e-6)
    assert read.notes == []


@given(
    table=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"]), min_size=1, max_size=6),
        st.lists(st.floats(-(2.0**90), 2.0**90, width=32), min_size=3, max_size=3),
        min_size=1,
        max_size=8,
    ),
    name=st.sampled_from(sorted(FORMATS)),
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, list[float]], name: str
) -> None:
    path = written(tmp_path_factory.mktemp("v") / "file", FORMATS[name](table))
    read = VectorFile(path).read(list(table), fold=lambda word: word)
    assert {word: vector.tolist() for word, vector in read.found.items()} == table


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"\n", "line 1 is empty"),
        (b"just some words\nand more\n", "line 1 has no numbers"),
        (b"the\nof\n", "line 1 has no numbers"),
        (b"5 0\n", "have 0 numbers"),
        (b"5 999999999\nthe 1\n", "999,999,999 numbers; there must be 1 to 8,192"),
        (b"2 3\n", "has 0 words"),
        (b"\x80\x04\x95abc", "pickle"),
        (pickle.dumps({"the": [1.0]}), "pickle"),
        ("the 0.1\n".encode("utf-16"), "UTF-16"),
        (b"\x93NUMPY\x01\0", "NumPy"),
        (b"\xba\x16\x4f\x2f\x0c\0\0\0", "Give the .vec file"),
        (bytes(range(256)) * 4, "in a known format"),
        (b"{", "no numbers"),
        (b'{"precision":8}', 'has no "vectors"'),
        (b'{"a": ', "ends before its vectors do"),
    ],
)
def test_what_holds_no_vectors_is_refused(tmp_path: Path, content: bytes, what: str) -> None:
    path = written(tmp_path / "file", content)
    with pytest.raises(ReadError, match=what) as error:
        VectorFile(path).read(["the"])
    assert str(path) in str(error.value)
    in_sentences(str(error.value))


def test_archives_are_to_be_unpacked(tmp_path: Path) -> None:
    packed, rolled = tmp_path / "v.zip", tmp_path / "v.tgz"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("glove.txt", glove(VECTORS))
    with tarfile.open(rolled, "w:gz") as tar:
        member = tarfile.TarInfo("package/vectors.json")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"null"))
    for path, what in ((packed, "ZIP archive. Unpack it"), (rolled, "tar archive. Unpack it")):
        with pytest.raises(ReadError, match=what):
            VectorFile(path)


def test_places_without_a_file_are_refused(tmp_path: Path) -> None:
    (loop := tmp_path / "loop").symlink_to(loop)
    os.mkfifo(tmp_path / "pipe")
    for path, what in (
        (tmp_path, "is a folder"),
        (tmp_path / "none", "does not exist"),
        (loop, "[Ss]ymbolic links"),
        (tmp_path / "pipe", "is a pipe"),
    ):
        with pytest.raises(ReadError, match=what) as error:
            VectorFile(path)
        in_sentences(str(error.value))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_is_cut_short_is_refused_wherever_that_can_be_known(
    tmp_path: Path, name: str, packed: bool
) -> None:
    path = written(tmp_path / "file", FORMATS[name](VECTORS), packed)
    whole = path.read_bytes()
    least = 5 if name == "GloVe text" and not packed else 1
    for size in range(least, len(whole) - 2, 7):
        path.write_bytes(whole[:size])
        if not packed and _is_whole(name, whole, size):
            continue
        with pytest.raises(ReadError) as error:
            VectorFile(path).read(list(VECTORS), fold=lambda word: word)
        in_sentences(str(error.value))


def _is_whole(name: str, whole: bytes, size: int) -> bool:
    """Whether nothing in the first bytes says that more is missing than the last digits or what is not read."""
    lines, all_lines = whole[:size].splitlines(), whole.splitlines()
    if name == "wink-embeddings JSON":
        return size > whole.index(b"unkVector")
    if name == "GloVe text":
        return len(lines[-1].split()) == 6 or len(lines) == 1
    return "text" in name.lower() and len(lines) == len(all_lines) and len(lines[-1].split()) == 6


def test_memory_does_not_grow_with_the_words_that_are_not_kept(tmp_path: Path) -> None:
    def most(words: int) -> int:
        content = word2vec_binary(made_vectors([f"w{number}" for number in range(words)], 20))
        file = VectorFile(written(tmp_path / f"{words}", content))
        tracemalloc.start()
        try:
            assert len(file.read(["w3"], keep=2).extra) == 2
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    most(10)
    assert most(100_000) < most(25_000) + 100_000


def test_repeats_and_undecodable_words_are_told(tmp_path: Path) -> None:
    content = b"a 1 2\nb 3 4\na 5 6\na 7 8\n\xff\xfe 1 1\nc 9 9\n".replace(b"\xff\xfe", b"x\xff")
    read = VectorFile(written(tmp_path / "file", content)).read(["a", "c"])
    assert read.found["a"].tolist() == [1, 2] and read.found["c"].tolist() == [9, 9]
    assert read.notes == [
        "In file 2 entries repeat the word of an earlier one, first 'a' at 3; the earlier one counts.",
        "In file 1 of 6 words are not UTF-8, and are left out.",
    ]
    for sentence in read.notes:
        in_sentences(sentence)


def test_the_digest_is_of_the_file_as_it_lies(tmp_path: Path) -> None:
    content = glove(VECTORS)
    plain = VectorFile(written(tmp_path / "plain", content))
    assert plain.digest == hashlib.sha256(content).hexdigest()
    assert VectorFile(written(tmp_path / "packed", content, packed=True)).digest != plain.digest
