"""JSON lines of texts and of dialogues, damaged: read as Python's json reads them, or refused in words."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

import recurra
from recurra.data.tables.readers import open_table
from recurra.errors import RecurraError
from support.damage import INTERESTING, altered, damaged
from support.dialects import read_output
from support.fuzzing import fuzzed
from support.live_models import write_chatter
from support.live_server import write_model
from support.trainings import what_training_reads
from support.whole_commands import in_sentences, in_words, run

TEXTS = ("w1 w2", "", "naïve 日本 \U0001f600", 'a "b" \\ c', "Good morning to you.", "unheard of")
WORDS = (
    *INTERESTING,
    b'"text"',
    b'"text": 5',
    b"null",
    b"true",
    b"[]",
    b"{}",
    b"\\u0000",
    b"\\ud83d",
    b"1e400",
    b"[" * 2000,
)


def lines_of(rows: st.SearchStrategy[Any], most: int = 5, before: Sequence[Any] = ()) -> st.SearchStrategy[bytes]:
    """Return a strategy of files: a few rows as JSON lines, their values altered or their bytes damaged.

    before: rows that come before these.
    """

    @st.composite
    def files(draw: st.DrawFn) -> bytes:
        chosen = draw(st.lists(rows.flatmap(altered) if draw(st.booleans()) else rows, min_size=1, max_size=most))
        end = draw(st.sampled_from(("\n", "\n", "\r\n")))
        text = "".join(json.dumps(row, ensure_ascii=draw(st.booleans())) + end for row in (*before, *chosen))
        content = text.encode("utf-8", "surrogatepass")
        return draw(damaged(content, WORDS)) if draw(st.booleans()) else content

    return files()


ROWS = st.builds(
    lambda number, text, label: {"number": number, "text": text, "label": label},
    st.integers(0, 9) | st.floats(allow_nan=False), st.sampled_from(TEXTS), st.sampled_from(("pos", "neg", None)),
)  # fmt: skip
DIALOGUES = st.lists(st.sampled_from(TEXTS), max_size=5).map(lambda turns: {"turns": turns})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "model")


@pytest.fixture(scope="module")
def chatter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_chatter(tmp_path_factory.mktemp("models") / "chatter")


def objects(content: bytes) -> list[dict[str, Any]] | None:
    """Return what Python's json reads of each line, numbers as they are written; None where it does not read one."""
    try:
        text = content.decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        lines = [line for line in text.split("\n") if line.strip(" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0")]
        return [json.loads(line, parse_int=str, parse_float=str, parse_constant=str) for line in lines]
    except (ValueError, RecursionError):
        return None


@fuzzed(200, content=lines_of(ROWS))
def test_the_reader(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.jsonl"
        path.write_bytes(content)
        try:
            table = open_table(path)
            rows = [row for batch in table.batches(table.columns[:1], size=3) for row in batch]
        except RecurraError as error:
            in_sentences(str(error))
            return
        read = objects(content)
        assert read is not None
        spelled = {True: "true", False: "false"}
        keys = min((it for it in paths(read[0]) if ".".join(it) == table.columns[0]), key=len)
        values = [value_of(row, keys) for row in read]
        assert [row[0] for row in rows] == [spelled[it] if isinstance(it, bool) else it for it in values]


def paths(row: dict[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the keys that lead to each value of an object."""
    for key, value in row.items():
        if isinstance(value, dict) and value and len(before) < 8:
            yield from paths(value, (*before, key))
        else:
            yield (*before, key)


def value_of(row: dict[str, Any], keys: tuple[str, ...]) -> Any:
    """Return what the keys lead to; None where an object on the way is null."""
    value: Any = row
    for key in keys:
        value = None if value is None else value[key]
    return value


@fuzzed(30, content=lines_of(ROWS), kind=st.sampled_from((".jsonl", ".csv")))
def test_predict(model: Path, content: bytes, kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "table.jsonl", Path(folder) / f"answers{kind}"
        source.write_bytes(content)
        ended = run("predict", model, "--input", source, "--output", output, "--text", "text", "--json")
        in_words(ended)
        assert source.read_bytes() == content
        assert {path.name for path in Path(folder).iterdir()} == {source.name, *([] if ended.status else [output.name])}
        if ended.status:
            return
        read, counts = objects(content), json.loads(ended.out)
        names, rows = read_output(output.read_bytes().decode("utf-8", "surrogatepass").encode("utf-8", "replace"), kind)
        assert read is not None and len(rows) == len(read) == counts["rows"]
        if kind == ".jsonl":
            written = objects(output.read_bytes())
            assert written is not None
            for old, new in zip(read, written, strict=True):
                assert list(old.items()) == list(new.items())[: len(old)]
        texts = [row["text"] or "" for row in read]
        loaded = recurra.load(model, task="classify")
        expected = loaded.predict_proba(texts)
        for row, best in zip(
            written if kind == ".jsonl" else [dict(zip(names, it, strict=True)) for it in rows], expected, strict=True
        ):
            name = next(name for name in reversed(row) if name.startswith("probability"))
            (read_as,) = loaded.encode([row["text"] or ""])
            assert (row[name] in ("", None)) == (read_as.unknown == read_as.tokens)
            if row[name] not in ("", None):
                np.testing.assert_allclose(float(row[name]), best.max(), atol=1e-4)


@fuzzed(30, content=lines_of(ROWS))
def test_evaluate(model: Path, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "table.jsonl"
        source.write_bytes(content)
        ended = run("evaluate", model, source, "--text", "text", "--label", "label", "--json")
        in_words(ended)
        assert source.read_bytes() == content and [source] == list(Path(folder).iterdir())
        if not ended.status:
            result, read = json.loads(ended.out), objects(content)
            assert read is not None
            assert result["rows"] + result["unknown_label_rows"] + result["left_out_rows"] == len(read)
            assert 0 <= result["accuracy"] <= 1


@fuzzed(30, content=lines_of(DIALOGUES))
def test_evaluate_a_chatter(chatter: Path, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "dialogues.jsonl"
        source.write_bytes(content)
        ended = run("evaluate", chatter, source, "--json")
        in_words(ended)
        assert source.read_bytes() == content and [source] == list(Path(folder).iterdir())
        if not ended.status:
            read = objects(content)
            assert read is not None
            turns = [[turn for turn in row["turns"] if turn.strip()] for row in read]
            result = json.loads(ended.out)
            assert 0 < result["rows"] <= sum(max(0, len(it) - 1) for it in turns)
            assert result["perplexity"] >= 1


@fuzzed(40, content=lines_of(DIALOGUES, before=[{"turns": [f"Number {n}.", f"And {n}?"]} for n in range(30)]))
def test_what_a_chatters_training_reads(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "dialogues.jsonl"
        source.write_bytes(content)
        data = what_training_reads(source, "chat")
        assert source.read_bytes() == content
        if data is not None:
            read = objects(content)
            assert read is not None and data["dialogues"] <= len(read)


@fuzzed(40, content=lines_of(ROWS, before=[{"text": f"w{n}", "label": ("pos", "neg")[n % 2]} for n in range(30)]))
def test_what_a_classifiers_training_reads(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "table.jsonl"
        source.write_bytes(content)
        data = what_training_reads(source, text="text", label="label")
        assert source.read_bytes() == content
        if data is not None:
            read = objects(content)
            assert read is not None and data["rows"] <= len(read)
