"""`recurra predict`: the same answers by every way in and out, with order and other columns kept."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import polars
import pytest

import recurra
from recurra.errors import OptionError, OutputError
from recurra.many_to_one.options import ReadOptions
from recurra.tasks.classify import predict_file as module
from recurra.tasks.registry import load
from recurra.terminal.input import lines
from recurra.terminal.progress import Reporter

TEXTS = [
    "a good and lovely film",
    "a dull, awful plot",
    "",
    " leading space, good",
    "NA",
    "007",
    'He said "boring", twice',
    "Ça! 映画 [bold]:smile:[/bold]",
    "x" * 70_000,
]
UNKNOWN = {2, 4, 5, 7, 8}
"""Texts that hold no word of the made-up reviews."""
QUIET = Reporter(quiet=True)


@pytest.fixture
def model(trained: tuple[Path, Any]) -> Path:
    return trained[0]


def predict_file(directory: Path, *given: Any, **more: Any) -> dict[str, Any]:
    """Load a model and label a file with it."""
    return module.predict_file(load(directory), *given, **more)


@pytest.fixture(scope="session")
def expected(trained: tuple[Path, Any]) -> list[tuple[str, float]]:
    loaded = recurra.load(trained[0])
    labels, chances = loaded.predict(TEXTS), loaded.predict_proba(TEXTS).max(axis=1)
    return list(zip(labels.tolist(), chances.tolist(), strict=True))


def frame() -> pandas.DataFrame:
    return pandas.DataFrame({"id": [f"{i:03}" for i in range(len(TEXTS))], "review": TEXTS, "truncated": "mine"})


def write_input(path: Path) -> None:
    table = frame()
    if path.suffix == ".csv":
        table.to_csv(path, index=False)
    elif path.suffix == ".tsv":
        lines = ["\t".join(table.columns), *("\t".join(row) for row in table.itertuples(index=False))]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in table.to_dict("records")), encoding="utf-8")
    else:
        polars.DataFrame(table.to_dict("list")).write_parquet(path)


def read_output(path: Path) -> list[dict[str, Any]]:
    """Read with somebody else's reader."""
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    if path.suffix == ".tsv":
        rows = [line.split("\t") for line in path.read_text(encoding="utf-8").removesuffix("\n").split("\n")]
        return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return polars.read_parquet(path).to_dicts()


@pytest.mark.parametrize("given", [".csv", ".tsv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("wanted", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_a_file_into_a_file(
    model: Path, expected: list[tuple[str, float]], tmp_path: Path, given: str, wanted: str
) -> None:
    source, output = tmp_path / f"in{given}", tmp_path / f"out{wanted}"
    write_input(source)
    result = predict_file(model, str(source), output, ReadOptions(), reporter=QUIET)
    assert result["output"] == str(output)
    assert (result["rows"], result["rejected_rows"], result["nothing_known_rows"]) == (len(TEXTS), 0, len(UNKNOWN))
    rows = read_output(output)
    columns = ["id", "review", "truncated", "predicted", "probability", "truncated_"]
    assert [list(row) for row in rows] == [columns] * len(TEXTS)
    assert [row["id"] for row in rows] == [f"{i:03}" for i in range(len(TEXTS))]
    assert [row["review"] for row in rows] == TEXTS
    assert {row["truncated"] for row in rows} == {"mine"}
    nothing = "" if wanted in (".csv", ".tsv") else None
    for index, (row, (label, chance)) in enumerate(zip(rows, expected, strict=True)):
        if index in UNKNOWN:
            assert (row["predicted"], row["probability"]) == (nothing, nothing)
        else:
            assert row["predicted"] == label
            np.testing.assert_allclose(float(row["probability"]), chance, atol=1e-6)
    assert {str(row["truncated_"]) for row in rows} == {"False"}
    assert sorted(os.listdir(tmp_path)) == [f"in{given}", f"out{wanted}"]
    assert output.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_texts_of_several_lines_and_awkward_characters_come_out_as_they_went_in(
    model: Path, tmp_path: Path, suffix: str
) -> None:
    texts = ["two\nlines", "a\ttab", "carriage\rreturn", "both\r\nends", 'quote " and, comma', "back\\slash", "\u2028"]
    source, output = tmp_path / "in.parquet", tmp_path / f"out{suffix}"
    polars.DataFrame({"text": texts, "none": [None] * len(texts)}, schema={"text": str, "none": str}).write_parquet(
        source
    )
    predict_file(model, str(source), output, ReadOptions(), reporter=QUIET)
    if suffix == ".jsonl":
        rows = [json.loads(line) for line in output.read_text().split("\n")[:-1]]
    else:
        rows = read_output(output)
    assert [row["text"] for row in rows] == texts
    assert {row["none"] for row in rows} == {"" if suffix == ".csv" else None}


def test_a_tsv_cannot_hold_everything(model: Path, tmp_path: Path) -> None:
    source, output = tmp_path / "in.parquet", tmp_path / "out.tsv"
    polars.DataFrame({"review": ["fine", "two\nlines"]}).write_parquet(source)
    output.write_text("before")
    with pytest.raises(OutputError, match=r"row 2 holds a tab or a line end.*Write \.csv"):
        predict_file(model, str(source), output, ReadOptions(), overwrite=True, reporter=QUIET)
    with pytest.raises(OutputError, match=r"exists already.*--overwrite"):
        predict_file(model, str(source), output, ReadOptions(), reporter=QUIET)
    assert output.read_text() == "before"
    assert sorted(os.listdir(tmp_path)) == ["in.parquet", "out.tsv"]


def test_parquet_that_cannot_hold_everything(model: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "fine", "Text": "x"}\n')
    with pytest.raises(OutputError, match="differ only in upper and lower case"):
        predict_file(model, str(source), tmp_path / "out.parquet", ReadOptions(text="text"), reporter=QUIET)
    assert os.listdir(tmp_path) == ["in.jsonl"]


def test_the_bad_rows_are_counted(cli: Callable[..., Any], model: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("review,id\ngood film,1\ntoo,many,fields\nbad film,2\n")
    words = ("predict", model, "--input", source, "--output", tmp_path / "out.csv")
    stopped = cli(*words)
    assert (stopped.exit_code, stopped.stdout) == (1, "")
    assert "line 3" in stopped.stderr
    result = cli(*words, "--bad-rows", "skip", "--json")
    found = json.loads(result.stdout)
    assert (found["rows"], found["output"], found["rejected_rows"]) == (2, str(tmp_path / "out.csv"), 1)
    assert "1 broken rows were skipped" in result.stderr
    assert "out.csv.rejects" in result.stderr.replace("\n", "")
    with (tmp_path / "out.csv.rejects").open(newline="") as rejects:
        assert [row[0::2] for row in csv.reader(rejects)] == [["line", "row"], ["3", "too,many,fields"]]
    assert [row["predicted"] for row in read_output(tmp_path / "out.csv")] == ["positive", "negative"]


@pytest.mark.parametrize("name", ["out.xlsx", "out", "out.csv.gz"])
def test_an_output_of_another_kind(model: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(OptionError, match=r"must end in one of \.csv, \.tsv, \.jsonl, \.parquet"):
        predict_file(model, "in.csv", tmp_path / name, ReadOptions(), reporter=QUIET)


def test_an_output_that_cannot_be_written(
    model: Path, write_csv: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, output = write_csv([(text, "") for text in TEXTS]), tmp_path / "out.csv"
    (tmp_path / "folder.csv").mkdir()
    for place, words in (
        ("folder.csv", "is a folder"),
        ("none/out.csv", "there is no folder"),
        ("reviews.csv/a.csv", r"Not a directory\. A part of that path is a file: choose another place"),
    ):
        with pytest.raises(OutputError, match=words):
            predict_file(model, str(source), tmp_path / place, ReadOptions(), reporter=QUIET)
    output.write_text("before")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    for suffix in (".csv", ".parquet"):
        with pytest.raises(OutputError, match=r"No space left on device\. Free some space"):
            predict_file(model, str(source), output.with_suffix(suffix), ReadOptions(), overwrite=True, reporter=QUIET)
    assert output.read_text() == "before"
    assert sorted(os.listdir(tmp_path)) == ["folder.csv", "out.csv", "reviews.csv"]


def test_texts_from_arguments_and_from_standard_input(
    cli: Callable[..., Any], model: Path, expected: list[tuple[str, float]], only_json: Callable[[str], dict[str, Any]]
) -> None:
    several = [text for text in TEXTS if text]
    wanted = [pair for text, pair in zip(TEXTS, expected, strict=True) if text]
    result = cli("predict", model, *several)
    unknown = [index in UNKNOWN for index, text in enumerate(TEXTS) if text]
    marks = ["\tnothing known was read" if mark else "" for mark in unknown]
    assert result.stdout.splitlines() == [
        f"{label}\t{chance:.4f}{mark}" for (label, chance), mark in zip(wanted, marks, strict=True)
    ]
    assert f"In {sum(unknown)} of {len(several)} texts nothing known was read" in result.stderr
    for ends in ("\n", "\r\n"):
        piped = cli("predict", model, input="".join(text + ends for text in several).encode())
        assert piped.stdout == result.stdout
    found = only_json(cli("predict", model, "--json", *several).stdout)["predictions"]
    assert [answer["label"] for answer in found] == [label for label, _ in wanted]
    assert [answer["nothing_known"] for answer in found] == unknown
    probabilities = [[answer["probabilities"][name] for name in ("negative", "positive")] for answer in found]
    np.testing.assert_allclose(probabilities, recurra.load(model).predict_proba(several), atol=1e-12)


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.parquet"])
def test_rows_of_which_nothing_is_known_are_answered_on_request(
    cli: Callable[..., Any], model: Path, expected: list[tuple[str, float]], tmp_path: Path, name: str
) -> None:
    write_input(tmp_path / "in.csv")
    left = cli("predict", model, "--input", tmp_path / "in.csv", "--output", tmp_path / f"left-{name}")
    assert f"In {len(UNKNOWN)} of {len(TEXTS)} rows nothing known was read" in left.stderr
    assert "--answer-empty" in left.stderr
    words = ("predict", model, "--input", tmp_path / "in.csv", "--output", tmp_path / name, "--answer-empty")
    assert cli(*words).exit_code == 0
    assert [row["predicted"] for row in read_output(tmp_path / name)] == [label for label, _ in expected]
    texts = cli("predict", model, "--answer-empty", "a text")
    assert texts.exit_code == 2 and "--answer-empty can only go with --input" in texts.stderr


def test_texts_unlike_those_of_training_are_told(
    cli: Callable[..., Any], model: Path, write_csv: Callable[..., Path], tmp_path: Path
) -> None:
    """Most words are unknown, where the model's held-out rows had few; texts of its own kind are told nothing."""
    like = write_csv([("the film was a good story with music", "") for _ in range(20)], "like.csv")
    unlike = write_csv([("der film war eine gute story mit musik", "") for _ in range(20)], "unlike.csv")
    for source, told in ((like, False), (unlike, True)):
        result = cli("predict", model, "--input", source, "--output", tmp_path / f"{source.stem}-out.csv")
        assert result.exit_code == 0
        assert ("75% of the tokens are unknown to the model, against" in result.stderr) == told


def test_lines_of_standard_input() -> None:
    assert list(lines(io.BytesIO(b"\xef\xbb\xbfone\r\n\ntwo\rstill two\nlast"))) == [
        "one",
        "",
        "two\rstill two",
        "last",
    ]
    assert list(lines(io.BytesIO())) == []


def test_standard_input_that_is_not_utf_8(cli: Callable[..., Any], model: Path) -> None:
    result = cli("predict", model, input=b"fine\ncaf\xe9\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "line 2, byte 4: 0xe9 is not valid utf-8" in result.stderr


def test_what_does_not_go_together(cli: Callable[..., Any], model: Path, tmp_path: Path) -> None:
    for words, said in (
        (("text", "--input", "a.csv"), "not both"),
        (("--input", "a.csv"), "--input needs --output"),
        (("text", "--output", "a.csv"), "can only go with --input"),
        (("text", "--encoding", "latin-1"), "can only go with --input"),
    ):
        result = cli("predict", model, *words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert said in result.stderr


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "metrics.json", "manifest.json"])
def test_a_model_that_was_tampered_with(cli: Callable[..., Any], model: Path, tmp_path: Path, name: str) -> None:
    copy = tmp_path / "m"
    shutil.copytree(model, copy)
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content if name != "manifest.json" else content[:-20])
    for words in (("predict", copy, "good"), ("inspect", copy), ("evaluate", copy, "none.csv")):
        result = cli(*words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "Error: " in result.stderr and "Traceback" not in result.stderr
        assert name in result.stderr or name == "manifest.json"


def test_a_model_that_is_not_there_or_not_finished(cli: Callable[..., Any], tmp_path: Path) -> None:
    result = cli("predict", tmp_path / "m", "good")
    assert (result.exit_code, "does not exist" in result.stderr) == (1, True)
    (tmp_path / "m.training").mkdir()
    result = cli("predict", tmp_path / "m", "good")
    assert "--resume" in result.stderr


def test_a_reader_that_goes_away(model: Path) -> None:
    """As `recurra predict model | head -1`: quiet, and without a traceback."""
    words = [sys.executable, "-m", "recurra.cli", "predict", str(model)]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdin is not None and child.stdout is not None and child.stderr is not None
    child.stdout.close()
    with child.stdin as pipe:
        pipe.write(b"a good film\n" * 10)
    assert child.wait(30) == 141  # as a shell reports SIGPIPE
    assert child.stderr.read() == b""
    child.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_an_output_whose_disk_is_full(model: Path, unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [sys.executable, "-m", "recurra.cli", "predict", str(model), "a good film"],
            stdout=full, stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": unbuffered}, check=False,
        )  # fmt: skip
    assert result.returncode == 1 and result.stderr.count(b"\n") == 1 and b"No space left" in result.stderr


def test_a_terminal_that_cannot_show_a_letter(
    train_tiny: Callable[..., Any], write_csv: Callable[..., Path], tmp_path: Path, process: Callable[..., Any]
) -> None:
    labels = ["映画\n2", "[bold]x[/bold]"]
    data = write_csv([(f"{w} film {i}", labels[i % 2]) for i in range(40) for w in [("good", "bad")[i % 2]]])
    train_tiny(data, tmp_path / "m")
    code = "from recurra.cli.app import main; main()"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    result = process(code, "predict", tmp_path / "m", "good", "bad", env=environment)
    assert (result.returncode, result.stderr) == (0, "")
    shown = {line.split("\t")[0] for line in result.stdout.splitlines()}
    assert shown <= {"\\u6620\\u753b\\n2", "[bold]x[/bold]"}
    assert len(result.stdout.splitlines()) == 2
