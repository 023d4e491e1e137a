"""`POST /tag`: the model's own tags, and what is rejected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import recurra
from recurra.tasks.tag.http import tag_in_batches
from recurra.tasks.tag.schemes import converted
from support.live_models import write_tagger
from support.servers import Servers


def test_tags_are_the_models_own(servers: Servers) -> None:
    server = servers["tag"]
    model = recurra.load(servers.folder / "tag")
    texts = [f"w{n} the  w{n + 1}\tNew-York 3" for n in range(40)] + [" "]
    outputs = server.post("/tag", texts=texts)["outputs"]
    assert [output["tokens"] for output in outputs] == [text.split() for text in texts]
    assert [output["tags"] for output in outputs] == model.tag([text.split() for text in texts])
    words = [["New York", "w1"], []]
    assert [output["tags"] for output in server.post("/tag", sentences=words)["outputs"]] == model.tag(words)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "either 'texts' or 'sentences'"),
        ({"texts": ["a"], "sentences": [["a"]]}, "either 'texts' or 'sentences'"),
        ({"sentences": ["secret"]}, "list"),
        ({"sentences": [["a", ""]]}, "sentences.0.1"),
        ({"texts": ["a"], "scheme": "bio"}, "iob1"),
        ({"texts": ["a"], "scheme": "iobes"}, "tags that mark spans"),
    ],
)
def test_an_invalid_request_is_a_422(servers: Servers, body: dict[str, Any], word: str) -> None:
    servers["tag"].rejects("/tag", body, word)


def test_a_request_may_choose_the_scheme(tmp_path: Path) -> None:
    model = recurra.load(write_tagger(tmp_path / "m", tags=("B-X", "I-X", "O", "B-Y")), task="tag")
    sentences = [[f"w{n}", f"w{n + 1}", "x", f"w{2 * n}"] for n in range(40)]
    plain = [answer["tags"] for answer in tag_in_batches(model, sentences)]
    assert plain == model.tag(sentences)
    chosen = [answer["tags"] for answer in tag_in_batches(model, sentences, "bilou")]
    assert chosen == [converted(tags, "bilou") for tags in plain] != plain
