"""`POST /generate`: the model's own text, as a whole and streamed, and what is rejected."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import recurra
from support.servers import Servers


@pytest.mark.parametrize("prompt", ["", "abba", "abc\n<b>é日" + "jihg fed " * 500])
@pytest.mark.parametrize("how", [{"temperature": 1.5, "top_k": 4}, {"top_p": 0.7}, {}])
def test_a_text_is_the_models_own_whole_and_streamed(servers: Servers, prompt: str, how: dict[str, Any]) -> None:
    server = servers["generate"]
    model = recurra.load(servers.folder / "generate")
    expected = "".join(model.generate(prompt, 60, seed=7, **how))
    answer = server.post("/generate", prompt=prompt, tokens=60, seed=7, **how)
    assert (answer["model"], answer["text"], answer["seed"]) == ("generate", expected, 7)
    assert answer["unknown"] == [character for character in "é日" if character in prompt]
    pieces, last = server.stream("/generate", prompt=prompt, tokens=60, seed=7, **how)
    assert "".join(pieces) == expected and last == answer and len(pieces) == 60
    assert len(server.post("/generate", seed=1)["text"]) == 200


def test_without_a_seed_one_is_chosen_and_returned(servers: Servers) -> None:
    answer = servers["generate"].post("/generate", tokens=20)
    assert servers["generate"].post("/generate", tokens=20, seed=answer["seed"]) == answer


def test_concurrent_clients_with_other_seeds_do_not_disturb_each_other(servers: Servers) -> None:
    def text(seed: int) -> str:
        return str(servers["generate"].stream("/generate", tokens=300, seed=seed)[1]["text"])

    alone = [text(seed) for seed in range(6)]
    assert len(set(alone)) == 6
    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(text, [*range(6), *range(6)])) == alone * 2


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"prompt": 5}, "prompt"),
        ({"prompt": "a\0"}, "NUL"),
        ({"prompt": "secret" * 20_000}, "120,000 characters"),
        ({"tokens": 2001}, "tokens is 2,001; at most 2,000"),
        ({"tokens": 0}, "tokens"),
    ],
)
def test_an_invalid_request_is_a_422(servers: Servers, body: dict[str, Any], word: str) -> None:
    servers["generate"].rejects("/generate", body, word)
