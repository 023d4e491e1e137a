"""CSV and TSV against Python's csv module (written with it, read back equal), and a test for each structural fault."""

from __future__ import annotations

import csv
import gzip
import io
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recurra.data.tables.readers import open_table
from recurra.data.tables.table import PLAIN, Dialect, Table
from recurra.data.tables.text_lines import ROW_LIMIT
from recurra.errors import ColumnError, OptionError, ReadError

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "",
        "NA",
        "null",
        "NULL",
        "None",
        "nan",
        "007",
        " lead",
        "trail ",
        "a\r\nb",
        "a\nb",
        "a\rb",
        '"',
        '""',
        ",",
        "\ufeffx",
    ]
)
SETTINGS = settings(max_examples=150, deadline=None)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def rows(table: Table, size: int = 1024) -> list[tuple[str | None, ...]]:
    return [row for batch in table.batches(table.columns, size) for row in batch]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    width = draw(st.integers(2, 4))
    body = draw(st.lists(st.lists(TEXT, min_size=width, max_size=width), min_size=1, max_size=12))
    return [f"c{n}" for n in range(width)], body


@SETTINGS
@given(
    table=tables(),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    zipped=st.booleans(),
    last_end=st.booleans(),
    size=st.integers(1, 5),
)
def test_what_csv_writes_is_read_as_csv_reads_it(
    table: tuple[list[str], list[list[str]]],
    quoting: int,
    end: str,
    delimiter: str,
    zipped: bool,
    last_end: bool,
    size: int,
) -> None:
    header, body = table
    file = io.StringIO(newline="")
    csv.writer(file, quoting=quoting, lineterminator=end, delimiter=delimiter).writerows([header, *body])
    content = file.getvalue() if last_end else file.getvalue().removesuffix(end)
    expected = list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True))[1:]
    assume(expected == body)  # csv may write a carriage return bare, and then cannot read it back either
    with tempfile.TemporaryDirectory() as folder:
        data = content.encode()
        path = written(Path(folder) / ("t.csv.gz" if zipped else "t.csv"), gzip.compress(data) if zipped else data)
        batches = list(open_table(path, Dialect(delimiter=delimiter)).batches(header, size))
    assert [list(row) for batch in batches for row in batch] == body
    assert all(len(batch) == size for batch in batches[:-1])


@SETTINGS
@given(table=tables(), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), fault=st.data())
def test_skipping_loses_only_the_broken_row(
    table: tuple[list[str], list[list[str]]], quoting: int, fault: st.DataObject
) -> None:
    header, body = table
    place = fault.draw(st.integers(0, len(body)))
    broken = fault.draw(st.sampled_from(["lonely", ",".join(["x"] * 9), '"x"y,' + ",".join(["z"] * (len(header) - 1))]))
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=quoting, lineterminator="\n")
    writer.writerows([header, *body[:place]])
    file.write(broken + "\n")
    writer.writerows(body[place:])
    assume("\r" not in file.getvalue() or quoting == csv.QUOTE_ALL)  # csv may write a carriage return bare
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "t.csv", file.getvalue().encode())
        opened = open_table(path, bad_rows="skip", rejects_path=Path(folder) / "rejects.csv")
        assert [list(row) for row in rows(opened)] == body
        assert opened.rejected == 1
        with (Path(folder) / "rejects.csv").open(newline="") as rejects:
            ((line, _, row),) = list(csv.reader(rejects))[1:]
        with pytest.raises(ReadError, match=f"line {line}:"):
            rows(open_table(path))
    assert row == broken


@given(st.binary(max_size=200), st.sampled_from([".csv", ".tsv", ".jsonl", ".txt", ".csv.gz", ".parquet"]))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused_in_words(content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / f"t{suffix}", content)
        for policy in ("stop", "skip"):
            try:
                table = open_table(path, bad_rows=policy)  # type: ignore[arg-type]
                for batch in table.batches(table.columns[:1]):
                    assert all(len(row) == 1 for row in batch)
            except (ReadError, ColumnError) as error:
                named = path.name in str(error)
                assert named


def test_text_is_never_altered(tmp_path: Path) -> None:
    content = b'text,label\r\nNA,null\r\n007,  lead\r\n"a\r\nb\n\rc",\t\r\n"",""\r\n,\r\n<br />&amp;,1.0\r\n'
    content += b' "x" ,"say ""hi"""\r\n'
    assert rows(open_table(written(tmp_path / "t.csv", content))) == [
        ("NA", "null"),
        ("007", "  lead"),
        ("a\r\nb\n\rc", "\t"),
        ("", ""),
        ("", ""),
        ("<br />&amp;", "1.0"),
        (' "x" ', 'say "hi"'),
    ]


def test_quoted_line_ends_survive_at_every_place_of_a_block_border(tmp_path: Path) -> None:
    body = [("x" * n + "\r\n" + "y", str(n)) for n in range(65_000, 65_600, 7)]
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), *body])
    assert rows(open_table(tmp_path / "t.csv")) == body


@pytest.mark.parametrize("row", ["only one", "one,two,three", "a,b,c,d"])
def test_short_and_long_rows_stop_with_place_row_and_hint(tmp_path: Path, row: str) -> None:
    path = written(tmp_path / "t.csv", f'text,label\n"two\nlines",x\n{row}\ngood,y\n'.encode())
    with pytest.raises(ReadError) as caught:
        rows(open_table(path))
    message = str(caught.value)
    assert f"{path}, line 4: " in message
    assert repr(row) in message
    assert "2 are expected ('text', 'label')" in message
    assert "quotes" in message
    assert "--bad-rows skip" in message


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ('"open,x', "never closed"),
        ('"open,x\n"fine",y', "line 4"),
        ('"a"b,x', "line 3"),
        ('"said "so" to me",x', "line 3"),
        ('"over\nsome "lines", and\nmore",x', "line 4"),
        ('"odd "count" here\nmore, text\nend",x', "line 3"),
    ],
)
def test_broken_quotes_stop_at_the_row_that_opens_them(tmp_path: Path, broken: str, reason: str) -> None:
    path = written(tmp_path / "t.csv", f"text,label\na,b\n{broken}\n".encode())
    with pytest.raises(ReadError, match=r"line 3: .*quote") as caught:
        rows(open_table(path))
    assert reason in str(caught.value)


def test_an_unclosed_quote_costs_its_own_row_only(tmp_path: Path) -> None:
    for after in ("plain,y\nmore,z\n", '"in quotes",y\n"two\nlines",z\n'):
        path = written(tmp_path / "t.csv", f'text,label\na,b\n"open,x\n{after}'.encode())
        table = open_table(path, bad_rows="skip")
        kept = rows(table)
        assert (kept[0], len(kept), table.rejected) == (("a", "b"), 3, 1)


@pytest.mark.parametrize("broken", ['"over\nsome "lines", and\nmore",x', '"odd "count" here\nmore, text\nend",x'])
def test_part_of_a_broken_text_never_passes_for_a_row(tmp_path: Path, broken: str) -> None:
    path = written(tmp_path / "t.csv", f"text,label\na,b\n{broken}\nc,d\n".encode())
    table = open_table(path, bad_rows="skip", rejects_path=tmp_path / "out" / ".." / "rejects.csv")
    (tmp_path / "out").mkdir()
    assert rows(table) == [("a", "b"), ("c", "d")]
    with (tmp_path / "rejects.csv").open(newline="") as rejects:
        assert [row[2] for row in csv.reader(rejects)][1:] == [broken]
    assert table.rejected == 1


def test_all_rows_rejected_is_an_error_that_names_the_rejects(tmp_path: Path) -> None:
    table = open_table(written(tmp_path / "t.csv", b"a,b\n1\n2\n"), bad_rows="skip", rejects_path=tmp_path / "r.csv")
    with pytest.raises(ReadError, match=r"all 2 were rejected; see .*r\.csv"):
        rows(table)


def test_carriage_returns(tmp_path: Path) -> None:
    assert rows(open_table(written(tmp_path / "mac.csv", b'a,b\r1,"x\ry"\r2,\r'))) == [("1", "x\ry"), ("2", "")]
    path = written(tmp_path / "t.csv", b"a,b\n1,2\nfoo\rbar,2\n3,4\n")
    with pytest.raises(ReadError, match="line 3: a carriage return outside quotes"):
        rows(open_table(path))
    assert rows(open_table(path, bad_rows="skip")) == [("1", "2"), ("3", "4")]
    with pytest.raises(ReadError, match="line 2: a line feed outside quotes"):
        rows(open_table(written(tmp_path / "mixed.csv", b"a,b\r1,2\n3,4\r")))


def test_line_feeds_and_crlf_may_mix_outside_quotes(tmp_path: Path) -> None:
    assert rows(open_table(written(tmp_path / "t.csv", b"a,b\n1,2\r\n3,4\n\r\n5,6"))) == [
        ("1", "2"),
        ("3", "4"),
        ("5", "6"),
    ]


def test_three_megabytes_in_one_field_are_read(tmp_path: Path) -> None:
    field = 'word, "quoted"\n' * 210_000
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", "label"), (field, "x"), ("y", "z")])
    assert rows(open_table(tmp_path / "t.csv")) == [(field, "x"), ("y", "z")]


@pytest.mark.parametrize("content", ["x" * (ROW_LIMIT + 10), '"' + "word\n" * (ROW_LIMIT // 5 + 10)])
def test_a_row_beyond_the_limit_is_refused(tmp_path: Path, content: str) -> None:
    path = written(tmp_path / "t.csv", f"text,label\n{content}\na,b\n".encode())
    with pytest.raises(ReadError, match=f"line 2: the row is longer than {ROW_LIMIT:,} characters"):
        rows(open_table(path))


def test_a_line_beyond_the_limit_can_be_skipped(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", b"text,label\n" + b"x" * (ROW_LIMIT + 10) + b",y\na,b\n")
    table = open_table(path, bad_rows="skip", rejects_path=tmp_path / "r.csv")
    assert rows(table) == [("a", "b")]
    assert (tmp_path / "r.csv").stat().st_size < 1_100_000


def test_header_only_and_blank_files_are_refused(tmp_path: Path) -> None:
    for end in (b"", b"\n", b"\r\n\r\n"):
        with pytest.raises(ReadError, match=r"header line \('text', 'label'\) but no rows"):
            rows(open_table(written(tmp_path / "t.csv", b"text,label" + end)))
    with pytest.raises(ReadError, match="is empty"):
        open_table(written(tmp_path / "t.csv", b""))
    with pytest.raises(ReadError, match="only blank lines"):
        open_table(written(tmp_path / "t.csv", b"\n\n"))


def test_missing_and_doubled_columns(tmp_path: Path) -> None:
    table = open_table(written(tmp_path / "t.csv", b"review,label,label\na,b,c\n"))
    with pytest.raises(ColumnError, match=r"no column 'revew'. Did you mean 'review'\? Columns found: 'review'"):
        next(table.batches(["revew"]))
    with pytest.raises(ColumnError, match="2 columns named 'label'"):
        next(table.batches(["label"]))
    assert list(table.batches(["review"])) == [[("a",)]]


def test_columns_come_in_the_requested_order_and_a_pass_can_be_repeated(tmp_path: Path) -> None:
    table = open_table(written(tmp_path / "t.csv", b"a,b,c\n1,2,3\n4,5,6\n"))
    for _ in range(2):
        assert list(table.batches(["c", "a"], size=1)) == [[("3", "1")], [("6", "4")]]
    with pytest.raises(OptionError, match="at least 1"):
        next(table.batches(["a"], size=0))


def test_no_header_names_the_columns_by_place(tmp_path: Path) -> None:
    table = open_table(written(tmp_path / "t.tsv", b'ham\tGo "now"\nspam\t"half\n'), Dialect(header=False))
    assert table.columns == ("column0", "column1")
    assert rows(table) == [("ham", 'Go "now"'), ("spam", '"half')]


def test_tsv_has_no_quoting_by_default(tmp_path: Path) -> None:
    path = written(tmp_path / "t.tsv", b'a\tb\n"x\ty"\t1\n')
    with pytest.raises(ReadError, match="--quote"):
        rows(open_table(path))
    assert rows(open_table(path, Dialect(quote='"'))) == [("x\ty", "1")]


def test_one_column_keeps_blank_lines_as_empty_texts(tmp_path: Path) -> None:
    assert rows(open_table(written(tmp_path / "t.csv", b'text\none\n\n""\ntwo\n'))) == [
        ("one",),
        ("",),
        ("",),
        ("two",),
    ]


@pytest.mark.parametrize(
    "bad", [{"delimiter": "::"}, {"delimiter": "\n"}, {"quote": "''"}, {"delimiter": '"', "quote": '"'}]
)
def test_an_impossible_dialect_is_an_option_error(bad: dict[str, str]) -> None:
    with pytest.raises(OptionError):
        Dialect(**bad)


def test_rejects_appear_whole_or_not_at_all(tmp_path: Path) -> None:
    table = open_table(written(tmp_path / "t.csv", b"a,b\n1\n2,3\n"), bad_rows="skip", rejects_path=tmp_path / "r.csv")
    stream = table.batches(["a"])
    next(stream)
    assert table.rejected == 1
    stream.close()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    assert (tmp_path / "r.csv").read_bytes().startswith(b"line,reason,row\r\n2,")


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;", "\ufeffsep=;"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_first_line_that_names_the_delimiter(tmp_path: Path, first: str, end: str) -> None:
    (tmp_path / "t.csv").write_text(end.join([first, "text;label", "a, b;1", "sep=;2", ""]), "utf-8", newline="")
    table = open_table(tmp_path / "t.csv")
    for _ in range(2):
        assert list(table.batches(["text", "label"])) == [[("a, b", "1"), ("sep=", "2")]]
    stated = open_table(tmp_path / "t.csv", Dialect(delimiter="|"))
    assert stated.columns == ("text;label",)
    bare = open_table(tmp_path / "t.csv", Dialect(header=False))
    assert next(bare.batches(["column0"]))[0] == ("text",)


def test_a_column_called_sep_is_a_column(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("sep=;,b\n1,2\n")
    assert open_table(tmp_path / "t.csv").columns == ("sep=;", "b")


ESCAPED = st.text(st.sampled_from("a \\\",;\n\r'é"), max_size=8)


@settings(max_examples=200, deadline=None)
@given(body=st.lists(st.tuples(ESCAPED, ESCAPED), min_size=1, max_size=8), delimiter=st.sampled_from(",;\t"))
def test_escapes_are_read_as_written(body: list[tuple[str, str]], delimiter: str) -> None:
    def cell(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    lines = [delimiter.join(map(cell, row)) + "\n" for row in [("text", "label"), *body]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_text("".join(lines), "utf-8", newline="")
        dialect = Dialect(delimiter=delimiter, escape="\\")
        for bad_rows in ("stop", "skip"):
            table = open_table(path, dialect, bad_rows)  # type: ignore[arg-type]
            assert [row for batch in table.batches(["text", "label"]) for row in batch] == body
            assert table.rejected == 0


def test_escaped_quotes_are_not_counted_where_a_broken_row_ends(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('text,label\n"a \\" b" c,1\n"d \\" e",2\n"f",3\n')
    table = open_table(tmp_path / "t.csv", Dialect(escape="\\"), "skip")
    assert list(table.batches(["text", "label"])) == [[('d " e', "2"), ("f", "3")]]
    assert table.rejected == 1


def test_an_escape_that_was_not_stated_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('text,label\n"he said \\"no\\", ok",1\n')
    with pytest.raises(ReadError, match=r"line 2: .*--escape '\\'"):
        list(open_table(tmp_path / "t.csv").batches(["text"]))


@pytest.mark.parametrize(("mark", "shown"), [(";", "';'"), ("\t", r"'\t'"), ("|", "'|'")])
def test_quoted_fields_with_another_delimiter_between(tmp_path: Path, mark: str, shown: str) -> None:
    (tmp_path / "a.csv").write_text(f'"id"{mark}"text"\n"1"{mark}"a"\n')
    with pytest.raises(ReadError, match=re.escape(f"If {shown} separates fields, give `--delimiter {shown}`.")):
        list(open_table(tmp_path / "a.csv", PLAIN).batches(["text"]))
    (tmp_path / "b.csv").write_text(f'text,n\n"a"{mark}"b","c"\n')
    with pytest.raises(ReadError, match="write a quote twice"):
        list(open_table(tmp_path / "b.csv", PLAIN).batches(["text"]))
