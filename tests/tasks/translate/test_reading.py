"""Pairs of texts: aligned files and tables, and what is said where they do not fit."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data.tables.table import Dialect
from recurra.errors import ColumnError, OptionError, ReadError
from recurra.tasks.translate.reading import open_parallel

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
