"""`recurra evaluate` of a chat model: training's own scores, of any dialogues."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.tasks.chat import evaluate as module
from support.commands import Cli

QUESTIONS = {"Where is Tom?": "At home.", "How are you?": "Fine.", "Is it late?": "Very late.", "Coffee?": "Gladly."}
UNLIKE = ["Ships sail over every sea that there is.", "Gladly."]
SMALL = (
    "--task", "chat", "--turns", "said", "--hidden", "8", "--embedding", "8", "--vocabulary", "300", "--epochs", "1",
    "--context", "2", "--threads", "1", "--seed", "3", "--beam", "2",
)  # fmt: skip


def write(path: Path, told: list[list[str]], encoding: str = "utf-8") -> Path:
    path.write_text("".join(json.dumps({"said": turns}) + "\n" for turns in told), encoding=encoding)
    return path


def made(count: int, first: int) -> list[list[str]]:
    """Dialogues of a numbered greeting, an empty turn and three questions with their answers."""
    rng = np.random.default_rng(first)
    return [
        [
            f"Hello {number}.",
            " ",
            *(turn for question in rng.choice(list(QUESTIONS), 3) for turn in (str(question), QUESTIONS[question])),
        ]
        for number in range(first, first + count)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from typer.testing import CliRunner

    from recurra.cli.app import app

    place = tmp_path_factory.mktemp("judged")
    write(place / "train.jsonl", [*made(40, 0), ["alone"]])
    write(place / "dev.jsonl", [*made(8, 10_000), UNLIKE])
    words = ["train", place / "train.jsonl", "--test", place / "dev.jsonl", "--out", place / "model", *SMALL]
    result = CliRunner().invoke(app(), [str(word) for word in words])
    assert result.exit_code == 0, result.stderr
    return place


@pytest.fixture
def judged(folder: Path, cli: Cli) -> Callable[..., tuple[dict[str, Any], str]]:
    """Evaluate the model. Returns what is printed as JSON, and the messages."""

    def run(*words: object, data: str = "dev.jsonl") -> tuple[dict[str, Any], str]:
        result = cli("evaluate", folder / "model", folder / data, *words, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout), result.stderr

    return run


def test_the_scores_are_those_of_training(folder: Path, judged: Callable[..., tuple[dict[str, Any], str]]) -> None:
    """Training evaluated the same file, with the network itself and the same draws."""
    metrics = json.loads((folder / "model" / "metrics.json").read_text())
    found, said = judged("--training-data", folder / "train.jsonl")
    assert found.pop("baseline") == metrics["baseline"]
    assert found.pop("people") == metrics["people"]
    assert set(found) == set(metrics["test"])
    assert found == metrics["test"] and found["apart"]["rows"] < found["rows"] == 49
    assert found["choices"] == 8 and found["context_gain_ci95"][0] <= found["context_gain"]
    assert "nearly repeat one in training" in said and "is not the file" not in said


def test_without_the_dialogues_of_training_there_is_all_but_the_baseline(
    judged: Callable[..., tuple[dict[str, Any], str]], folder: Path, cli: Cli
) -> None:
    metrics = json.loads((folder / "model" / "metrics.json").read_text())
    found, said = judged()
    assert found["baseline"] is None and "apart" not in found
    assert found["right_choice"] == metrics["test"]["right_choice"]
    assert "give them with --training-data" in " ".join(said.split())
    shown = cli("evaluate", folder / "model", folder / "dev.jsonl").stdout
    assert "The given reply found among 8" in shown and "Gain from the context" in shown
    assert "nearest turn" not in shown
    beside = cli("evaluate", folder / "model", folder / "dev.jsonl", "--training-data", folder / "train.jsonl").stdout
    assert "Reply to the nearest turn" in beside and "those unlike the ones in training" in beside


def test_other_dialogues_than_those_of_training_are_noted(
    judged: Callable[..., tuple[dict[str, Any], str]], folder: Path
) -> None:
    other = write(folder / "other.jsonl", made(5, 500))
    found, said = judged("--training-data", other)
    assert "other.jsonl is not the file that the model was trained on" in " ".join(said.split())
    assert found["baseline"]["right_choice"] >= 0


def test_bleu_is_left_out_where_its_package_is_absent(
    judged: Callable[..., tuple[dict[str, Any], str]], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = judged("--training-data", folder / "train.jsonl")
    here = importlib.util.find_spec
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "sacrebleu" else here(name))
    found, said = judged("--training-data", folder / "train.jsonl")
    assert "need the package sacrebleu" in " ".join(said.split())
    for scores, full in (
        (found, whole),
        (found["likeliest"], whole["likeliest"]),
        (found["baseline"], whole["baseline"]),
    ):
        left_out = {name for name in full if name.startswith(("bleu", "chrf"))}
        assert left_out and set(scores) == set(full) - left_out
        assert scores["distinct_2"] == full["distinct_2"]


def test_one_dialogue_has_no_other_context(judged: Callable[..., tuple[dict[str, Any], str]], folder: Path) -> None:
    write(folder / "one.jsonl", [UNLIKE])
    found, _ = judged("--training-data", folder / "train.jsonl", data="one.jsonl")
    assert found["rows"] == 1 and found["perplexity"] > 1
    assert "context_gain" not in found and "right_choice" not in found and "right_choice" not in found["baseline"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (None, "does not exist"),
        ('{"said": ["alone"]}\n', "--training-data .*bad.jsonl: it has no dialogue of two turns or more"),
        ('{"turns": ["a", "b"]}\n', "no 'said'"),
        ("{", "not valid JSON"),
    ],
)
def test_training_data_that_cannot_be_used(
    folder: Path, cli: Cli, tmp_path: Path, written: str | None, words: str
) -> None:
    bad = tmp_path / "bad.jsonl"
    if written is not None:
        bad.write_text(written)
    result = cli("evaluate", folder / "model", folder / "dev.jsonl", "--training-data", bad, "--json")
    assert result.exit_code != 0 and result.stdout == ""
    assert re.search(words, " ".join(result.stderr.split())), result.stderr
    assert "Traceback" not in result.stderr
