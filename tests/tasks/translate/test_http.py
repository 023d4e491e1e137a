"""`POST /translate`: the model's own translations and attention, and what is rejected."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import recurra
from support.servers import Servers


def test_translations_are_the_models_own_and_the_attention_too(servers: Servers) -> None:
    server = servers["translate"]
    model = recurra.load(servers.folder / "translate")
    texts = ["Good morning to you.", "", "日本 \U0001f600", "x" * 200, *(f"Where do {n} live?" for n in range(30))]
    for how in ({}, {"beam": 1}, {"beam": 40, "length_penalty": 0.5}):
        outputs = server.post("/translate", texts=texts, **how)["outputs"]
        expected = list(model.translate_iter(texts, **how))
        assert [output["translation"] for output in outputs] == [result.text for result in expected]
        assert [output["truncated"] for output in outputs] == [result.truncated for result in expected]
        scores = [result.score for result in expected]
        np.testing.assert_allclose([output["score"] for output in outputs], scores, atol=1e-4)
    first, empty = server.post("/translate", texts=texts[:2], attention=True)["outputs"]
    alignment = model.align(texts[0])
    assert first["attention"]["source"] == list(alignment.source)
    assert first["attention"]["target"] == list(alignment.target)
    np.testing.assert_allclose(first["attention"]["weights"], alignment.weights, atol=1e-3)
    assert "attention" not in empty and "attention" not in outputs[0]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"texts": []}, "at least 1"),
        ({"texts": ["a"], "beam": 0}, "beam"),
        ({"texts": ["a"], "length_penalty": 5}, "length_penalty"),
    ],
)
def test_an_invalid_request_is_a_422(servers: Servers, body: dict[str, Any], word: str) -> None:
    servers["translate"].rejects("/translate", body, word)
