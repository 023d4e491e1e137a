"""The columns of a file are those of the training, or named: never another column's, and no word is lost."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from recurra.cli.train import train
from recurra.errors import ColumnError, ReadError
from recurra.tasks.configuration import task_options
from recurra.tasks.tag.options import TaggedFileOptions
from recurra.tasks.tag.reading import open_tagged
from recurra.tasks.tag.tagged_file import TrainingColumns
from recurra.terminal.progress import Reporter
from support.commands import TINY, Cli

TWO, FOUR = TrainingColumns("columns", "2", width=2), TrainingColumns("columns", "4", width=4)
SECOND = TrainingColumns("columns", "2", width=4)
OLD = TrainingColumns("columns", "2")
CONLLU, LINES = TrainingColumns("conllu", "upos", width=10), TrainingColumns("jsonl", "tags")
UD = "1\tAna\t_\tPROPN\tNNP\t_\t0\troot\t_\t_\n"


def columns(count: int) -> str:
    cells = ["NNP", "I-NP", "B-PER", "x"][: count - 1]
    return "".join(" ".join([word, *cells]) + "\n" for word in ("Ana", "Boris")) + "\n"


@pytest.mark.parametrize(
    ("training", "text", "evaluate", "predict"),
    [
        (TWO, columns(2), "2", "2"),
        (TWO, columns(1), None, "2"),
        (TWO, columns(3), None, None),
        (TWO, columns(4), None, None),
        (TWO, UD, "upos", "upos"),
        (FOUR, columns(4), "4", "4"),
        (FOUR, columns(3), None, "4"),
        (FOUR, columns(2), None, None),
        (FOUR, columns(1), None, "2"),
        (FOUR, columns(5), None, None),
        (SECOND, columns(4), "2", "2"),
        (SECOND, columns(3), None, None),
        (SECOND, columns(2), None, None),
        (OLD, columns(2), "2", "2"),
        (OLD, columns(4), None, None),
        (OLD, columns(1), None, "2"),
        (CONLLU, columns(2), "2", "2"),
        (CONLLU, columns(4), None, None),
        (CONLLU, UD, "upos", "upos"),
        (LINES, columns(2), "2", "2"),
        (LINES, columns(3), None, None),
    ],
)
def test_the_number_of_columns_is_that_of_the_training(
    tmp_path: Path, training: TrainingColumns, text: str, evaluate: str | None, predict: str | None
) -> None:
    path = tmp_path / "a.conll"
    path.write_text(text)
    for needed, expected in ((True, evaluate), (False, predict)):
        if expected is None:
            with pytest.raises(ColumnError) as refused:
                open_tagged(path, training=training, tags_needed=needed)
            assert "--tag-column" in str(refused.value) or text == columns(1)
            continue
        file = open_tagged(path, training=training, tags_needed=needed)
        assert file.tag_column == expected
        (sentence,) = (each for each in file.sentences() if each.words)
        assert sentence.words[0] == "Ana"
        again = file.retagged(sentence, ["T"] * len(sentence.words))
        before, after = text.split(), again.split()
        assert len(after) - len(before) == len(sentence.words) * file.added


def test_a_refusal_names_both_counts_and_the_options(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text(columns(4))
    with pytest.raises(
        ColumnError, match=r"a\.conll has 4 columns, and the model's training had 2, .*--tag-column.*--word-column"
    ):
        open_tagged(path, training=TWO)
    named = open_tagged(path, TaggedFileOptions(tag_column="4"), training=TWO, tags_needed=False)
    (sentence,) = named.sentences()
    assert named.retagged(sentence, ["X", "Y"]) == "Ana NNP I-NP X\nBoris NNP I-NP Y\n\n"
    plus = tmp_path / "a.cupt"
    plus.write_text("# global.columns = ID FORM NER\n1\tAna\tB-PER\n")
    with pytest.raises(ColumnError, match=r"no column UPOS, where the tags of the model's training were.*--tag-column"):
        open_tagged(plus, training=CONLLU)


def test_words_too_are_where_they_were_in_training(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("7\tAna\tB-PER\n8\tmet\tO\n\n")
    training = TrainingColumns("columns", "3", words="2", width=3)
    assert next(open_tagged(path, training=training).sentences()).words == ["Ana", "met"]
    path.write_text("Ana\nmet\n")
    with pytest.raises(ColumnError, match=r"has 1 column, and the model's training had 3.*--word-column"):
        open_tagged(path, training=training, tags_needed=False)


def test_a_broken_parquet_file_and_one_that_is_not_there_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(ReadError, match=r"a\.parquet: not a sound Parquet file"):
        open_tagged(tmp_path / "a.parquet")
    with pytest.raises(ReadError, match=r"b\.parquet does not exist\. Did you mean 'a\.parquet'"):
        open_tagged(tmp_path / "b.parquet")


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tagger of two columns."""
    folder = tmp_path_factory.mktemp("two-columns")
    names = ["Ana", "Boris", "Chen", "Dara"]
    (folder / "train.conll").write_text(
        "".join(f"{names[n % 4]}\tB-PER\n{'met' if n % 2 else 'saw'}\tO\nx{n}\tO\nLima\tB-LOC\n\n" for n in range(40))
    )
    options = task_options({"task": "tag", **TINY, "affix_embedding": 4, "characters": "none"})
    train(str(folder / "train.conll"), folder / "m", options, reporter=Reporter(quiet=True))
    return folder / "m"


def test_the_manifest_says_how_many_columns_there_were(tagger: Path) -> None:
    data: dict[str, Any] = json.loads((tagger / "manifest.json").read_text())["data"]
    assert (data["format"], data["columns"], data["tag_column"], data["tags_are_numbers"]) == ("columns", 2, "2", False)


FILES = {
    "four.conll": (columns(4), "has 4 columns, and the model's training had 2"),
    "swapped.conll": ("B-PER\tAna\nO\tmet\nB-LOC\tLima\n", "column 2 holds 'Ana', 'met', 'Lima', and these are no"),
    "ud.conllu": (UD + UD.replace("1\tAna\t_\tPROPN", "2\tsaw\t_\tVERB"), "column upos holds 'PROPN', 'VERB'"),
    "one.txt": ("Ana met Boris in Oslo .\n", "has 6 columns.*recurra predict MODEL < FILE"),
    "two.txt": ("Ana slept\nChen left\n", "column 2 holds 'slept', 'left'.*recurra predict MODEL < FILE"),
    "many.txt": ("Ana met Boris .\nChen lives in Lima today .\nDara left .\n", "plain sentences.*predict MODEL < FILE"),
    "first.txt": ("Ana slept\nChen lives in Lima today .\nDara left it .\n", "plain sentences.*predict MODEL < FILE"),
    "tags.jsonl": ('{"tokens": ["Ana"], "tags": "news"}\n', "'tags' holds something else.*--tag-column"),
    "words.jsonl": ('{"tokens": ["Ana", "met"], "tags": ["NNP", "VBD"]}\n', "'NNP', 'VBD', and these are no tags"),
    "table.csv": ("Number,Word,POS,Tag\n1,Ana,NNP,B-PER\n", "not obvious which column .*--sentence-column COL"),
}


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_replaced_that_are_no_tags(tagger: Path, tmp_path: Path, cli: Cli, name: str) -> None:
    text, message = FILES[name]
    (tmp_path / name).write_text(text)
    predicted = cli("predict", tagger, "--input", tmp_path / name, "--output", tmp_path / f"out-{name}")
    assert predicted.exit_code == 1 and re.search(message, predicted.stderr), predicted.stderr
    assert os.listdir(tmp_path) == [name]
    assert cli("evaluate", tagger, tmp_path / name).exit_code == 1


def test_what_has_such_tags_or_none_is_tagged(tagger: Path, tmp_path: Path, cli: Cli) -> None:
    for text in ("Ana\nmet\n", "Ana\t_\nmet\t_\n", "Ana\tO\nmet\tO\n", "Ana\tS-PER\nmet\tO\n", "Ana\t\nmet\t\n"):
        path, out = tmp_path / "in.conll", tmp_path / "out.conll"
        path.write_text(text)
        assert cli("predict", tagger, "--input", path, "--output", out, "--overwrite").exit_code == 0
        written = [line.split() for line in out.read_text().splitlines()]
        assert [line[0] for line in written] == ["Ana", "met"] and {len(line) for line in written} == {2}


def test_a_column_that_is_named_is_replaced(tagger: Path, tmp_path: Path, cli: Cli) -> None:
    path, out = tmp_path / "in.conll", tmp_path / "out.conll"
    path.write_text(columns(4))
    assert cli("predict", tagger, "--input", path, "--output", out, "--tag-column", 2).exit_code == 0
    first = out.read_text().split()[:4]
    assert first[0] == "Ana" and first[1] != "NNP" and first[2:] == ["I-NP", "B-PER"]
