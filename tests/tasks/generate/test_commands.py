"""Training on a text and writing with it, through the real command line; killed, resumed, and refused what is wrong."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.cli.inspect import inspect
from recurra.errors import ReadError
from recurra.options.reading import EncodingOptions
from recurra.tasks.generate.evaluate import evaluate
from recurra.tasks.registry import load
from recurra.terminal.progress import Reporter
from support.killed_training import training_process

TEXT = "".join(f"{name}:\nWhat says the {thing}, my lord?\n\n" for name in ("KING", "FOOL", "DUKE") * 9
               for thing in ("sea", "crown", "night"))  # fmt: skip
TINY = (
    "--task", "generate", "--hidden", "16", "--embedding", "8", "--batch", "4", "--unroll", "16", "--epochs", "12",
    "--threads", "1", "--precision", "fp32", "--learning-rate", "0.02",
)  # fmt: skip
Cli = Callable[..., Any]


@pytest.fixture(scope="session")
def play(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("writing") / "play.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture(scope="session")
def writer(play: Path) -> Path:
    """A model directory made by the command line."""
    out = play.parent / "model"
    run_whole(play, out)
    return out


def run_whole(play: Path, out: Path) -> None:
    command = [sys.executable, "-m", "recurra.cli", "train", str(play), "--out", str(out), *TINY]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "Held-out nats per character" in done.stdout
    assert "A sample, at temperature 0.8" in done.stdout


def test_a_model_is_trained_and_evaluated(writer: Path) -> None:
    metrics = json.loads((writer / "metrics.json").read_text())
    assert metrics["task"] == "generate"
    low, high = metrics["test"]["nats_per_char_ci95"]
    assert low <= metrics["test"]["nats_per_char"] <= high < 2.5
    assert "Kneser-Ney" in metrics["baseline"]["name"]
    assert len(metrics["paired"]["difference_ci95"]) == 2
    assert metrics["history"][-1]["valid_loss"] < metrics["history"][0]["valid_loss"]
    assert {path.name for path in writer.iterdir()} == {
        "manifest.json", "model.onnx", "tokenizer.json", "metrics.json", "weights.safetensors", "report.html",
        "curves.png", "README.md", "ngrams.safetensors",
    }  # fmt: skip
    assert metrics["network"]["ngrams"] == metrics["config"]["ngrams"] >= 2
    assert metrics["parts"]["network"]["nats_per_char"] > metrics["test"]["nats_per_char"]
    assert "What its parts are worth" in (writer / "report.html").read_text()
    assert "the network alone" in (writer / "report.html").read_text()
    assert "nearly word for word" in (writer / "README.md").read_text()
    manifest = json.loads((writer / "manifest.json").read_text())
    assert manifest["task"] == "generate"
    assert manifest["metrics"]["nats_per_char"] == metrics["test"]["nats_per_char"]
    model = load(writer)
    assert model.score(TEXT[-len(TEXT) // 10 :]) < 2.5
    assert model.score("xqzj" * 30) > model.score(TEXT[:120])


def test_the_command_writes_what_python_writes(writer: Path, cli: Cli, only_json: Callable[[str], Any]) -> None:
    words = (
        "--prompt",
        "KING:",
        "--tokens",
        "40",
        "--seed",
        "5",
        "--temperature",
        "0.7",
        "--top-k",
        "9",
        "--top-p",
        "0.9",
    )
    plain = cli("generate", writer, *words)
    expected = "".join(load(writer).generate("KING:", 40, temperature=0.7, top_k=9, top_p=0.9, seed=5))
    assert (plain.exit_code, plain.stdout, plain.stderr) == (0, f"KING:{expected}\n", "")
    result = only_json(cli("generate", writer, *words, "--json").stdout)
    assert (result["prompt"], result["text"], result["seed"], result["unknown"]) == ("KING:", expected, 5, [])
    assert result["characters_per_second"] > 0


def test_a_drawn_seed_is_reported_and_reproduces_the_text(writer: Path, cli: Cli) -> None:
    first = cli("generate", writer, "--tokens", "30")
    seed = first.stderr.split("--seed ")[1].split(" ")[0]
    assert cli("generate", writer, "--tokens", "30", "--seed", seed).stdout == first.stdout
    assert cli("generate", writer, "--tokens", "30", "--temperature", "0").stderr == ""


def test_unknown_symbols_of_a_prompt_are_reported(writer: Path, cli: Cli) -> None:
    found = cli("generate", writer, "--prompt", "ñ\x1b", "--tokens", "3", "--seed", "1")
    assert found.exit_code == 0
    assert "read as unknown symbols: 'ñ', '\\x1b'" in found.stderr
    assert found.stdout.startswith("ñ\\x1b")
    assert cli("generate", writer, "--tokens", "0", "--seed", "1").stdout == "\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--temperature", "-1"), "--temperature cannot be -1"), (("--top-k", "0"), "--top-k cannot be 0"),
        (("--top-p", "1.5"), "--top-p cannot be 1.5"), (("--tokens", "-1"), "--tokens cannot be -1"),
        (("--seed", "-2"), "--seed cannot be -2"), (("--tokens", "many"), "whole number"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_one_sentence(writer: Path, cli: Cli, words: tuple[str, ...], said: str) -> None:
    found = cli("generate", writer, *words)
    assert (found.exit_code, found.stdout) == (2, "")
    assert said in found.stderr
    assert "Traceback" not in found.stderr


def test_a_model_that_does_not_write_is_refused(trained: tuple[Path, Any], cli: Cli, tmp_path: Path) -> None:
    found = cli("generate", trained[0])
    assert found.exit_code == 2
    assert "is a model of the task classify, not generate" in found.stderr
    missing = cli("generate", tmp_path / "none")
    assert missing.exit_code == 1 and "does not exist" in missing.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"too short", "at least 200"),
        (b"a\0" * 200, "NUL"),
        (b"caf\xe9 " * 99, "--encoding latin-1"),
    ],
)
def test_a_text_that_cannot_be_used_leaves_nothing(cli: Cli, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    found = cli("train", tmp_path / "a.txt", "--out", tmp_path / "m", *TINY)
    assert (found.exit_code, found.stdout) == (1, "")
    assert said in found.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_text_is_evaluated_and_known_again(
    writer: Path, play: Path, cli: Cli, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    metrics = json.loads((writer / "metrics.json").read_text())
    (tmp_path / "held_out.txt").write_text(TEXT[-metrics["split"]["test"] :])
    found = evaluate(load(writer), str(tmp_path / "held_out.txt"), EncodingOptions(), Reporter())
    assert found["nats_per_char"] == pytest.approx(metrics["test"]["nats_per_char"], abs=1e-9)
    assert found["nats_per_char_ci95"] == pytest.approx(metrics["test"]["nats_per_char_ci95"], abs=1e-9)
    evaluate(load(writer), str(play), EncodingOptions(), Reporter())
    (tmp_path / "strange.txt").write_text("ñ" * 50 + TEXT)
    strange = evaluate(load(writer), str(tmp_path / "strange.txt"), EncodingOptions(), Reporter())
    assert strange["unknown_rate"] == pytest.approx(50 / (50 + len(TEXT)))
    said = capfd.readouterr().err
    assert "the very data that the model was trained on" in said
    assert "50 of" in said
    with pytest.raises(ReadError, match="does not exist"):
        evaluate(load(writer), str(tmp_path / "none.txt"), EncodingOptions(), Reporter(quiet=True))
    (tmp_path / "table.csv").write_text("text,label\n" + "to be or not,x\n" * 20)
    told = "read as one text, with the column names and the punctuation of CSV"
    assert told in cli("evaluate", writer, tmp_path / "table.csv").stderr
    assert told not in cli("evaluate", writer, tmp_path / "held_out.txt").stderr
    shown = cli("evaluate", writer, tmp_path / "held_out.txt").stdout + cli("inspect", writer).stdout
    for words in ("Nats per character", "Perplexity", "LSTM(16)", "n-grams of 1 to", "each a character", "Kneser-Ney"):
        assert words in shown
    assert "samples" not in inspect(writer)["metrics"]


def test_without_ngrams_the_network_is_alone(play: Path, cli: Cli, tmp_path: Path) -> None:
    config = tmp_path / "own.toml"
    config.write_text("ngrams = 0\n")
    done = cli("train", play, "--out", tmp_path / "m", *TINY, "--config", config)
    assert done.exit_code == 0, done.stderr
    assert not (tmp_path / "m" / "ngrams.safetensors").exists()
    metrics = json.loads((tmp_path / "m" / "metrics.json").read_text())
    assert (metrics["network"]["ngrams"], metrics["config"]["ngrams"], metrics["parts"]) == (0, 0, None)
    assert load(tmp_path / "m").mixture is None
    assert "n-grams of 1 to" not in cli("inspect", tmp_path / "m").stdout
    refused = cli("train", play, "--out", tmp_path / "n", *TINY, "--ngrams", "9")
    assert (refused.exit_code, (tmp_path / "n").exists()) == (2, False)
    assert "--ngrams cannot be 9" in refused.stderr


def test_a_model_without_its_ngrams_is_refused(writer: Path, cli: Cli, tmp_path: Path) -> None:
    shutil.copytree(writer, tmp_path / "m")
    (tmp_path / "m" / "ngrams.safetensors").unlink()
    found = cli("generate", tmp_path / "m", "--tokens", "3")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "ngrams.safetensors is missing" in found.stderr


def test_a_run_killed_twice_ends_with_equal_weights(writer: Path, play: Path, cli: Cli, tmp_path: Path) -> None:
    out, rng = tmp_path / "m", np.random.default_rng()
    for more, earliest, latest in (([], 2, 60), (["--resume"], 80, 160)):
        step = int(rng.integers(earliest, latest))
        with training_process(play, "--out", out, *TINY, *more) as training:
            training.wait_for_step(step)
            training.child.kill()
            assert training.child.wait() == -signal.SIGKILL
        assert not out.exists()
    done = cli("train", play, "--out", out, *TINY, "--resume")
    assert done.exit_code == 0, done.stderr
    for name in ("weights.safetensors", "model.onnx", "ngrams.safetensors", "tokenizer.json"):
        assert (out / name).read_bytes() == (writer / name).read_bytes()
    assert not out.with_name("m.training").exists()


def test_one_line_held_out_proves_nothing(play: Path, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("Good morrow, .")
    out = tmp_path / "model"
    result = cli("train", play, "--test", tmp_path / "one.txt", "--out", out, *TINY)
    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    assert "14 symbols" in said and "too little text for an interval" in said and "may be chance" in said
    assert "better than" not in said and "worse than" not in said and "95 % interval" not in said
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["paired"]["difference_ci95"] is None
    assert all(one is None for name, one in metrics["test"].items() if name.endswith("_ci95"))
    assert "too little text was held out" in (out / "README.md").read_text()
    assert "too little text for an interval" in cli("inspect", out).output
    answer = cli("evaluate", out, tmp_path / "one.txt")
    assert answer.exit_code == 0 and "too short for intervals" in " ".join(answer.output.split())
