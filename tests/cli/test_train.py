"""`recurra train`: what it writes and says, and what it refuses with which words."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import recurra
from recurra.errors import LabelError, OptionError, OutputError, ResumeError
from recurra.training.checkpoints import CheckpointStore

SPEC = [
    "test.accuracy",
    "test.accuracy_ci95",
    "test.rows",
    "test.log_loss",
    "test.ece",
    "train.accuracy",
    "baseline.accuracy",
    "baseline.accuracy_ci95",
    "paired.p_value",
    "history",
    "timing.read",
    "timing.tokenise",
    "timing.train",
    "timing.evaluate",
    "timing.baseline",
    "timing.total",
    "hygiene",
    "config",
    "versions",
]
TINY = ["--hidden", "4", "--embedding", "4", "--epochs", "1", "--threads", "1"]


def test_metrics_hold_what_is_promised(trained: tuple[Path, dict[str, Any]]) -> None:
    directory, returned = trained
    metrics = json.loads((directory / "metrics.json").read_text())
    assert metrics == json.loads(json.dumps(returned))
    for name in SPEC:
        value = metrics
        for part in name.split("."):
            assert part in value, name
            value = value[part]
        assert value not in (None, {}, []), name
    low, high = metrics["test"]["accuracy_ci95"]
    assert 0 <= low <= metrics["test"]["accuracy"] <= high <= 1
    assert {"epoch", "train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "seconds"} <= set(
        metrics["history"][0]
    )
    assert [entry["epoch"] for entry in metrics["history"]] == list(range(1, len(metrics["history"]) + 1))
    assert metrics["split"]["train"] + metrics["split"]["valid"] + metrics["split"]["test"] == 300
    assert metrics["test"]["accuracy"] > 0.9, "the words that decide were not learnt"


def test_the_directory_holds_every_file_of_a_model_and_nothing_beside_it(trained: tuple[Path, Any]) -> None:
    directory, _ = trained
    assert sorted(os.listdir(directory)) == [
        "README.md", "curves.png", "manifest.json", "metrics.json", "model.onnx", "report.html", "tokenizer.json",
        "weights.safetensors",
    ]  # fmt: skip
    assert sorted(os.listdir(directory.parent)) == ["model", "reviews.csv"]


def test_what_a_newcomer_sees(cli: Callable[..., Any], reviews: Path, tmp_path: Path) -> None:
    """Kaggle's header, no column named: the guess is said, then the answer, its doubt and the next step."""
    result = cli("train", reviews, "--out", tmp_path / "a model", *TINY, "--json", "--no-baseline")
    assert result.exit_code == 0, result.stderr
    assert "Columns guessed: text is 'review', label is 'sentiment'." in result.stderr
    assert json.loads(result.stdout)["out"] == str(tmp_path / "a model")
    again = cli("train", reviews, "--out", tmp_path / "a model", *TINY, "--overwrite")
    for words in ("Held-out accuracy", "95 % interval", "Baseline", "McNemar", "report.html"):
        assert words in again.stdout
    assert again.stderr.count("Data: No repeats") == 1 and "Data:" not in again.stdout
    assert "Classes (2): 'negative' (100 rows), 'positive' (100 rows)." in again.stderr
    assert f"recurra predict '{tmp_path / 'a model'}' " in again.stdout


def test_json_is_the_only_thing_on_standard_output(
    cli: Callable[..., Any], reviews: Path, tmp_path: Path, only_json: Callable[[str], dict[str, Any]]
) -> None:
    result = cli("train", reviews, "--out", tmp_path / "m", *TINY, "--no-baseline", "--json")
    found = only_json(result.stdout)
    assert {"out", "test", "train", "history", "timing", "hygiene", "config", "versions"} <= set(found)
    assert found["baseline"] is None


def test_a_config_file_gives_the_options(cli: Callable[..., Any], reviews: Path, tmp_path: Path) -> None:
    file = tmp_path / "options.toml"
    file.write_text("hidden = 3\nembedding = 4\nepochs = 1\nthreads = 1\nbaseline = false\ncell = 'gru'\n")
    result = cli("train", reviews, "--out", tmp_path / "m", "--config", file, "--hidden", 5, "--json")
    config = json.loads(result.stdout)["config"]
    assert (config["cell"], config["hidden"], config["embedding"]) == ("gru", 5, 4)
    file.write_text("poolin = 'max'\n")
    result = cli("train", reviews, "--out", tmp_path / "n", "--config", file)
    assert (result.exit_code, "Did you mean 'pooling'" in result.stderr) == (2, True)


def test_overwrite(train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path) -> None:
    out = tmp_path / "m"
    train_tiny(reviews, out)
    before = (out / "manifest.json").read_bytes()
    with pytest.raises(OutputError, match=r"already holds a model.*--overwrite"):
        train_tiny(reviews, out)
    with pytest.raises(ResumeError, match="nothing to resume"):
        train_tiny(reviews, out, resume=True)
    with pytest.raises(LabelError):
        train_tiny(reviews, out, overwrite=True, label="review", text="sentiment")
    assert (out / "manifest.json").read_bytes() == before
    train_tiny(reviews, out, overwrite=True, cell="gru")
    assert recurra.load(out).manifest.config["cell"] == "gru"
    assert sorted(os.listdir(tmp_path)) == ["m", "reviews.csv"]


def test_what_is_in_the_way_is_left_alone(train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "cat.jpg").write_bytes(b"cat")
    for out, words in (
        (photos, "holds no model"),
        (reviews, "is a file"),
        (reviews / "below", "is a file, or lies below one"),
        (Path("/"), "cannot become a model directory"),
    ):
        with pytest.raises(OutputError, match=words):
            train_tiny(reviews, out, overwrite=True)
    assert (photos / "cat.jpg").read_bytes() == b"cat"
    assert sorted(os.listdir(tmp_path)) == ["photos", "reviews.csv"]


def test_the_current_folder_may_become_the_model(
    train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    train_tiny(reviews, Path())
    assert recurra.load(tmp_path / "here").classes_.tolist() == ["negative", "positive"]


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        ([], {}, "no rows|no row"),
        ([("good", "positive")] * 20, {}, r"1 label \('positive'\); learning needs at least two"),
        ([("", "positive"), ("  ", "negative"), ("<br />", "positive")] * 5, {}, "no row with both a text and a label"),
        ([(f"text {i}", f"label {i}") for i in range(200)], {}, "All 200 rows have different labels"),
        ([(f"text {i}", f"label {i // 2 if i < 90 else i}") for i in range(200)], {}, "these do not look like classes"),
        ([(f"text {i}", f"{i * 0.37:.2f}") for i in range(200)], {}, "200 different numbers"),
        ([("good a", "p"), ("bad b", "n")], {}, "held-out|validate|evaluate"),
        (
            [(f"t {i}", "pn"[i % 2]) for i in range(60)],
            {"split_column": "part"},
            "no such column.*'review', 'sentiment'",
        ),
        ([(f"t {i}", "pn"[i % 2]) for i in range(60)], {"text": "reveiw"}, "Did you mean 'review'.*found: 'review'"),
        ([(f"t {i}", "pn"[i % 2]) for i in range(60)], {"test": "none.csv"}, "none.csv does not exist"),
        ([(f"t {i}", "pn"[i % 2]) for i in range(60)], {"split_column": "sentiment"}, "row 1 holds 'p'; accepted are"),
    ],
)
def test_data_that_cannot_be_used(
    train_tiny: Callable[..., Any],
    write_csv: Callable[..., Path],
    tmp_path: Path,
    rows: list[tuple[str, str]],
    options: dict[str, Any],
    words: str,
) -> None:
    with pytest.raises((LabelError, OptionError, recurra.RecurraError), match=words) as caught:
        train_tiny(write_csv(rows), tmp_path / "m", **options)
    assert len(str(caught.value)) < 400
    assert os.listdir(tmp_path) == ["reviews.csv"], "nothing is left behind"


def test_twelve_rows_are_enough_and_fewer_are_refused(
    train_tiny: Callable[..., Any], write_csv: Callable[..., Path], rows: Callable[..., Any], tmp_path: Path
) -> None:
    with pytest.raises(LabelError, match=r"validate with.*larger --valid"):
        train_tiny(write_csv(rows(12)), tmp_path / "m")
    metrics = train_tiny(write_csv(rows(12)), tmp_path / "m", valid=0.3, min_count=1)
    assert metrics["split"]["test"] == 2
    metrics = train_tiny(write_csv(rows(60)), tmp_path / "n", split=0.9, max_tokens=1, vocabulary=1, valid=0.4)
    assert metrics["hygiene"]["tokens"]["truncated_rows"] == 60


def test_a_label_of_held_out_rows_alone_is_dropped_with_a_message(
    train_tiny: Callable[..., Any], write_csv: Callable[..., Path], rows: Callable[..., Any], tmp_path: Path
) -> None:
    judged = write_csv([*rows(10, seed=5), ("a strange one", "neutral")], "test.csv")
    metrics = train_tiny(write_csv(rows(60)), tmp_path / "m", test=str(judged))
    assert metrics["labels"] == ["negative", "positive"]
    assert metrics["test"]["rows"] == 10
    assert "1 held-out rows left out" in metrics["split"]["how"]


def test_a_disk_that_is_full(
    train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Full when the model is written: the old model stays, the run can be resumed, and then the new one appears."""
    out = tmp_path / "m"
    train_tiny(reviews, out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    sync, full = os.fsync, [False]

    def fsync(descriptor: int) -> None:
        if full[0] and "m.training" not in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    full[0] = True
    with pytest.raises(OutputError, match=r"No space left on device. Free some space there.*Nothing was changed"):
        train_tiny(reviews, out, overwrite=True, cell="rnn")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    full[0] = False
    with pytest.raises(OutputError, match=r"already holds a model.*add --overwrite to --resume"):
        train_tiny(reviews, out, resume=True, cell="rnn")
    train_tiny(reviews, out, resume=True, overwrite=True, cell="rnn")
    assert recurra.load(out).manifest.config["cell"] == "rnn"
    assert sorted(os.listdir(tmp_path)) == ["m", "reviews.csv"]


@pytest.mark.parametrize("place", ["os.pwrite", "os.fsync", "tempfile.TemporaryFile"])
def test_a_disk_that_is_full_from_the_beginning(
    cli: Callable[..., Any], reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(place, full)
    result = cli("train", reviews, "--out", tmp_path / "m", *TINY, "--no-baseline")
    monkeypatch.undo()
    assert (result.exit_code, result.stdout) == (1, "")
    assert "No space left on device" in result.stderr
    assert "Free some space there" in result.stderr
    assert os.listdir(tmp_path) == ["reviews.csv"]


def test_a_disk_that_is_full_after_the_texts(
    cli: Callable[..., Any], reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids are written after the texts: the disk is full in between, before anything was trained."""
    write, written = os.pwrite, []

    def full_after_the_texts(*args: Any) -> int:
        if written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(args)
        return write(*args)

    monkeypatch.setattr(os, "pwrite", full_after_the_texts)
    result = cli("train", reviews, "--out", tmp_path / "m", *TINY, "--no-baseline")
    monkeypatch.undo()
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Cannot write the tokens to" in result.stderr
    assert "Free some space there" in result.stderr
    assert os.listdir(tmp_path) == ["reviews.csv"]


def test_a_place_that_may_not_be_read_or_written(
    cli: Callable[..., Any], reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    for name in ("listdir", "open"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, refused)
            result = cli("train", reviews, "--out", tmp_path / "m", *TINY)
        assert result.exit_code == 1
        assert "Permission denied. Choose" in result.stderr


def test_what_a_killed_run_left_is_swept(train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path) -> None:
    left = tmp_path / "m.training" / "recurra-abcd"
    left.mkdir(parents=True)
    (left / "ids.bin").write_bytes(b"x" * 100)
    train_tiny(reviews, tmp_path / "m")
    assert sorted(os.listdir(tmp_path)) == ["m", "reviews.csv"]


def test_a_lock_that_was_taken_away_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    store, lock = CheckpointStore(tmp_path / "m.training"), fcntl.flock

    def slow(descriptor: int, how: int) -> None:
        store.clear()  # the run that held the directory ends between our opening and our locking
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", slow)
    with pytest.raises(recurra.RecurraError, match="Another process"), store.locked():
        pass
