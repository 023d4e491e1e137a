"""The models that come with the package, and which model a name means."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import recurra
from recurra.errors import ArtefactError
from recurra.storage import packaged_models
from recurra.storage.model_directory import WEIGHTS
from recurra.storage.packaged_models import find_model, licence_of, names_hint, summary_of
from support.packaged import CARD, Packager
from support.tampered_models import copied
from support.written_models import MODELS, write_data

TEXT = "the film was good"
Cli = Callable[..., Any]


def commands(model: str) -> list[tuple[str, ...]]:
    """Every command that takes a model and ends by itself, for a classifier."""
    data = str(write_data("classify", Path.cwd()))
    return [
        ("predict", model, TEXT),
        ("predict", model, "--input", data, "--output", f"{model.count('/')}.csv"),
        ("evaluate", model, data),
        ("explain", model, TEXT),
        ("inspect", model),
    ]


def test_every_command_takes_a_name(cli: Cli, packaged: Packager) -> None:
    directory = packaged()
    for by_name, by_path in zip(commands("tone-en"), commands(str(directory)), strict=True):
        named, given_path = cli(*by_name), cli(*by_path)
        assert (named.exit_code, given_path.exit_code) == (0, 0), named.output
        assert named.stdout == given_path.stdout and "working folder" not in named.stderr
    assert Path("0.csv").read_bytes() == Path(f"{str(directory).count('/')}.csv").read_bytes()


@pytest.mark.parametrize(("task", "words"), [("generate", ("--tokens", "5")), ("chat", ())])
def test_the_commands_of_other_tasks_take_a_name(
    cli: Cli, packaged: Packager, task: str, words: tuple[str, ...]
) -> None:
    packaged("other", task)
    result = cli(task, "other", *words, input="the film was good\n")
    assert result.exit_code == 0 and result.stdout.strip() and "working folder" not in result.stderr
    packaged("tone-en")
    wrong = cli(task, "tone-en", *words, input="hi\n")
    assert wrong.exit_code == 2 and f"task classify, not {task}" in wrong.stderr


def test_load_takes_a_name(packaged: Packager) -> None:
    directory = packaged()
    for name in ("tone-en", Path("tone-en")):
        model = recurra.load(name, task="classify")
        assert (model.predict_proba([TEXT]) == recurra.load(directory, task="classify").predict_proba([TEXT])).all()


def test_a_path_that_exists_wins_with_a_word(cli: Cli, packaged: Packager) -> None:
    directory = packaged()
    copied(MODELS / "tag", Path("tone-en"))
    result = cli("inspect", "tone-en", "--json")
    assert json.loads(result.stdout)["task"] == "tag"
    assert "tone-en in the working folder is used" in result.stderr and str(directory) in result.stderr
    with pytest.warns(UserWarning, match="in the working folder is used") as noted:
        assert isinstance(recurra.load("tone-en"), recurra.Tagger)
    assert noted[0].filename == __file__
    assert "working folder" not in cli("inspect", directory).stderr


def test_what_is_in_the_way_is_told(cli: Cli, packaged: Packager) -> None:
    directory = packaged()
    Path("tone-en").write_text("notes")
    result = cli("predict", "tone-en", TEXT)
    assert result.exit_code == 1
    assert "in the working folder is used" in result.stderr and "is not a directory" in result.stderr
    assert "Rename it or remove it" in result.stderr
    Path("tone-en").unlink()
    Path("tone-en").mkdir()
    result = cli("predict", "tone-en", TEXT)
    error = " ".join(result.stderr.partition("Error: ")[2].split())
    assert result.exit_code == 1 and "has no manifest.json. Rename it or remove it" in error and str(directory) in error
    assert "Rename it" not in cli("predict", Path("tone-en").resolve(), TEXT).stderr


@pytest.mark.parametrize("path", ["./tone-en", "models/tone-en", "../tone-en", "tone-en/"])
def test_a_name_with_a_separator_is_only_a_path(cli: Cli, packaged: Packager, path: str) -> None:
    packaged()
    with pytest.raises(ArtefactError, match="does not exist"):
        recurra.load(path)
    alone = "Give the name alone, tone-en, for the model that comes with Recurra."
    assert (alone in cli("predict", path, TEXT).stderr) == (Path(path) == Path("tone-en"))
    copied(MODELS / "classify", Path(path))
    assert find_model(path) == packaged_models.FoundModel(Path(path))


def test_an_unknown_name_is_answered_with_near_ones(cli: Cli, packaged: Packager) -> None:
    packaged()
    packaged("names-de")
    for words in commands("tone_en"):
        result = cli(*words)
        assert result.exit_code == 1 and "Traceback" not in result.output
        assert "The model tone_en does not exist. Did you mean 'tone-en'?" in result.stderr
        assert "With Recurra come the models names-de, tone-en." in result.stderr
    with pytest.raises(ArtefactError, match=r"^The model Tone-EN does not exist\. Did you mean 'tone-en'\?"):
        recurra.load("Tone-EN")
    assert "Did you mean" not in cli("predict", "zzz", TEXT).stderr


def test_a_missing_path_is_no_misspelt_name(cli: Cli, packaged: Packager) -> None:
    packaged()
    assert "With Recurra" not in cli("predict", "runs/tone-enn", TEXT).stderr
    assert names_hint("") == names_hint("a b") == ""


def test_an_installation_without_models(
    cli: Cli, packaged: Packager, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(packaged_models, "MODELS", tmp_path / "absent")
    assert find_model("tone-en") == packaged_models.FoundModel(Path("tone-en"))
    assert cli("predict", "tone-en", TEXT).stderr == "Error: The model tone-en does not exist.\n"


def test_a_folder_without_a_manifest_is_no_model(packaged: Packager) -> None:
    packaged().parent.joinpath("__pycache__").mkdir()
    assert list(packaged_models.packaged_models()) == ["tone-en"]


def test_serve_takes_a_name(installation: Path, start: Callable[..., Any]) -> None:
    server = start("tone-en")
    assert server.predict("w1 w2").status == 200
    assert server.ask("GET", "/").status == 200
    facts = server.ask("GET", "/model").json
    assert facts["task"] == "classify" and b"tone-en" in server.ask("GET", "/v2/models/tone-en").content
    assert str(installation) in server.log()


def test_several_workers_serve_a_name(installation: Path, start: Callable[..., Any]) -> None:
    assert start("tone-en", "--workers", "2").predict("w1 w2").status == 200


def test_what_a_card_says() -> None:
    assert summary_of(CARD) == "Says whether an English sentence is kind."
    assert licence_of(CARD) == "Apache-2.0 for the weights"
    assert summary_of("") == licence_of("") == summary_of("# Only a heading") == ""


@given(st.text(alphabet="# *\n\\Licence: x."))
def test_any_card_has_a_summary_on_one_line(card: str) -> None:
    assert "\n" not in summary_of(card) and "\n" not in licence_of(card)


COMING = packaged_models.packaged_models()
LIMIT = 8_000_000


@pytest.mark.parametrize("name", COMING)
def test_what_comes_with_the_package(name: str) -> None:
    directory = COMING[name]
    packed = sum(len(zlib.compress(path.read_bytes(), 6)) for path in directory.iterdir())
    assert packed <= LIMIT, "the model takes too much room in the wheel"
    card = (directory / "README.md").read_text(encoding="utf-8")
    assert summary_of(card) and licence_of(card)
    names = {path.name for path in directory.iterdir()}
    assert not names & {WEIGHTS, "report.html"}, "weights are for training on; a report quotes rows of the data"
    assert not json.loads((directory / "metrics.json").read_bytes()).keys() & {"mistakes", "samples", "examples"}
    for written in (directory / "metrics.json", directory / "manifest.json"):
        assert not re.search(r'"(/|[A-Z]:)', written.read_text(encoding="utf-8")), "a place on somebody's machine"
    assert recurra.load(name)


SAID = {
    "positive": [
        "I loved every minute of it.",
        "Great sound and the battery lasts for days.",
        "The food was delicious and our waiter was very friendly.",
    ],
    "negative": [
        "A dull film with terrible acting.",
        "It stopped working after two days and I want my money back.",
        "The food was not good and the service was slow.",
    ],
}


@pytest.mark.skipif("sentiment-en" not in COMING, reason="this checkout comes without the sentiment model")
@pytest.mark.parametrize("label", SAID)
def test_the_sentiment_model_answers_as_anyone_would(cli: Cli, label: str) -> None:
    answers = json.loads(cli("predict", "sentiment-en", *SAID[label], "--json").stdout)["predictions"]
    assert [answer["label"] for answer in answers] == [label] * 3
    assert all(max(answer["probabilities"].values()) > 0.6 for answer in answers)
