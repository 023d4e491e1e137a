"""Models of each link, from text to answer: both engines give what the link makes of the network's logits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from recurra.errors import ArtefactError
from recurra.many_to_one.engines.kernel import KernelEngine, available
from recurra.many_to_one.learn.graph import build
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.link import LINKS
from recurra.many_to_one.model import TextModel
from recurra.many_to_one.shape import ManyToOneShape
from recurra.nn.batch import Batch
from recurra.text.word_tokenizer import WordTokenizer
from support.ngram_models import WORDS

TEXTS = ["w1 w2 w3", "", "w4 w4 w5 w0 w1 w9 w13 w2", "zork w7", "w3"]
LINKED = [
    {"link": "sigmoid", "outputs": 1},
    {"link": "sigmoid", "outputs": 4},
    {"link": "cumulative", "outputs": 1, "levels": 2},
    {"link": "cumulative", "outputs": 1, "levels": 5},
    {"link": "identity", "outputs": 1},
]


def network_of(members: int = 1, **fields: Any) -> ManyToOneNetwork:
    plain = {
        "vocabulary": len(WORDS) + 2,
        "embedding": 4,
        "cell": "lstm",
        "hidden": 3,
        "layers": 1,
        "direction": "both",
    }
    beside = {"pooling": "max", "ngrams": 2, "ngram_buckets": 101}
    made = ManyToOneNetwork(ManyToOneShape.model_validate(plain | beside | fields), words=WORDS).eval()
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.copy_(0.5 * torch.randn(parameter.shape, generator=generator))
        assert made.ngrams is not None
        made.ngrams.table.weight[:2] = 0
    return made


@pytest.mark.parametrize("fields", LINKED, ids=str)
@pytest.mark.parametrize("engine", ["kernel", "graph"])
def test_the_answer_is_what_the_link_makes_of_the_networks_logits(fields: dict[str, Any], engine: str) -> None:
    made, temperature = network_of(**fields), 1.0 if fields["link"] == "identity" else 1.7
    tokenizer, weights = WordTokenizer(WORDS, max_tokens=None), made.exported()
    if engine == "kernel" and not available():
        pytest.skip("no kernel was built here")
    shape = made.shape
    answering = KernelEngine(shape, weights, temperature) if engine == "kernel" else None
    labels = [f"l{k}" for k in range(shape.labels)]
    model = TextModel(tokenizer, build(shape, weights, temperature), labels, engine=answering, network=shape)
    with torch.no_grad():
        batch = Batch.of([tokenizer.encode(text).ids for text in TEXTS])
        logits = made(batch).double().numpy() / temperature
    expected = LINKS[shape.link].exact(logits)
    answers = model.answers(TEXTS)
    assert answers.shape == (len(TEXTS), shape.classes)
    np.testing.assert_allclose(answers, expected, atol=0.02)  # the weights of n-grams are rounded to 8 bits
    assert np.ptp(answers, axis=0).max() > 0.05
    if fields["link"] != "identity":
        assert (answers >= 0).all() and (answers <= 1).all()
    if fields["link"] == "cumulative":
        np.testing.assert_allclose(answers.sum(axis=1), 1)
        assert (np.diff(weights["thresholds"]) > 0).all()
    parts = list(model.answer_iter(TEXTS, chunk=2))
    np.testing.assert_allclose(np.concatenate([part.answers for part in parts]), answers, atol=1e-6)
    assert [int(part.read.tokens.sum()) for part in parts] == [3, 10, 1]


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"link": "cumulative", "outputs": 1}, "levels"),
        ({"link": "cumulative", "outputs": 3, "levels": 4}, "one output"),
        ({"link": "softmax", "outputs": 3, "levels": 3}, "levels"),
        ({"link": "identity", "outputs": 2}, "one output"),
    ],
)
def test_a_shape_whose_outputs_do_not_fit_its_link_is_refused(fields: dict[str, Any], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        network_of(**fields)


def test_a_number_has_no_labels() -> None:
    made = network_of(link="identity", outputs=1)
    graph = build(made.shape, made.exported())
    with pytest.raises(ArtefactError, match="0 classes and there are 1 labels"):
        TextModel(WordTokenizer(WORDS, max_tokens=None), graph, ["a"], network=made.shape)
