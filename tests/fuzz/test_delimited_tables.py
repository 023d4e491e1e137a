"""CSV and TSV of every dialect, damaged: read as Python's csv module reads them, or refused in words."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st

import recurra
from recurra.data.tables.readers import open_table
from recurra.data.tables.table import Dialect
from recurra.errors import RecurraError
from support.damage import damaged
from support.dialects import DIALECTS, ROWS, Dialected, bom, read_output
from support.fuzzing import fuzzed
from support.live_server import write_model
from support.trainings import what_training_reads
from support.whole_commands import in_sentences, in_words, run

MANY = [[number, f"{text} w{place}", label] for place in range(5) for number, text, label in ROWS]
"""Enough rows to be trained on."""


@st.composite
def files(draw: st.DrawFn, many: bool = False) -> tuple[Dialected, bytes]:
    """Draw a dialect and a file of it: good rows of it, damaged before or after they are packed."""
    dialect = draw(st.sampled_from(DIALECTS))
    rows = MANY if many else draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=10))
    content = dialect.written(rows)
    if draw(st.integers(0, 9)) == 0:
        content = bom(dialect, content)
    if dialect.suffix.endswith(".gz") and draw(st.booleans()):
        plain = Dialected(".csv").written(rows)
        return dialect, dialect.packed(draw(damaged(plain)))
    return dialect, draw(damaged(content))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "model")


def options_of(dialect: Dialected) -> Dialect:
    given = dict(zip(dialect.options[::2], dialect.options[1::2], strict=False))
    return Dialect(given.get("--delimiter"), given.get("--quote"), dialect.header, dialect.encoding)


@fuzzed(400, file=files(), skip=st.booleans())
def test_the_reader(file: tuple[Dialected, bytes], skip: bool) -> None:
    dialect, content = file
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{dialect.suffix}"
        path.write_bytes(content)
        try:
            table = open_table(path, options_of(dialect), "skip" if skip else "stop")
            assume(len(set(table.columns)) == len(table.columns))
            rows = [list(row) for batch in table.batches(table.columns, size=3) for row in batch]
        except RecurraError as error:
            in_sentences(str(error))
            return
        read = dialect.read(content)
        assert all(len(row) == len(table.columns) for row in rows)
        if not table.rejected:
            assert read is not None
            assert rows == (read[1:] if dialect.header else read)
        assert path.read_bytes() == content and [path] == list(Path(folder).iterdir())


def columns(dialect: Dialected) -> tuple[str, str]:
    return ("text", "label") if dialect.header else ("column1", "column2")


@fuzzed(30, file=files(), kind=st.sampled_from((".csv", ".csv", ".jsonl", ".tsv", ".parquet")), skip=st.booleans())
def test_predict(model: Path, file: tuple[Dialected, bytes], kind: str, skip: bool) -> None:
    dialect, content = file
    text = columns(dialect)[0]
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / f"table{dialect.suffix}", Path(folder) / f"answers{kind}"
        source.write_bytes(content)
        bad_rows = ("--bad-rows", "skip") if skip else ()
        ended = run(
            "predict",
            model,
            "--input",
            source,
            "--output",
            output,
            "--text",
            text,
            "--json",
            *dialect.options,
            *bad_rows,
        )
        in_words(ended)
        assert source.read_bytes() == content
        there = {path.name for path in Path(folder).iterdir()}
        if ended.status:
            assert there <= {source.name, *([f"{output.name}.rejects"] if skip else [])}, ended
            return
        counts = json.loads(ended.out)
        assert there == {source.name, output.name, *([f"{output.name}.rejects"] if counts["rejected_rows"] else [])}
        if kind != ".parquet":
            is_answered(model, dialect, content, output, counts)


def is_answered(model: Path, dialect: Dialected, content: bytes, output: Path, counts: dict[str, Any]) -> None:
    """Check an output against the rows that the csv module reads, and the model asked for each of them."""
    names, rows = read_output(output.read_bytes(), output.suffix)
    read = dialect.read(content)
    assert len(rows) == counts["rows"] and all(len(row) == len(names) for row in rows)
    if not counts["rejected_rows"]:
        assert read is not None
        expected = read[1:] if dialect.header else read
        assert [row[: len(expected[0])] for row in rows] == expected if expected else not rows
    if rows:
        column = names.index(columns(dialect)[0])
        first = names.index(next(name for name in names[len(names) - 3 :: -1] if name.startswith("predicted")))
        are_of_the_model(model, [row[column] for row in rows], [row[first : first + 2] for row in rows])


def are_of_the_model(model: Path, texts: list[str], answers: list[list[str]]) -> None:
    """Check (label, probability) of each text against the model, asked anew; an empty answer is of unknown words."""
    loaded = recurra.load(model, task="classify")
    expected = loaded.predict_proba(texts)
    for text, row, (label, probability) in zip(texts, expected, answers, strict=True):
        (read,) = loaded.encode([text])
        assert (label == "") == (probability == "") == (read.unknown == read.tokens)
        if not label:
            continue
        assert label in loaded.classes_.tolist()
        np.testing.assert_allclose(row[loaded.classes_.tolist().index(label)], float(probability), atol=1e-4)
        assert float(probability) >= row.max() - 1e-4


@fuzzed(30, file=files(), skip=st.booleans())
def test_evaluate(
    model: Path, monkeypatch_module: pytest.MonkeyPatch, file: tuple[Dialected, bytes], skip: bool
) -> None:
    dialect, content = file
    text, label = columns(dialect)
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch_module.chdir(folder)
        source = Path(folder) / f"table{dialect.suffix}"
        source.write_bytes(content)
        bad_rows = ("--bad-rows", "skip") if skip else ()
        ended = run("evaluate", model, source, "--text", text, "--label", label, "--json", *dialect.options, *bad_rows)
        in_words(ended)
        assert source.read_bytes() == content
        assert {path.name for path in Path(folder).iterdir()} <= {source.name, f"{source.name}.rejects"}
        if ended.status:
            return
        result, read = json.loads(ended.out), dialect.read(content)
        if not (skip and Path(folder, f"{source.name}.rejects").exists()):
            assert read is not None
            names = read[0] if dialect.header else [f"column{n}" for n in range(len(read[0]))]
            rows = [(row[names.index(text)], row[names.index(label)]) for row in read[dialect.header :]]
            usable = [(t, names.index(text)) for t, name in rows if t.strip() and name in ("pos", "neg")]
            assert result["rows"] <= len(usable)
            assert result["rows"] + result["unknown_label_rows"] + result["left_out_rows"] == len(rows)
        assert 0 <= result["accuracy"] <= 1 and result["log_loss"] >= 0


@fuzzed(60, file=files(many=True), skip=st.booleans())
def test_what_training_reads(file: tuple[Dialected, bytes], skip: bool) -> None:
    dialect, content = file
    text, label = columns(dialect)
    flags = options_of(dialect)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"table{dialect.suffix}"
        source.write_bytes(content)
        data = what_training_reads(
            source, text=text, label=label, delimiter=flags.delimiter, quote=flags.quote, header=flags.header,
            encoding=flags.encoding, bad_rows="skip" if skip else "stop",
        )  # fmt: skip
        assert source.read_bytes() == content
        read = dialect.read(content)
        if data is not None and not skip:
            assert read is not None
            assert data["rows"] <= len(read) - dialect.header
