"""A named data set has the same labels wherever it was found, and a model reads files as its training did."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import recurra
from recurra.cli.app import app
from recurra.many_to_one.options import ReadOptions
from recurra.many_to_one.reading import open_data
from recurra.terminal.progress import Reporter
from support.commands import Cli
from support.tampered_models import copied, edit_manifest


def test_imdb_labels_have_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("train", "test"):
        for label in ("pos", "neg"):
            folder = tmp_path / "aclImdb" / part / label
            folder.mkdir(parents=True)
            (folder / "0_9.txt").write_text(f"a {label} review")
    monkeypatch.setenv("RECURRA_DATA", str(tmp_path))
    opened = open_data("imdb", ReadOptions(), Reporter(quiet=True))
    assert sorted(opened.rows(["split"])) == [
        ("a neg review", "negative", "test"),
        ("a neg review", "negative", "train"),
        ("a pos review", "positive", "test"),
        ("a pos review", "positive", "train"),
    ]
    plain = open_data(str(tmp_path / "aclImdb"), ReadOptions(), Reporter(quiet=True))
    assert {row[1] for row in plain.rows()} == {"pos", "neg"}


TINY = ("--epochs", "1", "--embedding", "4", "--hidden", "4", "--no-baseline", "--threads", "1")


def written(
    path: Path, rows: Sequence[Sequence[str]], delimiter: str = ",", encoding: str = "utf-8", **how: Any
) -> Path:
    """Write rows as Python's csv writes them."""
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter, **how).writerows(rows)
    return path


def labelled(header: Sequence[str] | None = ("Text", "Bewertung")) -> list[Sequence[str]]:
    body = [[f"{('schön', 'öde')[n % 2]}; film, number {n}", ("pos", "neg")[n % 2]] for n in range(60)]
    return [*([header] if header else []), *body]


@pytest.fixture(scope="module")
def semicolons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of a file as a spreadsheet writes it in Europe."""
    folder = tmp_path_factory.mktemp("semicolons")
    written(folder / "a.csv", labelled(), ";", "cp1252")
    words = ["train", folder / "a.csv", "--delimiter", ";", "--encoding", "cp1252", "--out", folder / "m", *TINY]
    result = CliRunner().invoke(app(), list(map(str, words)))
    assert result.exit_code == 0, result.output
    return folder / "m"


@pytest.fixture(scope="module")
def headerless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of a file without a header: the text first, then the label."""
    folder = tmp_path_factory.mktemp("headerless")
    written(folder / "a.csv", labelled(header=None))
    words = ["train", folder / "a.csv", "--no-header", "--text", "column0", "--label", "column1", "--out", folder / "m"]
    result = CliRunner().invoke(app(), [*map(str, words), *TINY])
    assert result.exit_code == 0, result.output
    return folder / "m"


def answers(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_file_like_the_trainings_is_read_as_it_was(cli: Cli, semicolons: Path, tmp_path: Path) -> None:
    texts = ["schön; film", "öde", "film"]
    new = [["Nr", "Text", "Datum"], *([str(n), text, "x"] for n, text in enumerate(texts))]
    written(tmp_path / "new.csv", new, ";", "cp1252")
    result = cli("predict", semicolons, "--input", tmp_path / "new.csv", "--output", tmp_path / "o.csv")
    assert result.exit_code == 0 and "Reading as in training: --delimiter ';' --encoding 'cp1252'" in result.stderr
    found = answers(tmp_path / "o.csv")
    assert [row["Text"] for row in found] == texts
    expected = recurra.load(semicolons).predict_proba(texts).max(axis=1)
    assert [float(row["probability"]) for row in found] == pytest.approx(expected, abs=1e-6)
    written(tmp_path / "judge.csv", labelled(), ";", "cp1252")
    judged = json.loads(cli("evaluate", semicolons, tmp_path / "judge.csv", "--json").stdout)
    assert (judged["rows"], judged["left_out_rows"], judged["unknown_label_rows"]) == (60, 0, 0)


NEW = [["Nr", "Text"], ["1", "schön; film"], ["2", "öde"]]
WAYS: dict[str, tuple[list[list[str]], dict[str, Any], list[str]]] = {
    "commas": (NEW, {}, []),
    "commas, all quoted": (NEW, {"quoting": csv.QUOTE_ALL}, []),
    "UTF-8": (NEW, {"delimiter": ";"}, []),
    "UTF-8 with a mark": (NEW, {"delimiter": ";", "encoding": "utf-8-sig"}, []),
    "another case": ([["Nr", "TEXT"], *NEW[1:]], {"delimiter": ";"}, []),
    "white space": ([["Nr", " text "], *NEW[1:]], {"delimiter": ";"}, []),
    "another order": ([row[::-1] for row in NEW], {"delimiter": ";"}, []),
    "bars, stated": (NEW, {"delimiter": "|"}, ["--delimiter", "|"]),
    "UTF-16, stated": (NEW, {"delimiter": ";", "encoding": "utf-16"}, ["--encoding", "utf-16"]),
    "a name, stated": ([["Nr", "other"], *NEW[1:]], {"delimiter": ";"}, ["--text", "other"]),
}


@pytest.mark.parametrize("way", WAYS)
def test_other_ways_to_write_the_same(cli: Cli, semicolons: Path, tmp_path: Path, way: str) -> None:
    rows, how, words = WAYS[way]
    written(tmp_path / "new.csv", rows, **how)
    result = cli("predict", semicolons, "--input", tmp_path / "new.csv", "--output", tmp_path / "o.jsonl", *words)
    assert result.exit_code == 0, result.stderr
    found = [list(json.loads(line).values()) for line in (tmp_path / "o.jsonl").read_text("utf-8").splitlines()]
    assert [row[:2] for row in found] == rows[1:]
    expected = recurra.load(semicolons).predict_proba(["schön; film", "öde"]).max(axis=1)
    assert [row[3] for row in found] == pytest.approx(expected, abs=1e-6)


REFUSED: dict[str, tuple[str, str, str]] = {
    "tabs": ("new.csv", "Nr\tText\n1\tx\n", r"--delimiter '\t'"),
    "bars": ("new.csv", "Nr|Text|n\n1|x|2\n", "--delimiter '|'"),
    "commas in a .tsv": ("new.tsv", "Nr,Text\n1,x\n", "--delimiter ','"),
    "a lone column": ("new.csv", "id\n1\n", "--text id"),
    "a lone column with an obvious name": ("new.csv", "review\nx\n", "--text review"),
    "a lone key": ("new.jsonl", '{"id": "x"}\n', "--text id"),
    "several columns": ("new.csv", "id;n\n1;2\n", "--text COL"),
    "no header": ("new.csv", "1;a lovely film\n2;a dull film\n1;a dull lovely film\n", "--no-header"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_whole_rows_are_never_taken_for_texts(
    cli: Cli, semicolons: Path, tmp_path: Path, command: str, case: str
) -> None:
    name, content, said = REFUSED[case]
    (tmp_path / name).write_text(content)
    words = ["--input", tmp_path / name, "--output", tmp_path / "o.csv"] if command == "predict" else [tmp_path / name]
    result = cli(command, semicolons, *words)
    assert (result.exit_code, result.stdout) == (1, ""), result.stderr
    assert "no column 'Text'" in result.stderr and said in result.stderr
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("mark", [",", "|", r"\t"])
def test_a_table_in_a_text_file_is_no_list_of_texts(cli: Cli, semicolons: Path, tmp_path: Path, mark: str) -> None:
    path, written_mark = tmp_path / "new.txt", mark.replace(r"\t", "\t")
    path.write_text(f"Nr{written_mark}Text\n1{written_mark}a film\n2{written_mark}a dull film\n")
    words = ("predict", semicolons, "--input", path, "--output", tmp_path / "o.csv")
    result = cli(*words)
    assert (result.exit_code, f"`--delimiter '{mark}'`" in result.stderr) == (1, True), result.stderr
    assert os.listdir(tmp_path) == ["new.txt"]
    assert cli(*words, "--delimiter", mark).exit_code == 0
    assert [row["Text"] for row in answers(tmp_path / "o.csv")] == ["a film", "a dull film"]


def test_a_held_out_file_of_other_columns_is_named(cli: Cli, tmp_path: Path) -> None:
    data, test = tmp_path / "a.csv", tmp_path / "test.csv"
    written(data, labelled())
    for content in ("review,mark\na,b\n", "Text;Bewertung\na;b\n"):
        test.write_text(content)
        result = cli("train", data, "--test", test, "--out", tmp_path / "m", *TINY)
        assert result.exit_code == 1 and f"--test {test}: There is no column" in result.stderr, result.stderr
        assert "same names of columns and the same delimiter" in result.stderr and not (tmp_path / "m").exists()


def test_a_lone_column_of_the_trainings_name_and_lines_are_texts(cli: Cli, semicolons: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Text\nschön\n", "cp1252")
    (tmp_path / "b.txt").write_text("schön; film\n", "utf-8")
    for name in ("a.csv", "b.txt"):
        result = cli("predict", semicolons, "--input", tmp_path / name, "--output", tmp_path / f"{name}.csv")
        assert (result.exit_code, len(answers(tmp_path / f"{name}.csv"))) == (0, 1), result.stderr


def test_judging_takes_no_other_column_for_the_texts(cli: Cli, semicolons: Path, tmp_path: Path) -> None:
    written(tmp_path / "a.csv", [["id", "Bewertung"], ["1", "pos"], ["2", "neg"]], ";")
    result = cli("evaluate", semicolons, tmp_path / "a.csv")
    assert (result.exit_code, "no column 'Text'" in result.stderr) == (1, True)


def test_without_a_header_the_width_must_be_the_trainings(cli: Cli, headerless: Path, tmp_path: Path) -> None:
    written(tmp_path / "same.csv", labelled(header=None)[:3])
    result = cli("predict", headerless, "--input", tmp_path / "same.csv", "--output", tmp_path / "o.csv")
    assert (result.exit_code, len(answers(tmp_path / "o.csv"))) == (0, 3), result.stderr
    assert json.loads(cli("evaluate", headerless, tmp_path / "same.csv", "--json").stdout)["rows"] == 3
    written(tmp_path / "more.csv", [["7", "schön", "pos"], ["8", "öde", "neg"]])
    written(tmp_path / "less.csv", [["schön"], ["öde"]])
    written(tmp_path / "other.csv", [["schön", "pos"], ["öde", "neg"]], ";")
    for name, said in (("more", "3 columns"), ("less", "1 column"), ("other", "--delimiter ';'")):
        path = tmp_path / f"{name}.csv"
        result = cli("predict", headerless, "--input", path, "--output", tmp_path / "n.csv")
        assert (result.exit_code, said in result.stderr, "--text column0" in result.stderr) == (1, True, True)
    words = ("--input", tmp_path / "less.csv", "--output", tmp_path / "n.csv", "--text", "column0")
    assert cli("predict", headerless, *words).exit_code == 0
    written(tmp_path / "named.csv", [["text", "label"], ["schön", "pos"]])
    result = cli("predict", headerless, "--input", tmp_path / "named.csv", "--output", tmp_path / "p.csv")
    assert (result.exit_code, "give --header" in result.stderr) == (0, True)


def test_what_does_nothing_is_refused_by_each_command(cli: Cli, semicolons: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        "".join(json.dumps({"Text": t, "Bewertung": b}) + "\n" for t, b in labelled()[1:])
    )
    out = tmp_path / "o"
    for words in (
        ["train", tmp_path / "a.jsonl", "--out", out, *TINY],
        ["compare", tmp_path / "a.jsonl", "--out", out],
        ["evaluate", semicolons, tmp_path / "a.jsonl"],
        ["predict", semicolons, "--input", tmp_path / "a.jsonl", "--output", tmp_path / "o.csv"],
    ):
        result = cli(*words, "--delimiter", ";")
        assert (result.exit_code, "--delimiter does nothing for" in result.stderr) == (2, True), result.stderr
    assert os.listdir(tmp_path) == ["a.jsonl"]
    assert cli("evaluate", semicolons, tmp_path / "a.jsonl").exit_code == 0


def test_an_option_may_be_for_the_held_out_file_alone(cli: Cli, tmp_path: Path) -> None:
    lines = (json.dumps({"text": t, "label": b}) + "\n" for t, b in labelled()[1:])
    (tmp_path / "a.jsonl").write_text("".join(lines))
    written(tmp_path / "b.csv", [["text", "label"], ["neu", "pos"], ["alt", "neg"]], ";")
    words = ("--test", tmp_path / "b.csv", "--delimiter", ";", "--out", tmp_path / "m")
    result = cli("train", tmp_path / "a.jsonl", *words, *TINY)
    assert result.exit_code == 0, result.stderr


def test_a_first_row_that_is_no_header_is_spoken_of(cli: Cli, tmp_path: Path) -> None:
    rows = [["spam" if n % 2 else "ham", f"the same few words again number{n % 7} n{n}"] for n in range(40)]
    written(tmp_path / "a.csv", [["spam", "the same few words again"], *rows])  # 'spam' is a usual name of a label
    result = cli("train", tmp_path / "a.csv", "--out", tmp_path / "m", *TINY)
    assert result.exit_code == 0 and "The first row looks like data" in result.stderr
    assert any(
        "--no-header" in finding
        for finding in json.loads((tmp_path / "m/metrics.json").read_text())["hygiene"]["findings"]
    )
    result = cli("train", tmp_path / "a.csv", "--header", "--out", tmp_path / "n", *TINY)
    assert "The first row" not in result.stderr
    written(tmp_path / "b.csv", [["ham", "the same few words again"], *rows])
    result = cli("train", tmp_path / "b.csv", "--out", tmp_path / "o", *TINY)
    assert (result.exit_code, "give --no-header" in result.stderr) == (1, True)


def test_lines_without_labels_say_what_has_some(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a film\tgood\nno film\tbad\n")
    result = cli("train", tmp_path / "a.txt", "--out", tmp_path / "m")
    assert result.exit_code == 1
    for step in ("__label__", r"--delimiter '\t'", "--task generate"):
        assert step in result.stderr


def test_a_model_of_long_ago_keeps_its_dialect(semicolons: Path, tmp_path: Path) -> None:
    """Models written before the number of columns was noted have the options alone."""
    model = copied(semicolons, tmp_path / "m")
    edit_manifest(
        model,
        lambda plain: plain | {"data": {k: v for k, v in plain["data"].items() if k not in ("columns", "format")}},
    )
    written(tmp_path / "new.csv", NEW, ";", "cp1252")
    opened = open_data(
        str(tmp_path / "new.csv"),
        ReadOptions(),
        Reporter(quiet=True),
        label_needed=False,
        manifest=recurra.load(model).manifest,
    )
    assert list(opened.rows()) == [("schön; film",), ("öde",)]


def test_a_damaged_dialect_is_one_sentence(cli: Cli, semicolons: Path, tmp_path: Path) -> None:
    model = copied(semicolons, tmp_path / "m")
    edit_manifest(model, lambda plain: plain | {"config": plain["config"] | {"delimiter": 5}})
    written(tmp_path / "new.csv", NEW, ";")
    result = cli("predict", model, "--input", tmp_path / "new.csv", "--output", tmp_path / "o.csv")
    assert (result.exit_code, "manifest.json" in result.stderr) == (1, True), result.stderr
