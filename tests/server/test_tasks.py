"""Models of every task over HTTP: they answer as they do without a server, whole and streamed, and refuse the rest."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import recurra
from recurra.errors import ArtefactError
from recurra.http.model_reloader import ModelReloader
from recurra.server.model_loading import load_model
from recurra.tasks.generate.command import generate
from recurra.tasks.generate.options import WriteOptions
from recurra.tasks.registry import all_tasks, load
from recurra.terminal.progress import Reporter
from support.live_models import WRITERS, write_chatter, write_tagger
from support.live_server import Server, Starter, ended_well, start_server, until, write_model

TASKS = {task.name: task.served() for task in all_tasks()}

KEY = "0123456789abcdef-of-the-task"
TURNS = ["Good morning.", "Where do you live? 日本", "Where else?", "And you, naïve one?"]
FIXTURES = {"classify": "server", "chat": "chat", "generate": "writer", "translate": "translator", "tag": "tagger"}
WORK = {
    "chat": ("/chat", {"turns": ["zanzibar"], "seed": 1}),
    "generate": ("/generate", {"prompt": "zanzibar", "tokens": 5, "seed": 1}),
    "translate": ("/translate", {"texts": ["zanzibar"]}),
    "tag": ("/tag", {"texts": ["zanzibar w1"]}),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tasks")


def served(task: str, folder: Path) -> Iterator[Server]:
    running = start_server(WRITERS[task](folder / task), folder / f"{task}-errors")
    yield running
    ended_well(running)


@pytest.fixture(scope="module")
def chat(folder: Path) -> Iterator[Server]:
    yield from served("chat", folder)


@pytest.fixture(scope="module")
def writer(folder: Path) -> Iterator[Server]:
    yield from served("generate", folder)


@pytest.fixture(scope="module")
def translator(folder: Path) -> Iterator[Server]:
    yield from served("translate", folder)


@pytest.fixture(scope="module")
def tagger(folder: Path) -> Iterator[Server]:
    yield from served("tag", folder)


def asked(server: Server, path: str, **given: Any) -> Any:
    answer = server.ask("POST", path, given)
    assert answer.status == 200, answer.content
    return answer.json


def streamed(server: Server, path: str, **given: Any) -> tuple[list[str], Any]:
    """Return (pieces, the answer at the end) of a stream."""
    answer = server.ask("POST", path, {**given, "stream": True})
    assert answer.status == 200 and answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    events = answer.content.decode().split("\n\n")
    assert events.pop() == "" and all(event.startswith("data: ") for event in events)
    told = [json.loads(event.removeprefix("data: ")) for event in events]
    assert [list(one) for one in told] == [["piece"]] * (len(told) - 1) + [["answer"]]
    return [one["piece"] for one in told[:-1]], told[-1]["answer"]


@pytest.mark.parametrize(
    "how",
    [
        *({"seed": seed} for seed in range(8)),
        {"seed": 3, "temperature": 4.0, "top_p": None},
        {"seed": 2**53 - 1, "temperature": 1, "top_k": 5},
        {"temperature": 0},
        {"beam": 3},
        {"beam": 2, "seed": None, "top_k": None},
    ],
)
def test_a_reply_is_the_models_own_whole_and_streamed(chat: Server, folder: Path, how: dict[str, Any]) -> None:
    model = recurra.load(folder / "chat")
    expected = model.reply(TURNS, **how)
    answer = asked(chat, "/chat", turns=TURNS, **how)
    assert (answer["model"], answer["reply"]) == ("chat", expected)
    assert (answer["turns_read"], answer["tokens"], answer["truncated"]) == (2, 24, True)
    pieces, last = streamed(chat, "/chat", turns=TURNS, **how)
    assert "".join(pieces) == last["reply"] == expected
    assert "seed" not in how or last == answer
    assert len(pieces) > 1 or len(expected) < 2 or "beam" in how


def test_without_a_seed_one_is_drawn_and_told(chat: Server, writer: Server) -> None:
    replies = [asked(chat, "/chat", turns=["a", " ", "b"], temperature=5) for _ in range(4)]
    assert len({answer["seed"] for answer in replies}) == 4
    assert asked(chat, "/chat", turns=["a", " ", "b"], temperature=5, seed=replies[0]["seed"]) == replies[0]
    assert replies[0]["turns_read"] == 2 and replies[0]["truncated"] is False
    text = asked(writer, "/generate", tokens=20)
    assert asked(writer, "/generate", tokens=20, seed=text["seed"]) == text


@pytest.mark.parametrize("prompt", ["", "abba", "abc\n<b>é日" + "jihg fed " * 500])
@pytest.mark.parametrize("how", [{"temperature": 1.5, "top_k": 4}, {"top_p": 0.7}, {}])
def test_a_text_is_what_the_command_writes_whole_and_streamed(
    writer: Server, folder: Path, prompt: str, how: dict[str, Any]
) -> None:
    options = WriteOptions(prompt=prompt, tokens=60, seed=7, **how)
    writing = generate(load(folder / "generate", task="generate"), options, Reporter(quiet=True))
    expected = "".join(writing)
    answer = asked(writer, "/generate", prompt=prompt, tokens=60, seed=7, **how)
    assert answer == {"model": "generate", "text": expected, "seed": 7, "unknown": writing.unknown}
    pieces, last = streamed(writer, "/generate", prompt=prompt, tokens=60, seed=7, **how)
    assert "".join(pieces) == expected and last == answer and len(pieces) == 60
    assert len(asked(writer, "/generate", seed=1)["text"]) == 200


def test_translations_are_the_models_own_and_the_attention_too(translator: Server, folder: Path) -> None:
    model = recurra.load(folder / "translate")
    texts = ["Good morning to you.", "", "日本 \U0001f600", "x" * 200, *(f"Where do {n} live?" for n in range(30))]
    for how in ({}, {"beam": 1}, {"beam": 40, "length_penalty": 0.5}):
        outputs = asked(translator, "/translate", texts=texts, **how)["outputs"]
        found = list(model.translate_iter(texts, **how))
        assert [output["translation"] for output in outputs] == [one.text for one in found]
        assert [output["truncated"] for output in outputs] == [one.truncated for one in found]
        np.testing.assert_allclose([output["score"] for output in outputs], [one.score for one in found], atol=1e-4)
    first, empty = asked(translator, "/translate", texts=texts[:2], attention=True)["outputs"]
    known = model.align(texts[0])
    assert (first["attention"]["source"], first["attention"]["target"]) == (list(known.source), list(known.target))
    np.testing.assert_allclose(first["attention"]["weights"], known.weights, atol=1e-3)
    assert "attention" not in empty and "attention" not in outputs[0]


def test_tags_are_the_models_own(tagger: Server, folder: Path) -> None:
    model = recurra.load(folder / "tag")
    texts = [f"w{n} the  w{n + 1}\tNew-York 3" for n in range(40)] + [" "]
    outputs = asked(tagger, "/tag", texts=texts)["outputs"]
    assert [output["tokens"] for output in outputs] == [text.split() for text in texts]
    assert [output["tags"] for output in outputs] == model.tag([text.split() for text in texts])
    words = [["New York", "w1"], []]
    assert [output["tags"] for output in asked(tagger, "/tag", sentences=words)["outputs"]] == model.tag(words)


def test_clients_with_other_seeds_do_not_disturb_each_other(chat: Server, writer: Server) -> None:
    alone = {seed: asked(writer, "/generate", tokens=300, seed=seed)["text"] for seed in range(6)}
    replies = {seed: asked(chat, "/chat", turns=TURNS, seed=seed, temperature=3)["reply"] for seed in range(6)}
    assert len(set(alone.values())) == 6
    with ThreadPoolExecutor(12) as pool:
        for seed, one, other in pool.map(
            lambda seed: (
                seed,
                streamed(writer, "/generate", tokens=300, seed=seed)[1]["text"],
                asked(chat, "/chat", turns=TURNS, seed=seed, temperature=3)["reply"],
            ),
            [0, 1, 2, 3, 4, 5] * 2,
        ):
            assert (one, other) == (alone[seed], replies[seed])


@pytest.mark.parametrize(
    ("task", "body", "word"),
    [
        ("chat", {}, "'turns' is missing"),
        ("chat", {"turns": []}, "at least 1"),
        ("chat", {"turns": ["", " "]}, "every turn is empty"),
        ("chat", {"turns": "secret"}, "list"),
        ("chat", {"turns": ["a", 5]}, "turns.1"),
        ("chat", {"turns": ["a"] * 257}, "turns has 257 texts; at most 256"),
        ("chat", {"turns": ["a", "secret" * 20_000]}, "turns.1 has 120,000 characters"),
        ("chat", {"turns": ["a"], "temperature": "warm"}, "temperature"),
        ("chat", {"turns": ["a"], "temperature": -1}, "temperature: input should be greater than or equal to 0"),
        ("chat", {"turns": ["a"], "temperature": True}, "temperature"),
        ("chat", {"turns": ["a"], "top_p": 0}, "top_p"),
        ("chat", {"turns": ["a"], "top_k": 1.5}, "top_k"),
        ("chat", {"turns": ["a"], "beam": 65}, "less than or equal to 64"),
        (
            "chat",
            {"turns": ["a"], "beam": 2, "seed": 1, "top_k": 3},
            "leave out seed, top_k, or beam",
        ),
        ("chat", {"turns": ["a"], "seed": -1}, "seed"),
        ("chat", {"turns": ["a"], "seeed": 1}, "no field 'seeed'; known here: temperature"),
        ("chat", {"turns": ["a"], "stream": "yes"}, "stream"),
        ("generate", {"prompt": 5}, "prompt"),
        ("generate", {"prompt": "a\0"}, "NUL"),
        ("generate", {"prompt": "secret" * 20_000}, "120,000 characters"),
        ("generate", {"tokens": 2001}, "tokens is 2,001; at most 2,000"),
        ("generate", {"tokens": 0}, "tokens"),
        ("translate", {"texts": []}, "at least 1"),
        ("translate", {"texts": ["a"], "beam": 0}, "beam"),
        ("translate", {"texts": ["a"], "length_penalty": 5}, "length_penalty"),
        ("tag", {}, "either 'texts' or 'sentences'"),
        ("tag", {"texts": ["a"], "sentences": [["a"]]}, "either 'texts' or 'sentences'"),
        ("tag", {"sentences": ["secret"]}, "list"),
        ("tag", {"sentences": [["a", ""]]}, "sentences.0.1"),
    ],
)
def test_what_does_not_fit_is_a_422(task: str, body: dict[str, Any], word: str, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue(FIXTURES[task])
    answer = server.ask("POST", f"/{task}", body)
    assert answer.status == 422, answer.content
    message = answer.json["error"]["message"]
    assert word in message and "secret" not in message


def test_what_is_no_json_is_a_400_streamed_or_not(chat: Server) -> None:
    for body in (b'{"turns": ["a"], "temperature": NaN}', b'{"turns": ["a"], "temperature": 1e999, "stream": true}'):
        answer = chat.ask("POST", "/chat", body, {"Content-Type": "application/json"})
        assert answer.status == 400 and "not JSON" in answer.json["error"]["message"]


@pytest.mark.parametrize("task", list(TASKS))
def test_a_server_shows_and_answers_what_its_model_can_do_and_no_more(
    task: str, server: Server, request: pytest.FixtureRequest
) -> None:
    running = request.getfixturevalue(FIXTURES[task])
    interface = running.ask("GET", "/openapi.json").json["paths"].keys()
    page = running.ask("GET", "/").content.decode()
    summary = running.ask("GET", "/model").json
    assert summary["task"] == task and summary["answers"].keys() == TASKS[task].routes.keys()
    assert "<!-- t" not in page and "/static/page.js" in page
    for name, title in TASKS[task].tabs:
        assert (
            f'id="tab-{name}"' in page and f">{title}</button>" in page and f'<div role="tabpanel" id="{name}"' in page
        )
    assert page.count('role="tab"') == len(TASKS[task].tabs) == page.count('role="tabpanel"')
    for other in TASKS.values():
        for path in other.routes.keys() - TASKS[task].routes.keys() - {"/v2/models/{name}/infer", "/stream"}:
            answer = running.ask("POST", path, {})
            assert path not in interface and answer.status == 404
            message = answer.json["error"]["message"]
            assert f"a model of the task {other.name}" in message and TASKS[task].usage in message
    if task != "classify":
        name = summary["name"]
        assert f"/{task}" in interface and "Open Inference" in str(running.ask("GET", "/openapi.json").json)
        assert running.ask("GET", f"/v2/models/{name}/ready").json == {"name": name, "ready": True}
        infer = running.ask("POST", f"/v2/models/{name}/infer", {"inputs": []})
        assert infer.status == 404 and TASKS[task].description in infer.json["error"]
        with pytest.raises(InvalidStatus) as refused:
            connect(f"ws://{running.host}:{running.port}/stream")
        assert refused.value.response.status_code == 404


def test_health_report_and_figures_are_there_for_all_and_never_quote(
    chat: Server, writer: Server, translator: Server, tagger: Server
) -> None:
    for task, running in (("chat", chat), ("generate", writer), ("translate", translator), ("tag", tagger)):
        path, body = WORK[task]
        count = f'recurra_requests_total{{method="POST",route="{path}",status="200"}}'
        before, steps = running.figure(count), running.figure("recurra_steps_total")
        asked(running, path, **body)
        assert running.figure(count) == before + 1 and running.figure("recurra_steps_total") > steps
        assert running.ask("GET", "/v2/health/ready").json == {"ready": True}
        assert b"It is random." in running.ask("GET", "/report").content
        assert f"POST {path} 200" in running.log()
        assert "zanzibar" not in running.log() + running.ask("GET", "/metrics").content.decode()


def test_keys_guard_every_task(start: Starter, folder: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(KEY)
    keys.chmod(0o600)
    running = start(WRITERS["chat"](tmp_path / "chat"), "--api-key-file", str(keys), "--workers", "2")
    assert running.ask("POST", "/chat", {"turns": ["a"]}).status == 401
    answer = running.ask("POST", "/chat", {"turns": ["a"], "stream": True}, {"X-API-Key": KEY})
    assert answer.status == 200 and b'data: {"answer"' in answer.content
    ended_well(running)


def test_another_model_is_loaded_and_one_of_another_task_is_not(start: Starter, tmp_path: Path) -> None:
    directory = write_tagger(tmp_path / "model", tags=("A", "B"))
    running = start(directory)
    write_tagger(directory, tags=("C", "D"))
    running.process.send_signal(signal.SIGHUP)
    until(lambda: running.ask("GET", "/model").json["labels"] == ["C", "D"], "the new tagger is loaded")
    write_chatter(directory)
    running.process.send_signal(signal.SIGHUP)
    until(lambda: running.figure("recurra_model_stale "), "the other task is noticed")
    error = running.ask("GET", "/model").json["loading"]["last_error"]
    assert "task 'chat'" in error and "task 'tag'" in error and "start the server again" in error
    assert set(asked(running, "/tag", texts=["w1 w2"])["outputs"][0]["tags"]) <= {"C", "D"}
    assert running.stop() == 0


def test_the_first_model_must_be_of_the_task_that_was_looked_up(tmp_path: Path) -> None:
    directory = write_model(tmp_path / "model")
    reloader = ModelReloader(directory, load_model, task="classify")
    reloader.load()
    write_chatter(directory)
    with pytest.raises(ArtefactError, match="task 'chat'"):
        ModelReloader(directory, load_model, task="classify").load()
    assert reloader.reload() is False and reloader.current is not None and reloader.current.task == "classify"
