"""Pairs of texts: aligned files and tables, and what is said where they do not fit."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import recurra
from recurra.cli.app import app
from recurra.data.tables.table import Dialect
from recurra.errors import ColumnError, OptionError, ReadError
from recurra.tasks.translate.reading import open_parallel
from support.commands import Cli

PLAIN = Dialect()


def write(path: Path, *lines: str) -> str:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(path)


def test_aligned_files_keep_every_line_in_its_place(tmp_path: Path) -> None:
    source = write(tmp_path / "a.de", "eins", "", " zwei\tdrei ", "vier")
    with gzip.open(tmp_path / "b.en.gz", "wt", encoding="utf-8") as file:
        file.write("one\r\ntwo?\n\ntwo three\nfour"[0:9] + "\n two three \nfour")
    pairs = open_parallel(source, PLAIN, target_file=str(tmp_path / "b.en.gz"))
    assert list(pairs.rows()) == [("eins", "one"), ("", "two?"), (" zwei\tdrei ", " two three "), ("vier", "four")]
    assert list(pairs.rows()) == list(pairs.rows())
    assert pairs.how.endswith("b.en.gz")


@given(st.lists(st.tuples(*[st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]))] * 2), min_size=1))
@settings(max_examples=50, deadline=None)
def test_any_aligned_files_are_read(tmp_path_factory: pytest.TempPathFactory, pairs: list) -> None:
    folder = tmp_path_factory.mktemp("pairs")
    paths = [write(folder / name, *side) for name, side in zip("ab", zip(*pairs, strict=True), strict=True)]
    if pairs[0][0].startswith("\ufeff") or pairs[0][1].startswith("\ufeff"):
        return  # a byte-order mark is dropped
    assert list(open_parallel(paths[0], PLAIN, target_file=paths[1]).rows()) == pairs


@pytest.mark.parametrize(("longer", "shorter"), [(0, 1), (1, 0)])
def test_files_of_unequal_length_are_refused_with_counts_and_place(tmp_path: Path, longer: int, shorter: int) -> None:
    lines = [[f"{side}{n}" for n in range(2000)] for side in "ab"]
    lines[shorter] = lines[shorter][:1500]
    lines[longer][700] = ""
    paths = [write(tmp_path / name, *side) for name, side in zip("ab", lines, strict=True)]
    with pytest.raises(ReadError, match=r"has 2,000 lines and .* has 1,500: from line 1,501 on.*line 701\."):
        list(open_parallel(paths[0], PLAIN, target_file=paths[1]).rows())


def test_tables_with_named_guessed_and_wrong_columns(tmp_path: Path) -> None:
    table = write(tmp_path / "t.tsv", "id\ttgt\tsource", "1\tone\teins", "2\ttwo\tzwei")
    assert list(open_parallel(table, PLAIN).rows()) == [("eins", "one"), ("zwei", "two")]
    assert open_parallel(table, PLAIN).guessed
    named = open_parallel(table, PLAIN, source="id", target="tgt")
    assert (list(named.rows()), named.guessed) == ([("1", "one"), ("2", "two")], False)
    with pytest.raises(ColumnError, match=r"no column 'sauce' \(--source\)\. Did you mean 'source'"):
        open_parallel(table, PLAIN, source="sauce")
    bare = write(tmp_path / "u.tsv", "eins\tone", "zwei\ttwo")
    assert list(open_parallel(bare, Dialect(header=False)).rows()) == [("eins", "one"), ("zwei", "two")]
    wide = write(tmp_path / "v.csv", "a,b,c", "1,2,3")
    with pytest.raises(ColumnError, match=r"not obvious which columns.*--source COL --target COL"):
        open_parallel(wide, PLAIN)
    rows = write(tmp_path / "w.jsonl", json.dumps({"de": "eins", "target": "one"}))
    assert list(open_parallel(rows, PLAIN).rows()) == [("eins", "one")]


def test_options_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a", "x")
    with pytest.raises(OptionError, match="--source and --target name columns"):
        open_parallel(path, PLAIN, target_file=path, source="text")
    with pytest.raises(OptionError, match="--bad-rows skip"):
        open_parallel(path, PLAIN, target_file=path, bad_rows="skip")
    with pytest.raises(ReadError, match="does not exist"):
        open_parallel(path, PLAIN, target_file=str(tmp_path / "none"))


TINY = (
    "--task", "translate", "--epochs", "1", "--embedding", "4", "--hidden", "4", "--vocabulary", "260",
    "--no-baseline", "--threads", "1",
)  # fmt: skip
WORDS = (("eins", "one"), ("zwei", "two"), ("drei", "three"), ("Hund", "dog"))


def pairs(rows: int) -> list[tuple[str, str]]:
    return [
        (" ".join(w[0] for w in chosen), " ".join(w[1] for w in chosen))
        for n in range(rows)
        for chosen in [[WORDS[n % 4], WORDS[n // 4 % 4], WORDS[n // 16 % 4], WORDS[n // 64 % 4]]]
    ]


def table_of(path: Path, rows: list[tuple[str, ...]], delimiter: str = "\t", encoding: str = "utf-8") -> Path:
    path.write_bytes("".join(delimiter.join(row) + "\n" for row in rows).encode(encoding))
    return path


@pytest.fixture(scope="module")
def of_a_list(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of lines with three fields, as flash cards are exported: no header, tabs, a .txt."""
    folder = tmp_path_factory.mktemp("cards")
    data = table_of(folder / "a.txt", [(*pair, "CC-BY #1") for pair in pairs(100)], encoding="latin-1")
    words = [data, "--delimiter", r"\t", "--no-header", "--source", "column1", "--target", "column0", "--encoding"]
    result = CliRunner().invoke(app(), ["train", *map(str, words), "latin-1", "--out", str(folder / "m"), *TINY])
    assert result.exit_code == 0, result.output
    return folder / "m"


def test_a_first_pair_does_not_become_the_header(cli: Cli, tmp_path: Path) -> None:
    data = table_of(tmp_path / "a.tsv", pairs(100))
    out = ("--out", tmp_path / "m", *TINY)
    result = cli("train", data, *out)
    assert result.exit_code == 1 and "--no-header" in result.stderr and "--header" in result.stderr
    table_of(tmp_path / "b.tsv", [("Go.", "Geh."), *pairs(5)])
    assert "looks like a pair" in cli("train", tmp_path / "b.tsv", *out).stderr
    table_of(tmp_path / "c.tsv", [("German", "English"), *pairs(100)])
    result = cli("train", tmp_path / "c.tsv", *out)
    assert result.exit_code == 0 and "from 'German' to 'English'. If these are the first pair" in result.stderr
    result = cli("train", data, "--no-header", "--out", tmp_path / "n", *TINY)
    assert result.exit_code == 0 and "first pair" not in result.stderr
    assert json.loads((tmp_path / "n/metrics.json").read_text())["data"]["rows"] == 100


def test_judging_takes_no_pair_for_the_header(cli: Cli, tmp_path: Path) -> None:
    table_of(tmp_path / "c.csv", [("German", "English"), *pairs(100)], ",")
    result = cli("train", tmp_path / "c.csv", "--out", tmp_path / "m", *TINY)
    assert result.exit_code == 0 and result.stderr.count("Data: ") + result.stdout.count("Data: ") == 1
    bare = table_of(tmp_path / "a.csv", pairs(100), ",")
    result = cli("evaluate", tmp_path / "m", bare)
    assert (result.exit_code, "looks like a pair" in result.stderr, "--no-header" in result.stderr) == (1, True, True)
    judged = cli("evaluate", tmp_path / "m", bare, "--no-header", "--json")
    assert (judged.exit_code, json.loads(judged.stdout)["rows"]) == (0, 100)


def test_the_held_out_file_has_the_columns_of_the_other(cli: Cli, tmp_path: Path) -> None:
    data = table_of(tmp_path / "c.csv", [("German", "English"), *pairs(100)], ",")
    turned = [(english, german) for german, english in pairs(120)[100:]]
    test = table_of(tmp_path / "t.csv", [("English", "German"), *turned], ",")
    result = cli("train", data, "--test", test, "--out", tmp_path / "m", *TINY)
    assert result.exit_code == 0 and f"{test}, from 'German' to 'English'" in result.stderr, result.stderr
    table_of(test, [("Deutsch", "Englisch"), *turned], ",")
    result = cli("train", data, "--test", test, "--out", tmp_path / "n", *TINY)
    assert result.exit_code == 1 and f"--test {test}: There is no column 'German'" in result.stderr
    assert "same names of columns" in result.stderr and not (tmp_path / "n").exists()
    judged = cli("evaluate", tmp_path / "m", test)
    assert (judged.exit_code, "--source COL --target COL" in judged.stderr) == (1, True), judged.stderr
    assert cli("evaluate", tmp_path / "m", test, "--source", "Englisch", "--target", "Deutsch").exit_code == 0


def test_whole_rows_are_no_texts(cli: Cli, of_a_list: Path, tmp_path: Path) -> None:
    table = table_of(tmp_path / "c.csv", pairs(20), ",")
    lines = table_of(tmp_path / "c.txt", [("one",)] * 20)
    for files in ((table, lines), (lines, table)):
        result = cli("train", files[0], "--target-file", files[1], "--out", tmp_path / "m", *TINY)
        assert (result.exit_code, "c.csv is named as a table" in result.stderr) == (2, True), result.stderr
    table_of(tmp_path / "rows.txt", [("id", "column1"), ("1", "one")], ";")
    result = cli("predict", of_a_list, "--input", tmp_path / "rows.txt", "--output", tmp_path / "o.txt")
    assert (result.exit_code, "--delimiter ';'" in result.stderr) == (1, True), result.stderr
    assert not (tmp_path / "o.txt").exists()


def test_a_list_of_cards_is_answered_and_judged_as_it_was_read(cli: Cli, of_a_list: Path, tmp_path: Path) -> None:
    table_of(tmp_path / "new.txt", [("één", "one dög", "x"), ("zwei", "two", "y")], encoding="latin-1")
    result = cli("predict", of_a_list, "--input", tmp_path / "new.txt", "--output", tmp_path / "o.jsonl")
    assert result.exit_code == 0, result.stderr
    found = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text("utf-8").splitlines()]
    assert [row["column1"] for row in found] == ["one dög", "two"]
    expected = [one.text for one in recurra.load(of_a_list).translate_iter(["one dög", "two"])]
    assert [row["translation"] for row in found] == [" ".join(text.splitlines()) for text in expected]
    judged = cli("evaluate", of_a_list, tmp_path / "new.txt", "--json")
    assert (judged.exit_code, json.loads(judged.stdout)["rows"]) == (0, 2), judged.stderr


def test_lines_of_one_text_stay_lines(cli: Cli, of_a_list: Path, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("one; dog\ntwo\n")
    result = cli("predict", of_a_list, "--input", tmp_path / "new.txt", "--output", tmp_path / "o.txt")
    assert (result.exit_code, len((tmp_path / "o.txt").read_text().splitlines())) == (0, 2), result.stderr


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_other_columns_than_the_trainings_are_refused(cli: Cli, of_a_list: Path, tmp_path: Path, command: str) -> None:
    for name, rows in (
        ("two.txt", [("a", "b"), ("c", "d")]),
        ("id.csv", [("id",), ("1",)]),
        ("semi.csv", [("a;b;c",)] * 3),
    ):
        path = table_of(tmp_path / name, rows)
        words = ("--input", path, "--output", tmp_path / "o.csv") if command == "predict" else (path,)
        result = cli(command, of_a_list, *words)
        assert (result.exit_code, "training's had 3" in result.stderr) == (1, True), result.stderr
    assert not (tmp_path / "o.csv").exists()


def test_the_columns_of_training_are_those_to_judge_by(cli: Cli, tmp_path: Path) -> None:
    table_of(tmp_path / "a.csv", [("German", "English"), *pairs(100)], ";")
    words = ("--delimiter", ";", "--source", "English", "--target", "German")
    assert cli("train", tmp_path / "a.csv", *words, "--out", tmp_path / "m", *TINY).exit_code == 0
    table_of(
        tmp_path / "new.csv",
        [("id", "german", " English ", "target"), *((str(n), *p, "x") for n, p in enumerate(pairs(6)))],
        ";",
    )
    result = cli("evaluate", tmp_path / "m", tmp_path / "new.csv", "--json")
    assert result.exit_code == 0 and "from ' English ' to 'german'" in result.stderr
    result = cli("predict", tmp_path / "m", "--input", tmp_path / "new.csv", "--output", tmp_path / "o.csv")
    assert result.exit_code == 0, result.stderr
    table_of(tmp_path / "lone.csv", [("id",), ("1",)])
    result = cli("predict", tmp_path / "m", "--input", tmp_path / "lone.csv", "--output", tmp_path / "p.csv")
    assert (result.exit_code, "--source id" in result.stderr) == (1, True), result.stderr


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("a.de", (), "--target-file"),
        ("a.txt", (), r"--target-file. Every line has fields with '\t' between"),
        ("a.txt", ("--no-header",), "--no-header does nothing"),
        ("a.de", ("--target-file", "b.en", "--delimiter", ";"), "--delimiter does nothing"),
        ("a.de", ("--target-file", "b.en", "--quote", "'"), "--quote does nothing"),
        (".", (), "is a folder"),
        ("a.csv", (), r"--delimiter '\t'"),
    ],
)
def test_files_that_are_no_pairs_name_the_next_step(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in ("a.de", "b.en", "a.txt", "a.csv"):
        table_of(Path(file), [("eins", "one"), ("zwei", "two")])
    result = cli("train", name, *words, "--out", "m", *TINY)
    assert result.exit_code in (1, 2) and said in result.stderr, result.stderr
    assert sorted(os.listdir()) == ["a.csv", "a.de", "a.txt", "b.en"]
