"""Training that is killed, stopped, or started twice: nothing is lost, and the weights come out the same."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.errors import BusyError, InterruptedTraining, OutputError, ReadError, ResumeError
from support.killed_training import training_process

LONG = {"epochs": 16, "batch": 8, "patience": 1000}
WORDS = [
    "--epochs",
    "16",
    "--batch",
    "8",
    "--patience",
    "1000",
    "--hidden",
    "4",
    "--embedding",
    "4",
    "--threads",
    "1",
    "--precision",
    "fp32",
    "--no-baseline",
]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Weights, by nothing but the seed: filled by the first test that needs them."""
    return {}


def whole_run(kept: dict[str, bytes], train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path) -> bytes:
    if not kept:
        train_tiny(reviews, tmp_path / "whole", **LONG)
        kept["weights"] = (tmp_path / "whole" / "weights.safetensors").read_bytes()
    return kept["weights"]


def test_a_run_killed_twice_ends_with_equal_weights(
    train_tiny: Callable[..., Any], reviews: Path, tmp_path: Path, uninterrupted: dict[str, bytes]
) -> None:
    out, rng = tmp_path / "m", np.random.default_rng()
    for more, earliest, latest in (((), 1, 100), (("--resume",), 120, 220)):
        step = int(rng.integers(earliest, latest))
        with training_process(reviews, "--out", out, *WORDS, *more) as training:
            training.wait_for_step(step)
            training.child.kill()
            assert training.child.wait() == -signal.SIGKILL
        assert not out.exists()
    train_tiny(reviews, out, resume=True, **LONG)
    assert (out / "weights.safetensors").read_bytes() == whole_run(uninterrupted, train_tiny, reviews, tmp_path)
    assert not out.with_name("m.training").exists()


def test_a_stopped_run_is_resumed_to_equal_weights(
    train_tiny: Callable[..., Any],
    reviews: Path,
    rows: Callable[..., Any],
    write_csv: Callable[..., Path],
    tmp_path: Path,
    uninterrupted: dict[str, bytes],
) -> None:
    out = tmp_path / "m"
    with training_process(reviews, "--out", out, *WORDS) as training:
        training.wait_for_step(0)
        with pytest.raises(BusyError, match=r"Another process is training.*choose another --out"):
            train_tiny(reviews, out, **LONG)
        with pytest.raises(BusyError):
            train_tiny(reviews, out, overwrite=True, **LONG)
        training.wait_for_step(20)
        training.child.send_signal(signal.SIGINT)
        stdout, stderr = training.child.communicate(timeout=30)
    assert (training.child.returncode, stdout) == (130, "")
    assert "Traceback" not in stderr
    assert "To continue, give the same command with --resume." in stderr

    with pytest.raises(OutputError, match=r"unfinished training run.*--resume.*--overwrite"):
        train_tiny(reviews, out, **LONG)
    with pytest.raises(ResumeError, match=r"--keep was 'last' and is now 'best'; --hidden was 4 and is now 5\."):
        train_tiny(reviews, out, resume=True, **LONG, hidden=5, keep="best")
    other = write_csv(rows(201), "other.csv")
    with pytest.raises(ResumeError, match=r"the data were 200 rows with fingerprint .* and are now 201 rows"):
        train_tiny(other, out, resume=True, **LONG)
    with pytest.raises(ReadError, match="does not exist"):  # a mistake in a new command drops no state
        train_tiny(tmp_path / "no.csv", out, overwrite=True, **LONG)

    train_tiny(reviews, out, resume=True, **LONG)
    assert (out / "weights.safetensors").read_bytes() == whole_run(uninterrupted, train_tiny, reviews, tmp_path)


def test_a_run_whose_rows_are_divided_otherwise_is_not_resumed(
    train_tiny: Callable[..., Any],
    write_csv: Callable[..., Path],
    rows: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    header = ("review", "sentiment", "part")
    parts = ["train"] * 50 + ["test"] * 10
    data = write_csv([(*row, part) for row, part in zip(rows(60), parts, strict=True)], header=header)
    monkeypatch.setattr("recurra.tasks.classify.learn.trainer.evaluate", _killed)
    with pytest.raises(InterruptedTraining, match="--resume"):
        train_tiny(data, tmp_path / "m", split_column="part")
    write_csv([(*row, part) for row, part in zip(rows(60), parts[::-1], strict=True)], header=header)
    with pytest.raises(ResumeError, match="the rows are divided differently"):
        train_tiny(data, tmp_path / "m", split_column="part", resume=True)


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_before_any_training_leaves_nothing(
    cli: Callable[..., Any], reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recurra.tasks.classify.learn.trainer.divided", _killed)
    result = cli("train", reviews, "--out", tmp_path / "m", *WORDS)
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.endswith("Stopped.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["reviews.csv"]
