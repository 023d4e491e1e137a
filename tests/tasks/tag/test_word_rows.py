"""Tables with a word a row, against the same sentences grouped by pandas."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import ColumnError, OptionError, ReadError
from recurra.tasks.tag.options import TaggedFileOptions
from recurra.tasks.tag.reading import open_tagged, report_skipped
from recurra.tasks.tag.tagged_file import TrainingColumns
from recurra.terminal.progress import Reporter

HEADER = ["Sentence #", "Word", "POS", "Tag"]
SENTENCES = [
    [("Ana", "NNP", "B-PER"), ("met", "VBD", "O"), (",", ",", "O"), ('"', "``", "O")],
    [("New York", "NNP", "B-LOC")],
    [("null", "NN", "O"), ("Bo", "NNP", "B-PER"), ("Li", "NNP", "I-PER")],
]


def rows(sentences: list[list[tuple[str, ...]]], *, once: bool) -> list[list[str]]:
    return [
        [f"Sentence: {number}" if place == 0 or not once else "", *word]
        for number, sentence in enumerate(sentences, 1)
        for place, word in enumerate(sentence)
    ]


def delimited(table: list[list[str]], delimiter: str = ",", header: list[str] | None = HEADER) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter).writerows([*([header] if header else []), *table])
    return buffer.getvalue()


def put(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def read(path: Path, options: dict[str, Any] | None = None, **more: Any) -> list[list[tuple[str, str]]]:
    file = open_tagged(path, TaggedFileOptions(**(options or {})), **more)
    return [list(zip(each.words, each.tags, strict=True)) for each in file.sentences() if each.words]


EXPECTED = [[(word, tag) for word, _, tag in sentence] for sentence in SENTENCES]


@pytest.mark.parametrize("once", [True, False])
def test_a_table_is_read_from_every_format(tmp_path: Path, once: bool) -> None:
    table = rows(SENTENCES, once=once)
    plain = put(tmp_path / "a.csv", delimited(table))
    assert read(plain) == EXPECTED
    assert read(put(tmp_path / "b.tsv", "\n".join("\t".join(row) for row in [HEADER, *table]) + "\n")) == EXPECTED
    assert read(put(tmp_path / "c.txt", delimited(table, ";")), {"delimiter": ";"}) == EXPECTED
    objects = [dict(zip(HEADER, row, strict=True)) for row in table]
    if once:
        objects = [{**row, "Sentence #": row["Sentence #"] or None} for row in objects]
    assert read(put(tmp_path / "d.jsonl", "".join(json.dumps(row) + "\n" for row in objects))) == EXPECTED
    duckdb.sql(
        f"COPY (SELECT nullif(\"Sentence #\", '') AS \"Sentence #\", Word, POS, Tag FROM read_csv('{plain}', "
        f"all_varchar = true, nullstr = 'NOTHING')) TO '{tmp_path / 'e.parquet'}'"
    )
    assert read(tmp_path / "e.parquet") == EXPECTED


def test_as_kaggle_has_it(tmp_path: Path) -> None:
    """ner_dataset.csv is in Latin-1, with a number in the first row of each sentence alone."""
    text = delimited(
        [["Sentence: 1", "Müller", "NNP", "B-per"], ["", "said", "VBD", "O"], ["Sentence: 2", "Hi", "UH", "O"]]
    )
    path = put(tmp_path / "ner_dataset.csv", text, "latin-1")
    with pytest.raises(ReadError, match="encoding"):
        read(path)
    file = open_tagged(path, TaggedFileOptions(encoding="latin-1"))
    assert [each.words for each in file.sentences()] == [["Müller", "said"], ["Hi"]]
    assert file.columns_in_words == (
        "the words are in column Word, of which Sentence # tells the sentences, the tags in column Tag"
    )


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=1, max_size=6).filter(str.strip)


@given(
    sentences=st.lists(st.lists(st.tuples(CELLS, st.sampled_from(["O", "B-X"])), min_size=1, max_size=4), min_size=1),
    once=st.booleans(),
)
def test_sentences_are_those_that_pandas_groups(
    tmp_path_factory: pytest.TempPathFactory,
    sentences: list[list[tuple[str, ...]]],
    once: bool,
) -> None:
    path = put(tmp_path_factory.mktemp("t") / "a.csv", delimited(rows(sentences, once=once), header=["sent", "w", "t"]))
    frame = pandas.read_csv(path, keep_default_na=False, dtype=str)
    groups = frame.groupby(frame["sent"].replace("", pandas.NA).ffill(), sort=False)
    expected = [list(zip(group["w"], group["t"], strict=True)) for _, group in groups]
    assert read(path, {"word_column": "w", "tag_column": "3"}) == expected == sentences


def test_names_and_numbers_choose_columns(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", delimited(rows(SENTENCES, once=False)))
    assert read(path, {"tag_column": "POS"})[1] == [("New York", "NNP")]
    assert read(path, {"tag_column": "2", "word_column": "3"})[1] == [("NNP", "New York")]
    bare = put(tmp_path / "b.csv", delimited(rows(SENTENCES, once=True), header=None))
    chosen = {"header": False, "sentence_column": "1", "word_column": "column1", "tag_column": "4"}
    assert read(bare, chosen) == EXPECTED
    numbered = put(tmp_path / "c.csv", "sid,token,ner\n1,Ana,1\n1,met,0\n2,Bo,2\n")
    assert read(numbered, {"tag_names": "O,B-PER,I-PER"}) == [[("Ana", "B-PER"), ("met", "O")], [("Bo", "I-PER")]]
    with pytest.raises(ReadError, match=r"c\.csv, row 3: the tag '2' has no name: there are 2"):
        read(numbered, {"tag_names": "O,B-PER"})


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("Word,Tag\na,O\n", {}, r"not obvious which column .*number of each row's sentence.*`--sentence-column COL`"),
        ("Sentence,Tag\n1,O\n", {}, r"holds the words;.*`--word-column COL`"),
        ("Sentence,Word\n1,a\n", {}, r"holds the tags;.*`--tag-column COL`"),
        ("Sentence;Word;Tag\n1;a;O\n", {}, r"if ';' separates fields, give `--delimiter ';'`"),
        ("Sentence,Word,Tag\n1,a,O\n", {"tag_column": "Tags"}, r"no column 'Tags' .*Did you mean 'Tag'"),
        ("Sentence,Word,Tag\n1,a,O\n", {"word_column": "3", "tag_column": "3"}, r"must be three, and are"),
        ("Sentence,Word,Word,Tag\n1,a,b,O\n", {}, r"2 columns named 'Word'"),
    ],
)  # fmt: skip
def test_columns_that_are_not_there_are_named(tmp_path: Path, text: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ColumnError, match=message):
        read(put(tmp_path / "a.csv", text), options)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,,O", r"row 2: the column 'Word' has no word\. The row: Sentence '1', Word '', Tag 'O'"),
        ("1,b,", r"row 2: the word 'b' has no tag in 'Tag'"),
        ("1,b", r"line 3: 2 fields where 3 are expected"),
    ],
)
def test_a_broken_row_is_refused_with_its_number(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(ReadError, match=rf"a\.csv, {message}"):
        read(put(tmp_path / "a.csv", f"Sentence,Word,Tag\n1,a,O\n{row}\n"))


@pytest.mark.parametrize(
    ("table", "left", "left_out"),
    [
        ("1,a,O\n1,b\n1,c,O\n2,d,O\n", [["d"]], 1),
        ("1,a,O\n,b\n,c,O\n2,d,O\n3,e,O\n", [["d"], ["e"]], 1),
        ("1,a,O\n2\n2,c,O\n3,d,O\n", [["d"]], 2),
        ("1,a,O\n2\n,c,O\n3,d,O\n", [["d"]], 1),
        ("1,a,O\n2,b,O\n2\n", [["a"]], 1),
        ("1\n1,a,O\n2,b,O\n", [["b"]], 1),
    ],
)
def test_a_sentence_that_may_lack_a_row_is_left_out(
    tmp_path: Path, table: str, left: list[list[str]], left_out: int, capsys: pytest.CaptureFixture[str]
) -> None:
    path = put(tmp_path / "a.csv", "Sentence,Word,Tag\n" + table)
    rejects = tmp_path / "a.rejects"
    file = open_tagged(path, TaggedFileOptions(bad_rows="skip"), rejects=rejects)
    for _ in range(2):
        assert [each.words for each in file.sentences()] == left
    assert (file.rejected, len(rejects.read_text().splitlines())) == (1, 2)
    report_skipped(file, Reporter())
    assert f"{left_out:,} sentences with such rows, or beside one, are left out" in capsys.readouterr().err
    unanswered = open_tagged(path, TaggedFileOptions(bad_rows="skip"), tags_needed=False)
    words = [line.split(",")[1] for line in table.splitlines() if line.count(",") == 2]
    assert [word for each in unanswered.sentences() for word in each.words] == words


def test_empty_rows_between_sentences_have_no_word(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", "Sentence,Word,Tag\n1,a,O\n,,\n2,b,O\n2,c,O\n , ,\n")
    (one, two) = open_tagged(path).sentences()
    assert (one.words, one.places, len(one.source), one.line) == (["a"], (0,), 2, 1)
    assert (two.words, two.places, len(two.source), two.line) == (["b", "c"], (0, 1), 3, 3)


def test_rows_that_are_not_in_order_are_refused(tmp_path: Path) -> None:
    shuffled = "".join(f"{n % 7},w{n},O\n" for n in range(70))
    with pytest.raises(
        ColumnError, match=r"do not stand together: the first 70 name 7 .* change between them 70 times"
    ):
        open_tagged(put(tmp_path / "a.csv", "Sentence,Word,Tag\n" + shuffled))
    restarting = "".join(f"{n},w{n},O\n{n},v{n},O\n" for _ in range(9) for n in range(3))
    assert len(read(put(tmp_path / "b.csv", "Sentence,Word,Tag\n" + restarting))) == 27


def test_columns_are_those_of_training_where_they_are_there(tmp_path: Path) -> None:
    training = TrainingColumns("table", "POS", "Word", 4, sentences="Sentence #")
    path = put(tmp_path / "a.csv", delimited(rows(SENTENCES, once=True)))
    assert read(path, training=training)[1] == [("New York", "NNP")]
    untagged = put(tmp_path / "b.csv", "sent_id,token\n1,a\n1,b\n")
    file = open_tagged(untagged, training=training, tags_needed=False)
    assert ([each.words for each in file.sentences()], file.tag_column) == ([["a", "b"]], "POS")


def test_options_of_tables_are_refused_for_other_files(tmp_path: Path) -> None:
    conll = put(tmp_path / "a.conll", "Ana\tO\n")
    with pytest.raises(OptionError, match=r"--delimiter and --sentence-column do nothing for .*it is read as CoNLL"):
        open_tagged(conll, TaggedFileOptions(delimiter=";", sentence_column="1"))
    lists = put(tmp_path / "a.jsonl", '{"tokens": ["a"], "tags": ["O"]}\n')
    with pytest.raises(OptionError, match=r"--no-header does nothing|--header does nothing"):
        open_tagged(lists, TaggedFileOptions(header=False))
