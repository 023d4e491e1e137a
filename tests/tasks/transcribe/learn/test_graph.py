"""The exported transcriber against the network: the same log-probabilities, whatever stands beside an utterance."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from recurra.errors import ArtefactError, ExportError
from recurra.nn.batch import Batch
from recurra.tasks.transcribe.alphabet import Alphabet
from recurra.tasks.transcribe.learn.check import check
from recurra.tasks.transcribe.learn.graph import build
from recurra.tasks.transcribe.model import Transcriber
from support.random_transcribers import ALPHABET, made, utterances
from support.torch_cells import MODULES


@pytest.mark.parametrize(("cell", "direction", "layers"), [*itertools.product(MODULES, ("both", "forward"), (1, 3))])
def test_the_graph_answers_as_the_network_does(cell: str, direction: str, layers: int) -> None:
    network, transcriber = made(cell=cell, direction=direction, layers=layers)
    frames = utterances()
    check(network, transcriber, frames)
    together = transcriber.log_probabilities(frames)
    for steps, answer in zip(frames, together, strict=True):
        with torch.no_grad():
            expected = network(Batch.of([steps])).log_softmax(-1)[0].numpy()
        np.testing.assert_allclose(answer, expected, atol=2e-5)
        np.testing.assert_allclose(transcriber.log_probabilities([steps])[0], answer, atol=2e-5)
        np.testing.assert_allclose(np.exp(answer).sum(1), 1, atol=1e-5)


def test_changes_widen_the_inputs() -> None:
    network, transcriber = made(changes=True)
    assert network.shape.inputs == transcriber.front_end.width == 32
    check(network, transcriber, utterances(32))


@pytest.mark.parametrize("cell", MODULES)
def test_a_forward_graph_goes_on_where_it_stopped(cell: str) -> None:
    _, transcriber = made(cell=cell, direction="forward")
    (whole,) = transcriber.log_probabilities([utterances()[2]])
    names = transcriber.shape.states
    states: dict[str, NDArray[np.float32]] = {}
    parts = []
    for part in np.split(utterances()[2], [1, 2, 9, 20]):
        feeds = {"frames": part[None], "lengths": np.array([len(part)]), **states}
        answer, *after = transcriber.graph.run(["log_probabilities", *(f"present.{name}" for name in names)], feeds)
        states = {f"past.{name}": state for name, state in zip(names, after, strict=True)}
        parts.append(answer[0])
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=2e-5)


def test_a_graph_of_another_network_is_refused() -> None:
    network, _ = made()
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    graph = build(network.shape, weights)
    with pytest.raises(ArtefactError, match="different models"):
        Transcriber(network.shape, Alphabet(" ab"), graph)
    forward = network.shape.model_copy(update={"direction": "forward"})
    with pytest.raises(ArtefactError, match="different models"):
        Transcriber(forward, ALPHABET, graph)
    weights["head.bias"] = weights["head.bias"] + np.float32(np.nan)
    with pytest.raises(ExportError, match="not finite"):
        build(network.shape, weights)
