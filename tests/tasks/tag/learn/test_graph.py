"""The exported tagger against the network: the same scores and the same tags, whatever stands beside a sentence."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from recurra.errors import ArtefactError, ExportError, OptionError
from recurra.tasks.tag.features import WordFeatures
from recurra.tasks.tag.learn.check import check
from recurra.tasks.tag.learn.graph import build
from recurra.tasks.tag.learn.network import TaggerNetwork
from recurra.tasks.tag.learn.objective import TaggedExamples, Tagging
from recurra.tasks.tag.model import Tagger, input_names
from recurra.tasks.tag.shape import TaggerShape

WORDS = ["From", "the", "AP", "comes", "this", "story", ":", "2004", "x" * 40, "Éa", "unheard-of"]
TAGS = ["ADP", "DET", "NOUN", "X"]


def sentences(seed: int = 0) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    return [list(rng.choice(WORDS, length)) for length in (1, 3, 7, 30, 2, 1, 12)]


def made(**changes: Any) -> tuple[TaggerNetwork, Tagger]:
    word_features = WordFeatures.fitted(WORDS[:9] * 2, size=100, min_count=1, buckets=32)
    fields: dict[str, Any] = {
        "vocabulary": word_features.vocabulary, "embedding": 6, "kind_embedding": 3, "affix_buckets": 32,
        "affix_embedding": 5, "characters": "convolution", "alphabet": word_features.alphabet, "character_embedding": 4,
        "character_features": 8, "cell": "lstm", "hidden": 7, "layers": 2, "tags": len(TAGS), "crf": False,
    }  # fmt: skip
    torch.manual_seed(0)
    network = TaggerNetwork(TaggerShape(**{**fields, **changes})).eval()
    for name, weight in network.named_parameters():
        if name.startswith("crf"):
            torch.nn.init.normal_(weight)
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    return network, Tagger(network.shape, word_features, build(network.shape, weights), TAGS, threads=1)


@pytest.mark.parametrize(
    ("cell", "characters", "crf", "affixes"),
    [
        *itertools.product(("lstm", "gru", "rnn"), ("convolution", "recurrent"), (True,), (5,)),
        ("lstm", "none", False, 0),
        ("gru", "convolution", False, 5),
    ],
)
def test_the_graph_answers_as_the_network_does(cell: str, characters: str, crf: bool, affixes: int) -> None:
    network, tagger = made(cell=cell, characters=characters, crf=crf, affix_embedding=affixes)
    texts = sentences()
    check(network, tagger, texts)
    rows = TaggedExamples.of(texts, [[0] * len(words) for words in texts], tagger.word_features)
    with torch.no_grad():
        batch, _ = rows.batch(np.arange(len(rows)))
        scores = network(batch)
        expected = Tagging(network.crf).predicted(scores, batch.index.lengths)
    for row, (own, tags) in enumerate(zip(tagger.scores(texts), tagger.tag(texts), strict=True)):
        length = len(texts[row])
        np.testing.assert_allclose(own, scores[row, :length].numpy(), atol=1e-5, rtol=1e-4)
        assert tags == [TAGS[tag] for tag in expected[row, :length]]


@pytest.mark.parametrize("crf", [False, True])
def test_a_sentence_is_tagged_the_same_alone_and_in_a_batch(crf: bool) -> None:
    _, tagger = made(crf=crf, characters="recurrent")
    texts = [*sentences(1), [], *sentences(2), []]
    together, apart = tagger.tag(texts), [tagger.tag([words])[0] for words in texts]
    assert together == apart and together[7] == together[-1] == []
    for one, other in zip(tagger.scores(texts), (tagger.scores([words])[0] for words in texts), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    two = Tagger(tagger.shape, tagger.word_features, _graph(tagger), TAGS, threads=2)
    assert two.tag(texts * 40) == together * 40
    assert tagger.tag([]) == []


def _graph(tagger: Tagger) -> bytes:
    network, _ = made(crf=tagger.shape.crf, characters=tagger.shape.characters)
    return build(network.shape, {name: tensor.numpy() for name, tensor in network.state_dict().items()})


def test_the_inputs_are_those_that_the_network_needs() -> None:
    network, tagger = made(characters="none", affix_embedding=0)
    assert input_names(tagger.shape) == ("words", "kinds", "index", "lengths")
    graph = build(network.shape, {name: tensor.numpy() for name, tensor in network.state_dict().items()})
    assert [value.name for value in onnx.load_from_string(graph).graph.input] == list(input_names(tagger.shape))


def test_what_cannot_be_tagged_is_refused() -> None:
    _, tagger = made()
    with pytest.raises(OptionError, match="got one text"):
        tagger.tag("some text")
    with pytest.raises(OptionError, match="Sentence 1 is not a list of words"):
        tagger.tag([["fine"], "not fine"])
    with pytest.raises(OptionError, match="Sentence 0 is not a list of words"):
        tagger.tag([["fine", 3]])  # type: ignore[list-item]


def test_parts_of_different_models_are_refused() -> None:
    network, tagger = made(crf=True)
    graph = _graph(tagger)
    with pytest.raises(ArtefactError, match="do not fit each other"):
        Tagger(tagger.shape, tagger.word_features, graph, TAGS[:3])
    with pytest.raises(ArtefactError, match="inputs and outputs"):
        Tagger(tagger.shape.model_copy(update={"characters": "none"}), tagger.word_features, graph, TAGS)
    with pytest.raises(ArtefactError, match="inputs and outputs"):
        Tagger(tagger.shape.model_copy(update={"crf": False}), tagger.word_features, graph, TAGS)
    with pytest.raises(ArtefactError, match="cannot be loaded"):
        Tagger(tagger.shape, tagger.word_features, b"nonsense", TAGS)
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    with pytest.raises(ExportError, match="not finite"):
        build(network.shape, weights | {"head.bias": np.full(len(TAGS), np.nan, np.float32)})


def test_word_features_survive_their_file() -> None:
    _, tagger = made()
    again = WordFeatures.from_json(tagger.word_features.to_json())
    one, other = again.features(WORDS), tagger.word_features.features(WORDS)
    for name in ("words", "word_shapes", "affixes", "characters", "sizes"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_the_old_name_of_the_word_features_warns() -> None:
    _, tagger = made()
    with pytest.warns(DeprecationWarning, match=r"Tagger\.lexicon is deprecated; use Tagger\.word_features"):
        assert tagger.lexicon is tagger.word_features
