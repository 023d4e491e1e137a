"""The task `chat` from dialogues to model directory, and the talk itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from recurra.cli.app import app
from recurra.cli.inspect import inspect
from recurra.cli.train import train
from recurra.errors import ArtefactError, DataError, OptionError, ReadError
from recurra.storage import model_directory
from recurra.tasks.chat.command import chat
from recurra.tasks.chat.evaluate import evaluate
from recurra.tasks.chat.learn.trainer import FEWEST_WEIGHED, USUAL_WEIGHT
from recurra.tasks.chat.model import Chatter
from recurra.tasks.chat.options import DialogueOptions, TalkOptions
from recurra.tasks.chat.reply_matching import WEIGHTS
from recurra.tasks.configuration import task_options
from recurra.tasks.registry import load
from recurra.terminal.progress import Reporter

TINY: dict[str, Any] = {
    "task": "chat", "hidden": 24, "embedding": 32, "vocabulary": 400, "epochs": 12, "batch": 8, "dropout": 0.0,
    "learning_rate": 0.015, "label_smoothing": 0.0, "threads": 1, "precision": "fp32", "valid": 0.1, "beam": 2,
    "context": 2, "patience": None,
}  # fmt: skip
UNLIKE = ["Ships sail over every sea that there is.", "Gladly."]
ANSWERS = {"Where is Tom?": "At home.", "How are you?": "Fine.", "Is it late?": "Very late.", "Coffee?": "Gladly."}


def made(count: int, seed: int = 0) -> list[list[str]]:
    """Dialogues in which each question has its answer, and "Why?" asks about the turn before it."""
    rng, questions = np.random.default_rng(seed), list(ANSWERS)
    told = []
    for number in range(count):
        turns = [f"Hello {number + 10_000 * seed}."]
        for question in rng.choice(questions, 3):
            turns += [str(question), ANSWERS[str(question)]]
        told.append(turns)
    return told


def write(path: Path, told: list[list[str]], key: str = "turns") -> Path:
    path.write_text("".join(json.dumps({key: turns}) + "\n" for turns in told), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small products are slower on several threads, and far slower where these must wait for other programs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("chatting")
    write(place / "train.jsonl", [*made(120), ["alone"], ["", "a", " "]], key="said")
    write(place / "dev.jsonl", [*made(20, seed=1), UNLIKE], key="said")
    return place


@pytest.fixture(scope="module")
def trained(folder: Path) -> tuple[Path, dict[str, Any]]:
    options = task_options({**TINY, "turns": "said", "test": str(folder / "dev.jsonl")})
    out = folder / "model"
    return out, train(str(folder / "train.jsonl"), out, options, reporter=Reporter(quiet=True))


def test_it_learns_and_is_compared_with_the_baseline(trained: tuple[Path, dict[str, Any]]) -> None:
    out, metrics = trained
    test = metrics["test"]
    assert test["rows"] == 121 and test["replies"] == 121
    assert 1 < test["perplexity"] < 4 < test["perplexity_of_another_context"]
    assert test["perplexity_ci95"][0] < test["perplexity"] < test["perplexity_ci95"][1]
    assert test["context_gain_ci95"][0] < test["context_gain"] < test["context_gain_ci95"][1]
    for scores in (test, metrics["baseline"]):
        assert scores["choices"] == 8  # no more different replies
        assert 0.15 < scores["right_choice_ci95"][0] < scores["right_choice_ci95"][1] <= 1
    for scores in (test, test["likeliest"], metrics["baseline"], metrics["people"]):
        assert 0 < scores["distinct_1"] < scores["distinct_2"] < 1
    assert metrics["baseline"]["name"] == "Reply to the nearest turn (TF-IDF)"
    assert metrics["hygiene"]["short_dialogues"] == 2 and metrics["hygiene"]["empty_turns"] == 2
    assert metrics["data"]["dialogues"] == 143
    manifest = model_directory.read(out).manifest
    assert (manifest.task, manifest.network["context"]) == ("chat", 2)
    assert manifest.network["match_weight"] in WEIGHTS and metrics["network"] == manifest.network
    page = (out / "report.html").read_text()
    assert "How varied its replies are" in page and "does not understand" in page and "<script" not in page
    assert "recurra chat ." in (out / "README.md").read_text()
    assert "examples" not in inspect(out)["metrics"]


def test_it_ranks_the_answers_that_it_learnt(trained: tuple[Path, dict[str, Any]]) -> None:
    chatter = load(trained[0], task="chat")
    replies = list(ANSWERS.values())
    scores = np.array([chatter.rank(["Hello 7.", question], replies) for question in ANSWERS])
    own = np.eye(len(replies), dtype=bool)
    assert scores[own].mean() > scores[~own].mean() + 1


def test_few_validation_replies_choose_no_factor(tmp_path: Path) -> None:
    write(tmp_path / "few.jsonl", made(12))
    options = task_options({**TINY, "epochs": 1})
    metrics = train(str(tmp_path / "few.jsonl"), tmp_path / "model", options, reporter=Reporter(quiet=True))
    assert metrics["split"]["valid"] < FEWEST_WEIGHED
    assert metrics["network"]["match_weight"] == USUAL_WEIGHT


def test_dialogues_unlike_those_in_training_are_scored_separately(trained: tuple[Path, dict[str, Any]]) -> None:
    """Made dialogues share most of their runs of words with another one; UNLIKE shares none."""
    _, metrics = trained
    apart = metrics["test"]["apart"]
    near = metrics["hygiene"]["near_repeats"]["held_out_replies"]
    assert apart["rows"] == 121 - near and 1 <= apart["rows"] < 60
    assert apart["perplexity"] != metrics["test"]["perplexity"] and apart["replies"] == apart["rows"]
    assert "bleu" in metrics["baseline"]["apart"]
    page = (trained[0] / "report.html").read_text()
    assert "unlike those in training" in page and "Right of ten" in page


def test_a_loaded_model_scores_as_in_training(folder: Path, trained: tuple[Path, dict[str, Any]]) -> None:
    found = evaluate(load(trained[0]), str(folder / "dev.jsonl"), DialogueOptions(), Reporter(quiet=True))
    assert found["rows"] == 121
    assert found["perplexity"] == pytest.approx(trained[1]["test"]["perplexity"], rel=1e-5)


def test_a_reply_goes_with_its_turn_and_its_seed(trained: tuple[Path, dict[str, Any]]) -> None:
    model = load(trained[0])
    assert isinstance(model, Chatter)
    right = sum(model.reply(["Hello.", question], beam=3) == answer for question, answer in ANSWERS.items())
    assert right >= 3
    turns = ["Hello.", "Coffee?"]
    assert model.reply(turns, seed=3) == model.reply(turns, seed=3)
    assert model.reply(turns, temperature=0) == model.reply(turns, beam=1)
    beyond = ["never read", " ", *turns]  # one turn more than the context, and an empty one
    assert model.reply(beyond, beam=2) == model.reply(turns, beam=2)
    assert len({model.reply(turns, temperature=5, top_p=None, seed=seed) for seed in range(5)}) > 1
    for bad in ({"temperature": -1}, {"top_p": 0}, {"top_k": 0}, {"beam": 0}):
        with pytest.raises(OptionError):
            model.reply(turns, **bad)
    for nothing in ([], [" "]):
        with pytest.raises(OptionError, match="nothing to reply to"):
            model.reply(nothing)
    with pytest.raises(OptionError, match="as a list of texts"):
        model.reply("Hello.")


def test_a_reply_comes_in_pieces_from_its_context_window(trained: tuple[Path, dict[str, Any]]) -> None:
    model = load(trained[0])
    window = model.context_window(["never read", "Hello.", " ", "Coffee?"])
    assert (window.turns, window.truncated) == (2, False)
    assert window.source == model.source([model.subwords.encode("Hello."), [], model.subwords.encode("Coffee?")])
    for turns, read, cut in ((["Coffee?"], 1, False), (["Hello.", "long " * 99], 1, True), (["a " * 99, "b"], 2, True)):
        window = model.context_window(turns)
        assert (window.turns, window.truncated) == (read, cut) and len(window.source) <= model.shape.max_tokens
    for how in ({"seed": 1}, {"seed": 2, "temperature": 9, "top_p": None}, {"beam": 2}):
        pieces = list(model.pieces(model.context_window(["Hello.", "Coffee?"]), **how))
        reply = "".join(pieces)
        assert reply == model.reply(["Hello.", "Coffee?"], **how) == reply.strip()
    with pytest.raises(OptionError, match="seed"):
        model.pieces(window, seed=-1)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"temperature": 0.7}, "temperature"),
        ({"top_k": 3, "top_p": None}, "top_k, top_p"),
        ({"top_p": 0.9, "seed": 0}, "top_p, seed"),
    ],
)
def test_a_beam_excludes_every_option_of_sampling(
    trained: tuple[Path, dict[str, Any]], options: dict[str, Any], names: str
) -> None:
    model = load(trained[0])
    expected = f"beam searches for the likeliest reply and samples nothing: leave out {names}, or beam."
    with pytest.raises(OptionError) as refused:
        model.reply(["Hello."], beam=2, **options)
    assert str(refused.value) == expected
    with pytest.raises(OptionError) as refused:  # before a piece is asked for
        model.pieces(model.context_window(["Hello."]), beam=2, **options)
    assert str(refused.value) == expected


def test_a_dialogue_is_remembered_until_it_is_reset(trained: tuple[Path, dict[str, Any]]) -> None:
    heard: list[list[str]] = []
    model = load(trained[0])
    lines = ["Hello.", "", "Coffee?", "/reset", "Coffee?", "/what is this", "/quit", "never"]
    with pytest.MonkeyPatch.context() as patch:
        reply = Chatter.reply
        patch.setattr(
            Chatter, "reply", lambda self, turns, **more: heard.append(list(turns)) or reply(self, turns, **more)
        )
        said = list(chat(load(trained[0]), lines, TalkOptions(seed=4), Reporter(quiet=True)))
    assert [one["turn"] for one in said] == ["Hello.", "Coffee?", "Coffee?"]
    assert heard == [["Hello."], ["Hello.", said[0]["reply"], "Coffee?"], ["Coffee?"]]
    assert [one["reply"] for one in chat(load(trained[0]), lines, TalkOptions(seed=4), Reporter(quiet=True))] == [
        one["reply"] for one in said
    ]
    assert model.shape.context == 2


def test_the_command_reads_what_is_piped_into_it(trained: tuple[Path, dict[str, Any]]) -> None:
    words = ["chat", str(trained[0]), "--beam", "2"]
    result = CliRunner().invoke(app(), words, input="Coffee?\n/reset\n/nothing\nHow are you?\n/quit\nCoffee?\n")
    assert result.exit_code == 0, result.stderr
    assert len(result.stdout.splitlines()) == 2
    assert "There is no /nothing; there are /reset and /quit." in result.stderr
    result = CliRunner().invoke(app(), [*words, "--json"], input="Coffee?\n")
    assert json.loads(result.stdout)["turn"] == "Coffee?"


def test_the_command_refuses_conflicting_options_and_other_bytes(trained: tuple[Path, dict[str, Any]]) -> None:
    words = ["chat", str(trained[0]), "--beam", "2"]
    result = CliRunner().invoke(app(), [*words, "--seed", "1", "--top-k", "3"], input="Coffee?\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "leave out --top-k, --seed, or --beam" in result.stderr
    result = CliRunner().invoke(app(), words, input=b"Coffee?\nCaf\xe9?\n")
    assert len(result.stdout.splitlines()) == 1
    assert "line 2, byte 4: 0xe9 is not valid utf-8. Send UTF-8 text." in result.stderr


def test_bad_input_is_refused(folder: Path, trained: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    def learnt(data: Path, **options: Any) -> None:
        train(str(data), tmp_path / "m", task_options({**TINY, **options}), reporter=Reporter(quiet=True))

    with pytest.raises(DataError, match=r"'turns'.*Keys found: 'said'"):
        learnt(folder / "train.jsonl")
    with pytest.raises(ReadError, match="does not exist"):
        learnt(folder / "none.jsonl")
    with pytest.raises(DataError, match="No pair is left"):
        learnt(write(tmp_path / "few.jsonl", [["a", "b"]]))
    one = write(tmp_path / "one.jsonl", [["a"]], key="said")
    with pytest.raises(DataError, match="no dialogue of two turns"):
        evaluate(load(trained[0]), str(one), DialogueOptions(), Reporter(quiet=True))
    with pytest.raises(OptionError, match="--context does not go with --task translate"):
        task_options({"task": "translate", "context": 2})
    plain = model_directory.read(trained[0], (model_directory.MODEL, model_directory.STEP, model_directory.TOKENIZER))
    network = {name: value for name, value in plain.manifest.network.items() if name != "context"}
    model_directory.write(
        tmp_path / "bare", plain.files, task="chat", labels=[], network=network, config={}, metrics={}, data={}
    )
    with pytest.raises(ArtefactError, match="does not state how many turns"):
        load(tmp_path / "bare")
