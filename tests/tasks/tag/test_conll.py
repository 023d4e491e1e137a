"""CoNLL files: what is a word, what is kept, and what is broken where."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recurra.errors import ColumnError, ReadError
from recurra.tasks.tag.conll import ConllFile
from recurra.tasks.tag.options import TaggedFileOptions
from recurra.tasks.tag.reading import open_tagged
from recurra.tasks.tag.tagged_file import TaggedFile, TrainingColumns

Write = Callable[..., Path]

UD = """# newdoc id = d
# sent_id = 1
# text = Vámonos al mar
1-2\tVámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tVamos\tir\tVERB\tVB\t_\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\tPP\t_\t1\tobj\t_\t_
2.1\tgo\tgo\tVERB\tVB\t_\t_\t_\t1:x\t_
3\t#\t#\tSYM\t#\t_\t1\tpunct\t_\tSpaceAfter=No

# sent_id = 2
1\tSí, señor\tsí\tINTJ\tUH\tX=1|Y=2\t0\troot\t_\t_

"""
NER = """-DOCSTART- -X- -X- O

EU NNP B-NP B-ORG
rejects  VBZ B-VP O
# NN B-NP O

Peter NNP B-NP B-PER
Blackburn NNP I-NP I-PER
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to(text: str, name: str = "a.conllu") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode())
        return path

    return to


def read(file: TaggedFile) -> list[list[tuple[str, str]]]:
    return [list(zip(each.words, each.tags, strict=True)) for each in file.sentences() if each.words]


def whole(file: TaggedFile) -> str:
    return "".join(line for sentence in file.sentences() for line in sentence.source)


def test_conllu_words_are_rows_with_a_plain_number(write: Write) -> None:
    file = open_tagged(write(UD))
    assert (file.format, file.tag_column) == ("conllu", "upos")
    assert read(file) == [[("Vamos", "VERB"), ("nos", "PRON"), ("#", "SYM")], [("Sí, señor", "INTJ")]]
    assert [each.line for each in file.sentences()] == [1, 10]
    assert whole(file) == UD


@pytest.mark.parametrize(
    ("column", "tags"), [("xpos", ["VB", "PP", "#"]), ("5", ["VB", "PP", "#"]), ("DepRel", ["root", "obj", "punct"])]
)
def test_any_column_of_conllu_can_be_the_tag(write: Write, column: str, tags: list[str]) -> None:
    assert next(open_tagged(write(UD), TaggedFileOptions(tag_column=column)).sentences()).tags == tags


def test_plain_columns_have_their_tag_last_and_documents_are_kept(write: Write) -> None:
    file = open_tagged(write(NER, "train.txt"))
    assert (file.format, file.tag_column) == ("columns", "4")
    assert read(file) == [
        [("EU", "B-ORG"), ("rejects", "O"), ("#", "O")],
        [("Peter", "B-PER"), ("Blackburn", "I-PER")],
    ]
    assert whole(file) == NER
    assert read(open_tagged(write(NER, "train.txt"), TaggedFileOptions(tag_column="2")))[1] == [
        ("Peter", "NNP"),
        ("Blackburn", "NNP"),
    ]


def test_conllu_is_known_by_its_rows_too_and_plus_by_its_comment(write: Write) -> None:
    assert open_tagged(write(UD, "a.txt")).format == "conllu"
    plus = "# global.columns = FORM PARSEME:MWE ID\nHi\tB-x\t1\n"
    assert read(open_tagged(write(plus, "a.cupt"), TaggedFileOptions(tag_column="parseme:mwe"))) == [[("Hi", "B-x")]]


def test_retagging_changes_the_tags_alone(write: Write) -> None:
    file = open_tagged(write(UD))
    first = next(file.sentences())
    again = file.retagged(first, ["A", "BB", ""])
    assert again == "".join(first.source).replace("VERB\tVB\t_\t0", "A\tVB\t_\t0").replace("PRON", "BB").replace(
        "SYM", ""
    )
    spaced = open_tagged(write(NER, "a.conll"))
    sentence = list(spaced.sentences())[1]
    assert spaced.retagged(sentence, ["1", "22", "3"]) == "EU NNP B-NP 1\nrejects  VBZ B-VP 22\n# NN B-NP 3\n\n"


def test_a_missing_tag_column_is_added_where_tags_are_to_be_predicted(write: Write) -> None:
    bare = write("EU\nrejects\r\n\n", "a.txt")
    training = TrainingColumns("columns", "4", width=4)
    file = open_tagged(bare, tags_needed=False, training=training)
    sentence = next(file.sentences())
    assert (sentence.words, sentence.tags) == (["EU", "rejects"], ["", ""])
    assert file.added and file.retagged(sentence, ["X", "Y"]) == "EU X\nrejects Y\r\n\n"
    three = open_tagged(write("EU NNP B-NP\nis VBZ B-VP\n", "b.txt"), tags_needed=False, training=training)
    assert three.retagged(next(three.sentences()), ["X", "O"]) == "EU NNP B-NP X\nis VBZ B-VP O\n"
    four = open_tagged(write("EU NNP B-NP O\n", "c.txt"), tags_needed=False, training=training)
    assert four.retagged(next(four.sentences()), ["X"]) == "EU NNP B-NP X\n"


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (UD.replace("\tSpaceAfter=No", ""), "a.conllu", r"a\.conllu, line 8: 9 columns where CoNLL-U has 10\. The row"),
        (UD.replace("3\t#", "x\t#"), "a.conllu", r"line 8: 'x' is not the number of a word \(such as 3, 3-4 or 3\.1\)"),
        (UD.replace("\tnos\t", "\t\t"), "a.conllu", "line 6: the word is empty"),
        (UD.replace("PRON", "_"), "a.conllu", "line 6: the word 'nos' has no tag in column upos"),
        (NER.replace("Peter NNP B-NP", "Peter NNP"), "a.txt", "line 7: 3 columns where the first row has 4"),
        (NER + "a b c d e\n", "a.txt", "line 9: 5 columns where the first row has 4"),
        ("# text = nothing\n\n", "a.conllu", "has no words"),
        ("Sentence #\tWord\tPOS\tTag\n1\tAna\tNNP\tO\n", "a.txt", "the first row names columns"),
        ("Word\tTag\nAna\tB-PER\n", "a.txt", r"the first row names columns \(Word, Tag\).*no header. Remove"),
    ],
)
def test_what_is_broken_is_refused_with_its_line(write: Write, text: str, name: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        list(open_tagged(write(text, name)).sentences())


@pytest.mark.parametrize(
    ("text", "name", "column", "message"),
    [
        (UD, "a.conllu", "upso", "no such column. Did you mean 'UPOS'"),
        (UD, "a.conllu", "11", "has 10 columns, so --tag-column cannot be 11"),
        (NER, "a.txt", "ner", "have no names. Give a number, 1 to 4"),
        (NER, "a.txt", "1", "words and tags cannot both be column 1"),
    ],
)
def test_a_column_that_is_not_there_is_refused(write: Write, text: str, name: str, column: str, message: str) -> None:
    with pytest.raises(ColumnError, match=message):
        open_tagged(write(text, name), TaggedFileOptions(tag_column=column))


@pytest.mark.parametrize("row", ["Form\t_", "text\tNOUN", ".\t.", "Word\tO"])
def test_words_that_also_name_columns_are_words(write: Write, row: str) -> None:
    assert read(open_tagged(write(f"{row}\nAna\tX\n", "a.txt")))[0][0] == tuple(row.split("\t"))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="is a folder"):
        open_tagged(tmp_path)


CELL = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\t\r\n\0\ufeff"), min_size=1, max_size=8)


@given(
    sentences=st.lists(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=4), min_size=1, max_size=4),
    end=st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_and_tags_survive(write: Write, sentences: list[list[tuple[str, str, str]]], end: str) -> None:
    # in a CoNLL-U file any character may stand in a word, a tag, and what is beside them
    rows = [
        [f"{n}\t{word}\t_\t{tag}\t_\t_\t_\t_\t_\t{more}" for n, (word, tag, more) in enumerate(sentence, 1)]
        for sentence in sentences
    ]
    text = "".join(end.join(lines) + end * 2 for lines in rows)
    file = open_tagged(write(text), tags_needed=False)
    assert isinstance(file, ConllFile)
    assert read(file) == [[(word, tag) for word, tag, _ in sentence] for sentence in sentences]
    assert whole(file) == text
    again = "".join(file.retagged(each, [tag[::-1] for tag in each.tags]) for each in file.sentences())
    expected = open_tagged(write(again, "b.conllu"), tags_needed=False)
    assert read(expected) == [[(word, tag[::-1]) for word, tag, _ in sentence] for sentence in sentences]
    assert "".join(expected.retagged(each, [t[::-1] for t in each.tags]) for each in expected.sentences()) == text


def test_gzip_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.conllu.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + UD.encode()))
    assert [len(each.words) for each in open_tagged(path).sentences()] == [3, 1]


def test_english_ewt_is_read_whole() -> None:
    path = Path(os.environ.get("RECURRA_DATA", "../shared/data")) / "ud_ewt" / "dev.conllu.gz"
    if not path.exists():
        pytest.skip("UD English EWT is not here; set RECURRA_DATA")
    file = open_tagged(path)
    sentences = list(file.sentences())
    assert (sum(bool(each.words) for each in sentences), sum(len(each.words) for each in sentences)) == (2001, 25147)
    with gzip.open(path, "rb") as raw:
        assert "".join(file.retagged(each, each.tags) for each in sentences).encode() == raw.read()
