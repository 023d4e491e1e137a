"""Stopped at any moment, once or twice, a command ends in words, with what it has done kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.written_models import MODELS

TINY = ("--hidden", "4", "--embedding", "4", "--epochs", "1", "--threads", "1")
DRIVER = """
import importlib, os, signal, sys

where, numbers = sys.argv.pop(1), [int(number) for number in sys.argv.pop(1).split(",")]
module, _, path = where.partition(":")
owner = importlib.import_module(module)
*parents, name = path.split(".")
for parent in parents:
    owner = getattr(owner, parent)
whole = getattr(owner, name)

def stopped(*given, **more):
    try:
        os.kill(os.getpid(), numbers[0])
    finally:
        for number in numbers[1:]:
            os.kill(os.getpid(), number)
    return whole(*given, **more)

setattr(owner, name, stopped)
from recurra.cli.start import main
main()
"""
"""`recurra`, which sends itself the signals of its second argument when it calls the function of its first."""

TRAINER = "recurra.tasks.classify.learn.trainer"
EARLY = ("recurra.cli.app:import_module", f"{TRAINER}:ClassifyTrainer.read", f"{TRAINER}:ClassifyTrainer.split")
LATE = (
    "recurra.many_to_one.learn.classification:Classification.validate",
    f"{TRAINER}:ClassifyTrainer.evaluate",
    f"{TRAINER}:ClassifyTrainer.files",
    f"{TRAINER}:fit_baseline",
    "recurra.training.run:_write",
)


def run(process: Callable[..., Any], where: str, numbers: tuple[int, ...], *words: object) -> Any:
    result = process(DRIVER, where, ",".join(str(int(number)) for number in numbers), *words)
    assert "Traceback" not in result.stderr and "Exception ignored" not in result.stderr, result.stderr
    return result


@pytest.mark.parametrize("where", EARLY)
@pytest.mark.parametrize("numbers", [(signal.SIGTERM,), (signal.SIGINT, signal.SIGINT)])
def test_training_stopped_before_it_has_begun_leaves_no_model(
    process: Callable[..., Any], reviews: Path, tmp_path: Path, where: str, numbers: tuple[int, ...]
) -> None:
    result = run(process, where, numbers, "train", reviews, "--out", tmp_path / "m", *TINY)
    assert (result.returncode, result.stdout) == (130, "")
    assert result.stderr.endswith("Stopped.\n")
    assert not (tmp_path / "m").exists()
    if len(numbers) == 1:
        assert sorted(path.name for path in tmp_path.iterdir()) == ["reviews.csv"]


@pytest.mark.parametrize("where", LATE)
def test_training_stopped_later_says_how_to_continue(
    process: Callable[..., Any], cli: Callable[..., Any], reviews: Path, tmp_path: Path, where: str
) -> None:
    words = ("train", reviews, "--out", tmp_path / "m", *TINY)
    result = run(process, where, (signal.SIGTERM,), *words)
    assert (result.returncode, result.stdout) == (130, "")
    assert "To continue, give the same command with --resume." in result.stderr
    assert not (tmp_path / "m").exists()
    resumed = cli(*words, "--resume", "--json")
    assert resumed.exit_code == 0, resumed.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "reviews.csv"]


@pytest.mark.parametrize("where", LATE[::2])
def test_training_stopped_twice_ends_at_once_and_is_resumed(
    process: Callable[..., Any], cli: Callable[..., Any], reviews: Path, tmp_path: Path, where: str
) -> None:
    words = ("train", reviews, "--out", tmp_path / "m", *TINY)
    result = run(process, where, (signal.SIGINT, signal.SIGINT), *words)
    assert (result.returncode, result.stdout, (tmp_path / "m").exists()) == (130, "", False)
    resumed = cli(*words, "--resume")
    assert resumed.exit_code == 0, resumed.stderr


@pytest.mark.parametrize("numbers", [(signal.SIGTERM,), (signal.SIGINT, signal.SIGINT)])
@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("recurra.tasks.registry:open_model", ("explain", MODELS / "classify", "a good film")),
        ("recurra.storage.model_directory:read", ("inspect", MODELS / "classify")),
        ("recurra.storage.model_directory:read", ("generate", MODELS / "generate")),
        ("recurra.tasks.generate.command:generate", ("generate", MODELS / "generate")),
        ("recurra.tasks.classify.evaluate:evaluate", ("evaluate", MODELS / "classify", "{data}")),
        ("recurra.tasks.classify.predict:predict_texts", ("predict", MODELS / "classify", "a")),
        ("recurra.storage.model_directory:read", ("chat", MODELS / "chat")),
        ("recurra.probe.run:_run", ("probe", "--out", "{out}")),
        ("recurra.tasks.classify.learn.compare:read_rows", ("compare", "{data}", "--out", "{out}")),
    ],
)
def test_every_command_stops_in_a_word(
    process: Callable[..., Any],
    reviews: Path,
    tmp_path: Path,
    where: str,
    words: tuple[Any, ...],
    numbers: tuple[int, ...],
) -> None:
    module, _, name = where.partition(":")
    if not hasattr(sys.modules.get(module) or __import__(module, fromlist=["x"]), name):
        pytest.fail(f"there is no {where}")
    given = [str(word).format(data=reviews, out=tmp_path / "out") for word in words]
    result = run(process, where, numbers, *given)
    assert result.returncode == 130, result.stderr
    assert result.stderr.endswith("Stopped.\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["reviews.csv"]


def test_scoring_stopped_by_sigterm_says_how_to_continue(
    process: Callable[..., Any], trained: tuple[Path, Any], reviews: Path, tmp_path: Path
) -> None:
    words = ("predict", trained[0], "--input", reviews, "--output", tmp_path / "out.csv")
    result = run(process, "recurra.storage.journal:Journal.place", (signal.SIGTERM,), *words)
    assert (result.returncode, result.stdout) == (130, "")
    assert "200 rows are answered and kept in" in result.stderr and "continue with --resume" in result.stderr
    resumed = run(process, "recurra.storage.journal:Journal.add", (signal.SIGTERM,), *words, "--resume")
    assert (resumed.returncode, len((tmp_path / "out.csv").read_text().splitlines())) == (0, 201)


LOST = """
import os, signal
from recurra.cli import inspect
from recurra.cli.start import main

class Dropped:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)

def inspecting(directory):
    Dropped()
    signal.pause()

inspect.inspect = inspecting
main()
"""


def test_an_interrupt_in_a_destructor_is_not_lost(process: Callable[..., Any]) -> None:
    result = process(LOST, "inspect", "m")
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "Stopped.\n")


WITHOUT_A_READER = """
import os, subprocess, sys


reading, writing = os.pipe()
os.close(reading)
errors = writing if sys.argv[1] == "both" else subprocess.PIPE
done = subprocess.run([sys.executable, "-m", "recurra.cli", *sys.argv[2:]], stdout=writing, stderr=errors)
sys.stderr.write((done.stderr or b"").decode())
sys.exit(done.returncode)
"""


@pytest.mark.parametrize(("closed", "more"), [("out", ("--json",)), ("both", ())])
def test_a_result_on_disk_does_not_need_a_reader(
    process: Callable[..., Any], reviews: Path, tmp_path: Path, closed: str, more: tuple[str, ...]
) -> None:
    commands = (
        ("train", reviews, "--out", tmp_path / "m", *TINY),
        ("predict", tmp_path / "m", "--input", reviews, "--output", tmp_path / "out.csv"),
        ("explain", tmp_path / "m", "a good film", "--html", tmp_path / "page.html"),
    )
    for words in commands:
        result = process(WITHOUT_A_READER, closed, *words, *more)
        assert result.returncode == 0, result.stderr
        assert "Traceback" not in result.stderr and "Exception ignored" not in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"m", "out.csv", "page.html", "reviews.csv"}


@pytest.mark.parametrize("closed", ["out", "both"])
@pytest.mark.parametrize(
    "words",
    [
        ("inspect", MODELS / "classify"),
        ("inspect", MODELS / "classify", "--json"),
        ("predict", MODELS / "classify", *["a good film"] * 5000),
        ("explain", MODELS / "classify", "a good film"),
        ("generate", MODELS / "generate", "--tokens", "2000", "--seed", "1"),
        ("--help",),
        ("--version",),
    ],
)
def test_a_result_that_nobody_reads_ends_like_other_filters(
    process: Callable[..., Any], words: tuple[object, ...], closed: str
) -> None:
    result = process(WITHOUT_A_READER, closed, *words)
    assert result.returncode == 141
    assert "Traceback" not in result.stderr and "Exception ignored" not in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_head_reads_what_it_wants(trained: tuple[Path, Any]) -> None:
    texts = "good film\n" * 20_000
    command = f"{sys.executable} -m recurra.cli predict {trained[0]} | head -n 2"
    result = subprocess.run(["sh", "-c", command], input=texts, capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stdout.count("\n"), result.stderr) == (0, 2, "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals that can be ignored")
def test_a_signal_that_was_ignored_stays_ignored(process: Callable[..., Any]) -> None:
    code = f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n{DRIVER}"
    where = "recurra.storage.model_directory:read"
    result = process(code, where, str(int(signal.SIGINT)), "inspect", MODELS / "classify", "--json")
    assert result.returncode == 0 and result.stderr == ""
