"""`POST /chat`: the model's own replies, as a whole and streamed, and what is rejected."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import recurra
from support.servers import Servers

TURNS = ["Good morning.", "Where do you live? 日本", "Where else?", "And you, naïve one?"]


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
def test_a_reply_is_the_models_own_whole_and_streamed(servers: Servers, how: dict[str, Any]) -> None:
    server = servers["chat"]
    expected = recurra.load(servers.folder / "chat").reply(TURNS, **how)
    answer = server.post("/chat", turns=TURNS, **how)
    assert (answer["model"], answer["reply"]) == ("chat", expected)
    assert (answer["turns_read"], answer["tokens"], answer["truncated"]) == (2, 24, True)
    pieces, last = server.stream("/chat", turns=TURNS, **how)
    assert "".join(pieces) == last["reply"] == expected
    assert "seed" not in how or last == answer
    assert len(pieces) > 1 or len(expected) < 2 or "beam" in how


def test_without_a_seed_one_is_chosen_and_returned(servers: Servers) -> None:
    turns = ["a", " ", "b"]
    replies = [servers["chat"].post("/chat", turns=turns, temperature=5) for _ in range(4)]
    assert len({answer["seed"] for answer in replies}) == 4
    assert servers["chat"].post("/chat", turns=turns, temperature=5, seed=replies[0]["seed"]) == replies[0]
    assert replies[0]["turns_read"] == 2 and replies[0]["truncated"] is False


def test_concurrent_clients_with_other_seeds_do_not_disturb_each_other(servers: Servers) -> None:
    def reply(seed: int) -> str:
        return str(servers["chat"].post("/chat", turns=TURNS, seed=seed, temperature=3)["reply"])

    alone = [reply(seed) for seed in range(6)]
    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(reply, [*range(6), *range(6)])) == alone * 2


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "'turns' is missing"),
        ({"turns": []}, "at least 1"),
        ({"turns": ["", " "]}, "every turn is empty"),
        ({"turns": "secret"}, "list"),
        ({"turns": ["a", 5]}, "turns.1"),
        ({"turns": ["a"] * 257}, "turns has 257 texts; at most 256"),
        ({"turns": ["a", "secret" * 20_000]}, "turns.1 has 120,000 characters"),
        ({"turns": ["a"], "temperature": "warm"}, "temperature"),
        ({"turns": ["a"], "temperature": -1}, "temperature: input should be greater than or equal to 0"),
        ({"turns": ["a"], "temperature": True}, "temperature"),
        ({"turns": ["a"], "top_p": 0}, "top_p"),
        ({"turns": ["a"], "top_k": 1.5}, "top_k"),
        ({"turns": ["a"], "beam": 65}, "less than or equal to 64"),
        ({"turns": ["a"], "beam": 2, "seed": 1, "top_k": 3}, "leave out seed, top_k, or beam"),
        ({"turns": ["a"], "seed": -1}, "seed"),
        ({"turns": ["a"], "seeed": 1}, "no field 'seeed'; known here: temperature"),
        ({"turns": ["a"], "stream": "yes"}, "stream"),
    ],
)
def test_an_invalid_request_is_a_422(servers: Servers, body: dict[str, Any], word: str) -> None:
    servers["chat"].rejects("/chat", body, word)


def test_invalid_json_is_a_400_streamed_or_not(servers: Servers) -> None:
    for body in (b'{"turns": ["a"], "temperature": NaN}', b'{"turns": ["a"], "temperature": 1e999, "stream": true}'):
        answer = servers["chat"].ask("POST", "/chat", body, {"Content-Type": "application/json"})
        assert answer.status == 400 and "not JSON" in answer.json["error"]["message"]
