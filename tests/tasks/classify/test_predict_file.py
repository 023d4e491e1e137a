"""Whole files: killed anywhere and resumed, a run writes the same bytes; one that cannot continue is refused."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars
import pytest

import recurra
from recurra.errors import OptionError, OutputError, ReadError
from recurra.inference import bulk
from recurra.many_to_one.options import ReadOptions
from recurra.storage.journal import Journal, is_marked
from recurra.tasks.classify import predict_file as module
from recurra.tasks.registry import load
from recurra.terminal.progress import Reporter

QUIET = Reporter(quiet=True)
ROWS = 150
DRIVER = """
import os, sys
from recurra.storage import journal
from recurra.tasks.classify import predict_file
predict_file.PIECE_ROWS, predict_file.PART_ROWS = 8, 16
where = sys.argv.pop(1)

def halted(name, after):
    whole = getattr(journal.Journal, name)
    def method(self, *given):
        if after:
            whole(self, *given)
        if name != "add" or len(self.parts) == int(where):
            os.write(1, b"here\\n")
            sys.stdin.read()
        if not after:
            whole(self, *given)
    setattr(journal.Journal, name, method)

halted(*{"placing": ("place", False), "placed": ("_remove", False)}.get(where, ("add", True)))
from recurra.cli.app import main
main()
"""


def predict_file(directory: Path, *given: Any, **more: Any) -> dict[str, Any]:
    """Load a model and label a file with it."""
    return module.predict_file(load(directory), *given, **more)


@pytest.fixture
def model(trained: tuple[Path, dict[str, Any]]) -> Path:
    return trained[0]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE_ROWS", 8)
    monkeypatch.setattr(module, "PART_ROWS", 16)


@pytest.fixture
def source(rows: Callable[..., Any], tmp_path: Path) -> Callable[[str], Path]:
    """Write the made-up reviews with a number and a nasty column in the format of a suffix."""

    def write(suffix: str) -> Path:
        path = tmp_path / f"in{suffix}"
        texts = [text for text, _ in rows(ROWS)]
        nasty = [f'"{n}",\n=1+{n}\té' for n in range(ROWS)]
        if suffix == ".parquet":
            polars.DataFrame({"id": range(ROWS), "review": texts, "nasty": nasty}).write_parquet(path)
        elif suffix == ".jsonl":
            lines = [json.dumps({"id": n, "review": text, "nasty": [nasty[n]]}) for n, text in enumerate(texts)]
            path.write_text("\n".join(lines) + "\n")
        else:
            opened = gzip.open if suffix.endswith(".gz") else open
            with opened(path, "wt", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([("id", "review", "nasty"), *zip(range(ROWS), texts, nasty, strict=True)])
        return path

    return write


def killed(where: str, *words: object) -> None:
    """Run the command line in a process of its own until it comes to `where`, and kill it there."""
    command = [sys.executable, "-c", DRIVER, where, "predict", *map(str, words)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdin and child.stdout and child.stderr
    try:
        assert child.stdout.readline() == b"here\n", child.stderr.read().decode()
        child.send_signal(signal.SIGKILL)
        assert child.wait(30) == -signal.SIGKILL
    finally:
        child.kill()
        for pipe in (child.stdin, child.stdout, child.stderr):
            pipe.close()


@pytest.mark.parametrize(
    ("given", "wanted", "places"),
    [
        (".csv", ".csv", ("1", "7")),
        (".jsonl", ".jsonl", ("4", "placing")),
        (".parquet", ".parquet", ("2", "placing")),
        (".csv.gz", ".parquet", ("10",)),
        (".parquet", ".csv", ("placed",)),
    ],
)
def test_a_run_killed_and_resumed_writes_the_same_bytes(
    model: Path,
    source: Callable[[str], Path],
    tmp_path: Path,
    small_parts: None,
    given: str,
    wanted: str,
    places: tuple[str, ...],
) -> None:
    data, whole, output = source(given), tmp_path / f"whole{wanted}", tmp_path / f"out{wanted}"
    assert predict_file(model, str(data), whole, ReadOptions(), reporter=QUIET)["rows"] == ROWS
    for number, place in enumerate(places):
        killed(place, model, "--input", data, "--output", output, *(["--resume"] if number else []))
        assert output.exists() == (place == "placed")
        if place.isdigit():
            parts = sorted((tmp_path / f"out{wanted}.partial").glob("*-*.parquet"))
            assert len(parts) == int(place)
    result = predict_file(model, str(data), output, ReadOptions(), resume=True, reporter=QUIET)
    assert result["rows"] == ROWS
    assert output.read_bytes() == whole.read_bytes()
    assert sorted(os.listdir(tmp_path)) == sorted([data.name, whole.name, output.name])


def test_texts_that_were_cut_are_told(
    model: Path, rows: Callable[..., Any], tmp_path: Path, cli: Callable[..., Any]
) -> None:
    text, limit = rows(1)[0][0], load(model).tokenizer.max_tokens
    assert limit is not None
    (tmp_path / "in.csv").write_text(f"review\n{text}\n{'film ' * limit}\n{'film ' * (limit + 1)}\n")
    result = cli("predict", model, "--input", tmp_path / "in.csv", "--output", tmp_path / "o.csv", "--json")
    assert json.loads(result.stdout)["truncated_rows"] == 1 and "1 of 3 texts are longer" in result.stderr
    (tmp_path / "in.csv").write_text(f"review\n{text}\n")
    result = cli("predict", model, "--input", tmp_path / "in.csv", "--output", tmp_path / "p.csv")
    assert result.exit_code == 0 and "longer" not in result.stderr


def test_answers_are_those_of_each_text_in_its_row(
    model: Path, source: Callable[[str], Path], rows: Callable[..., Any], tmp_path: Path, small_parts: None
) -> None:
    predict_file(model, str(source(".parquet")), tmp_path / "out.parquet", ReadOptions(), reporter=QUIET)
    found = polars.read_parquet(tmp_path / "out.parquet")
    texts = [text for text, _ in rows(ROWS)]
    loaded = recurra.load(model)
    assert found["id"].to_list() == list(range(ROWS))
    assert found["predicted"].to_list() == [str(label) for label in loaded.predict(texts)]
    assert found["probability"].to_list() == pytest.approx(loaded.predict_proba(texts).max(axis=1).tolist(), abs=1e-5)


@pytest.fixture
def unfinished(
    model: Path, source: Callable[[str], Path], tmp_path: Path, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An unfinished run for out.csv: its input."""
    data, add = source(".csv"), Journal.add

    def stop(self: Journal, *given: Any) -> None:
        add(self, *given)
        if len(self.parts) == 3:
            raise OutputError("The disk is gone.")

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "add", stop)
        with pytest.raises(
            OutputError, match=r"gone\. 48 rows are answered and kept in .*partial: continue with --resume"
        ):
            predict_file(model, str(data), tmp_path / "out.csv", ReadOptions(), reporter=QUIET)
    return data


def test_an_unfinished_run_is_continued_or_dropped(
    model: Path, unfinished: Path, tmp_path: Path, cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out.csv"
    words = ("predict", model, "--input", unfinished, "--output", output)
    refused = cli(*words)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "unfinished run" in refused.stderr and "--resume" in refused.stderr and "--overwrite" in refused.stderr
    answered: list[str] = []
    monkeypatch.setattr(bulk, "answered", _noting(answered))
    assert "Resuming after 48 rows." in cli(*words, "--resume").stderr
    assert len(answered) == ROWS - 48
    kept = output.read_bytes()
    answered.clear()
    again = cli(*words, "--resume", "--json")
    if hasattr(os, "getxattr") and is_marked(output):
        assert "out.csv exists already, and is whole" in again.stderr
        found = json.loads(again.stdout)
        assert (found["rows"], found["rejected_rows"], found["output"]) == (ROWS, 0, str(output))
    for more in (("--escape-formulas",), ("--text", "nasty")):
        other = cli(*words, "--resume", *more)
        assert (other.exit_code, other.stdout) == (1, "") and "exists already, of other data" in other.stderr
    assert not answered and output.read_bytes() == kept
    output.write_bytes(kept[::-1])
    assert cli(*words, "--resume").exit_code == 1
    output.write_bytes(kept)
    assert json.loads(cli(*words, "--overwrite", "--json").stdout)["rows"] == ROWS
    assert len(answered) == ROWS
    assert output.read_bytes() == kept
    assert not (tmp_path / "out.csv.partial").exists()


def _noting(seen: list[str]) -> Callable[..., Any]:
    whole = bulk.answered

    def answered(rows: Any, how: Any) -> Any:
        return whole((seen.append(row) or row for row in rows), how)  # type: ignore[func-returns-value]

    return answered


def test_overwriting_drops_an_unfinished_run(model: Path, unfinished: Path, tmp_path: Path) -> None:
    result = predict_file(model, str(unfinished), tmp_path / "out.csv", ReadOptions(), overwrite=True, reporter=QUIET)
    assert result["rows"] == ROWS
    assert not (tmp_path / "out.csv.partial").exists()


def test_a_run_with_another_model_input_or_options_is_not_continued(
    model: Path,
    unfinished: Path,
    tmp_path: Path,
    train_tiny: Callable[..., Any],
    reviews: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def resume(directory: Path = model, **more: Any) -> None:
        options = ReadOptions(**{name: more.pop(name) for name in ("encoding", "text") if name in more})
        predict_file(directory, str(unfinished), tmp_path / "out.csv", options, resume=True, reporter=QUIET, **more)

    with pytest.raises(OutputError, match=r'options encoding was "utf-8" and is now "latin-1".*--overwrite'):
        resume(encoding="latin-1")
    with pytest.raises(OutputError, match="options escape_formulas was false and is now true"):
        resume(escape_formulas=True)
    with pytest.raises(OutputError, match='options text was "review" and is now "nasty"'):
        resume(text="nasty")
    train_tiny(reviews, tmp_path / "other")
    with pytest.raises(OutputError, match="cannot be continued: the model has changed"):
        resume(tmp_path / "other")
    monkeypatch.setattr(module, "PART_ROWS", 32)
    with pytest.raises(OutputError, match="rows a part was 16 and is now 32"):
        resume()
    monkeypatch.setattr(module, "PART_ROWS", 16)
    content = unfinished.read_bytes()
    unfinished.write_bytes(content + b"1,more,x\n")
    with pytest.raises(OutputError, match=r"cannot be continued: the input has changed\. Give"):
        resume()
    unfinished.write_bytes(content)
    time = unfinished.stat().st_mtime_ns
    middle = content.index(b"film", len(content) // 2)
    unfinished.write_bytes(content[:middle] + b"FILM" + content[middle + 4 :])
    os.utime(unfinished, ns=(time, time))
    with pytest.raises(OutputError, match=r"cannot be continued: the input has changed\. Give"):
        resume()
    assert len(list((tmp_path / "out.csv.partial").glob("*-*.parquet"))) == 3


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_an_edit_between_the_two_passes_is_found(
    model: Path, source: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    data, output, finish = source(".csv"), tmp_path / f"out{suffix}", Journal.finish
    content, time = data.read_bytes(), data.stat().st_mtime_ns

    def finish_and_edit(self: Journal, *given: Any) -> None:
        finish(self, *given)
        place = content.index(b"film", len(content) // 2)
        data.write_bytes(content[:place] + b"mlif" + content[place + 4 :])
        os.utime(data, ns=(time, time))

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "finish", finish_and_edit)
        with pytest.raises(ReadError, match=r"changed while it was read") as raised:
            predict_file(model, str(data), output, ReadOptions(), reporter=QUIET)
    assert not output.exists() and "--resume" not in str(raised.value)


@pytest.mark.parametrize("overwrite", [False, True])
def test_the_input_is_never_replaced(
    model: Path, source: Callable[[str], Path], tmp_path: Path, overwrite: bool
) -> None:
    data = source(".csv")
    content = data.read_bytes()
    (tmp_path / "link.csv").symlink_to(data)
    for name in (data, tmp_path / "link.csv"):
        with pytest.raises(OutputError, match=r"exists already|is the input itself"):
            predict_file(model, str(data), name, ReadOptions(), overwrite=overwrite, reporter=QUIET)
    assert data.read_bytes() == content


def test_a_file_that_was_only_touched_is_the_same(model: Path, unfinished: Path, tmp_path: Path) -> None:
    os.utime(unfinished, (1, 1))
    options = ReadOptions()
    result = predict_file(model, str(unfinished), tmp_path / "out.csv", options, resume=True, reporter=QUIET)
    assert result["rows"] == ROWS


def test_a_journal_that_was_damaged(model: Path, unfinished: Path, tmp_path: Path) -> None:
    journal = tmp_path / "out.csv.partial" / "journal.json"
    for content in (b"", b"[]", b'{"schema": 2, "identity": {}}', b'{"schema": 1}'):
        journal.write_bytes(content)
        with pytest.raises(OutputError, match=r"cannot be continued.*--overwrite"):
            predict_file(model, str(unfinished), tmp_path / "out.csv", ReadOptions(), resume=True, reporter=QUIET)


def test_a_folder_that_is_not_ours_or_in_use(model: Path, source: Callable[[str], Path], tmp_path: Path) -> None:
    data, output, folder = source(".csv"), tmp_path / "out.csv", tmp_path / "out.csv.partial"
    folder.mkdir()
    (folder / "mine.txt").write_text("x")
    for more in ({}, {"resume": True}, {"overwrite": True}):
        with pytest.raises(OutputError, match=r"holds 'mine\.txt', which is not part"):
            predict_file(model, str(data), output, ReadOptions(), reporter=QUIET, **more)
    assert os.listdir(folder) == ["mine.txt"]
    (folder / "mine.txt").unlink()
    held = Journal(output, {}, {"predicted": "INTEGER"}, part_rows=16)
    with held, pytest.raises(OutputError, match="Another process is writing"):
        predict_file(model, str(data), output, ReadOptions(), overwrite=True, reporter=QUIET)
    assert not folder.exists()
    folder.write_text("a file")
    with pytest.raises(OutputError, match="a file is in the way"):
        predict_file(model, str(data), output, ReadOptions(), reporter=QUIET)


def test_a_broken_row_in_the_middle_costs_no_answers(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PIECE_ROWS", 64)
    monkeypatch.setattr(module, "PART_ROWS", 256)
    data, output = tmp_path / "in.csv", tmp_path / "out.csv"
    data.write_text("id,text\n" + "".join(f"{n},good film\n" for n in range(1500)) + "too,many,fields\n1500,bad film\n")
    with pytest.raises(ReadError, match=r"line 1,502: 3 fields where 2 .*rows are answered and kept in .*--resume"):
        predict_file(model, str(data), output, ReadOptions(), reporter=QUIET)
    skip = ReadOptions(bad_rows="skip")
    result = predict_file(model, str(data), output, skip, resume=True, reporter=QUIET)
    assert (result["rows"], result["rejected_rows"]) == (1501, 1)
    predict_file(model, str(data), tmp_path / "anew.csv", skip, reporter=QUIET)
    assert output.read_bytes() == (tmp_path / "anew.csv").read_bytes()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_fills_while_the_output_is_written_costs_no_answers(
    model: Path, source: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, output = source(".csv"), tmp_path / "out.csv"
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "staged", Path("/dev/full"))
        with pytest.raises(OutputError, match=r"No space left on device\. Free some space.*150 rows are answered"):
            predict_file(model, str(data), output, ReadOptions(), reporter=QUIET)
    assert not output.exists()
    answered: list[str] = []
    monkeypatch.setattr(bulk, "answered", _noting(answered))
    assert predict_file(model, str(data), output, ReadOptions(), resume=True, reporter=QUIET)["rows"] == ROWS
    assert not answered


def test_an_input_that_changes_meanwhile(
    model: Path, source: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, finish = source(".csv"), Journal.finish

    def change(self: Journal, *given: Any) -> None:
        finish(self, *given)
        data.write_bytes(data.read_bytes().replace(b"film", b"Film"))

    monkeypatch.setattr(Journal, "finish", change)
    with pytest.raises(ReadError, match=r"changed while it was read.*--overwrite"):
        predict_file(model, str(data), tmp_path / "out.csv", ReadOptions(), reporter=QUIET)
    assert not (tmp_path / "out.csv").exists()


def test_progress_shows_rows_and_what_is_left(model: Path, source: Callable[[str], Path], tmp_path: Path) -> None:
    seen: list[tuple[int, float | None]] = []

    class Watched(Reporter):
        def progress(self, what: str) -> Any:
            import contextlib

            return contextlib.nullcontext(lambda rows, share: seen.append((rows, share)))

    for suffix in (".csv", ".csv.gz", ".parquet"):
        seen.clear()
        data = source(suffix)
        predict_file(model, str(data), tmp_path / f"p{suffix}.csv", ReadOptions(), reporter=Watched(quiet=True))
        assert seen[-1][0] == ROWS
        assert all(share is None or 0 <= share <= 1 for _, share in seen)


def test_options_that_do_not_go_together(model: Path, source: Callable[[str], Path], cli: Callable[..., Any]) -> None:
    data = source(".csv")
    with pytest.raises(OptionError, match=r"--escape-formulas is for \.csv and \.tsv"):
        predict_file(model, str(data), data.with_name("o.parquet"), ReadOptions(), escape_formulas=True, reporter=QUIET)
    for words in (("--resume",), ("--overwrite",), ("--escape-formulas",)):
        result = cli("predict", model, "good", *words)
        assert (result.exit_code, "can only go with --input" in result.stderr.replace("\n", " ")) == (2, True)
