"""Pairs of texts, in one table or in two aligned files, damaged: a translation for each text, in its place."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import strategies as st

import recurra
from support.damage import damaged
from support.dialects import Dialected, read_output
from support.fuzzing import fuzzed
from support.live_models import write_translator
from support.trainings import what_training_reads
from support.whole_commands import in_words, run

PAIRS = [
    ["Good morning to you.", "Guten Morgen."],
    ["naïve", "日本"],
    ["a", ""],
    ["Where?", 'W"o?'],
    ["w\U0001f600", "x"],
]
TABLE = Dialected(".tsv", delimiter="\t", quote="")
COMMAS = Dialected(".csv")


def table(dialect: Dialected, pairs: list[list[str]]) -> bytes:
    content = Dialected(dialect.suffix, delimiter=dialect.delimiter, quote=dialect.quote, header=False).written(pairs)
    return f"source{dialect.delimiter}target\n".encode() + content


pairs = st.lists(st.sampled_from(PAIRS), min_size=1, max_size=6)
tables = st.sampled_from((TABLE, COMMAS)).flatmap(
    lambda dialect: st.tuples(st.just(dialect), pairs.flatmap(lambda rows: damaged(table(dialect, rows))))
)
MANY = [[f"Number {n} is {n * n}.", f"Nummer {n} ist {n * n}."] for n in range(40)]
"""Enough pairs to be trained on."""
many = st.sampled_from((TABLE, COMMAS)).flatmap(
    lambda dialect: st.tuples(st.just(dialect), damaged(table(dialect, MANY)))
)
texts = pairs.flatmap(lambda rows: damaged("".join(f"{source}\n" for source, _ in rows).encode()))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_translator(tmp_path_factory.mktemp("models") / "model")


def is_translated(model: Path, sources: list[str], translations: list[str]) -> None:
    expected = recurra.load(model, task="translate").translate(sources, beam=1)
    assert [" ".join(it.splitlines()) for it in expected] == translations


@fuzzed(20, file=tables)
def test_predict_a_table(model: Path, file: tuple[Dialected, bytes]) -> None:
    dialect, content = file
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / f"pairs{dialect.suffix}", Path(folder) / "out.csv"
        source.write_bytes(content)
        ended = run(
            "predict", model, "--input", source, "--output", output, "--source", "source", "--beam", 1, "--json"
        )
        in_words(ended)
        assert source.read_bytes() == content
        assert {path.name for path in Path(folder).iterdir()} == {source.name, *([] if ended.status else [output.name])}
        if not ended.status:
            names, rows = read_output(output.read_bytes(), ".csv")
            read = dialect.read(content)
            assert read is not None and [row[: len(read[0])] for row in rows] == read[1:]
            is_translated(model, [row[names.index("source")] for row in rows], [row[-1] for row in rows])


@fuzzed(20, content=texts)
def test_predict_lines(model: Path, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "in.txt", Path(folder) / "out.txt"
        source.write_bytes(content)
        ended = run("predict", model, "--input", source, "--output", output, "--beam", 1, "--json")
        in_words(ended)
        assert source.read_bytes() == content
        assert {path.name for path in Path(folder).iterdir()} == {source.name, *([] if ended.status else [output.name])}
        if not ended.status:
            lines = lines_of(content)
            assert json.loads(ended.out)["rows"] == len(lines)
            is_translated(model, lines, output.read_text("utf-8").split("\n")[:-1])


def lines_of(content: bytes) -> list[str]:
    text = content.decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return text.removesuffix("\n").split("\n") if text else []


@fuzzed(20, file=tables)
def test_evaluate(model: Path, file: tuple[Dialected, bytes]) -> None:
    dialect, content = file
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"pairs{dialect.suffix}"
        source.write_bytes(content)
        ended = run("evaluate", model, source, "--beam", 1, "--json")
        in_words(ended)
        assert source.read_bytes() == content and [source] == list(Path(folder).iterdir())
        if not ended.status:
            read, result = dialect.read(content), json.loads(ended.out)
            assert read is not None
            assert result["rows"] + result["left_out_rows"] == len(read) - 1
            assert 0 <= result["bleu"] <= 100 and 0 <= result["chrf"] <= 100


@fuzzed(40, file=many, aligned=st.none() | damaged("".join(f"{target}\n" for _, target in MANY).encode()))
def test_what_training_reads(file: tuple[Dialected, bytes], aligned: bytes | None) -> None:
    dialect, content = file
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / f"pairs{dialect.suffix}", Path(folder) / "target.txt"
        source.write_bytes(content)
        if aligned is not None:
            target.write_bytes(aligned)
        data = what_training_reads(source, "translate", target_file=str(target) if aligned is not None else None)
        assert source.read_bytes() == content
        if data is not None:
            read = dialect.read(content)
            count = len(lines_of(content)) if aligned is not None else len(read or []) - 1
            assert data["rows"] <= count
