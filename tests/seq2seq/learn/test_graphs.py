"""The two graphs answer as the network does: ONNX Runtime against torch, and beam search token for token."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import torch

from recurra.errors import ExportError
from recurra.nn.batch import Batch
from recurra.seq2seq.beam_search import Search, align, beam_search
from recurra.seq2seq.learn.graphs import build_encoder, build_step
from recurra.seq2seq.learn.network import Memory, Pairs, Seq2Seq
from recurra.seq2seq.session import Seq2SeqSession
from recurra.seq2seq.shape import BEGIN, END, Seq2SeqShape
from support.torch_cells import MODULES


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small products are slower on several threads, and far slower where these must wait for other programs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def made(cell: str, layers: int = 1, seed: int = 0, match: int = 0) -> tuple[Seq2Seq, Seq2SeqSession]:
    """A network whose answers differ from source to source, come to an end, and are never a tie; and its session."""
    shape = Seq2SeqShape(
        vocabulary=19, embedding=7, cell=cell, hidden=6, layers=layers, max_tokens=12, beam=3, length_penalty=1.0,
        match=match,
    )  # fmt: skip
    network = Seq2Seq(shape).eval()
    torch.manual_seed(seed)  # what follows does not depend on how a network starts
    with torch.no_grad():
        for weight in network.parameters():
            weight.uniform_(-0.7, 0.7)
        network.embedding.weight.mul_(2)
        network.bias[END] = 1.0
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    return network, Seq2SeqSession(shape, build_encoder(shape, weights), build_step(shape, weights))


def sequences(count: int, seed: int, longest: int = 9) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(2, 19, rng.integers(1, longest + 1)).astype(np.int32) for _ in range(count)]


@pytest.mark.parametrize("cell", MODULES)
@pytest.mark.parametrize("layers", [1, 2])
def test_log_probabilities_are_those_of_the_network(cell: str, layers: int) -> None:
    network, session = made(cell, layers)
    sources, targets = sequences(9, 1), sequences(9, 2)
    begun = [np.concatenate([[BEGIN], target]).astype(np.int32) for target in targets]
    with torch.inference_mode():
        logits = network(Pairs(Batch.of(sources), Batch.of(begun))).log_softmax(-1).numpy()
    wanted = np.concatenate([[*target, END] for target in targets])
    found = align(session, session.read(sources), targets)
    np.testing.assert_allclose(
        np.concatenate([nats for nats, _, _ in found]), logits[np.arange(len(wanted)), wanted], atol=1e-4
    )
    for (_, attention, _), source in zip(found, sources, strict=True):
        assert attention.shape[1] == len(source)
        np.testing.assert_allclose(attention.sum(1), 1, atol=1e-5)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_vectors_for_matching_are_those_of_the_network_whatever_the_padding(cell: str) -> None:
    network, session = made(cell, 2, match=5)
    rows = sequences(9, 3)
    with torch.inference_mode():
        memory = network.encode(Batch.of(rows))
        expected = network.matched(memory.states, memory.mask)
    for found, wanted in zip(session.match_vectors(rows), expected, strict=True):
        assert found.shape == (9, 5)
        np.testing.assert_allclose(found, wanted.numpy(), atol=1e-5)
    alone = np.concatenate([session.match_vectors([row])[0] for row in rows])
    np.testing.assert_allclose(session.match_vectors(rows)[0], alone, atol=1e-5)
    assert session.read(rows).start.shape == (9, 7)


def reference(network: Seq2Seq, source: np.ndarray, beam: int, penalty: float, longest: int) -> tuple[int, ...]:
    """Beam search by torch for one source, as the docstring of `beam_search` tells it."""
    one = network.encode(Batch.of([source]))
    going, state = [((), 0.0)], network.begin(1)
    ended: list[tuple[tuple[int, ...], float]] = []
    for step in range(1, longest + 1):
        memory = Memory(*(part.expand(len(going), *part.shape[1:]) for part in one))
        last = torch.tensor([ids[-1] if ids else BEGIN for ids, _ in going])
        logits, _, after = network.step(last, state, memory)
        scores = logits.log_softmax(-1).tolist()
        ways = [
            (ids, piece, total + scores[row][piece], row)
            for row, (ids, total) in enumerate(going)
            for piece in range(len(scores[row]))
        ]
        ways.sort(key=lambda way: -way[2])
        for ids, piece, total, _ in ways[:beam]:
            if piece == END and len(ended) < beam:
                ended.append((ids, total / step**penalty))
        kept = [way for way in ways if way[1] != END][:beam]
        going = [((*ids, piece), total) for ids, piece, total, _ in kept]
        rows = torch.tensor([row for *_, row in kept])
        state = [tuple(each[rows] for each in layer) for layer in after]
        if len(ended) == beam:
            break
    else:
        ended += [(ids, total / longest**penalty) for ids, total in going]
    return max(ended, key=lambda answer: answer[1])[0]


@pytest.mark.parametrize(
    ("cell", "layers", "beam", "penalty", "count"),
    [("lstm", 1, 1, 1.0, 200), ("lstm", 1, 4, 1.0, 200), ("gru", 2, 3, 0.6, 40)],
)
def test_decoding_is_that_of_torch_token_for_token(
    cell: str, layers: int, beam: int, penalty: float, count: int
) -> None:
    network, session = made(cell, layers, seed=6)
    sources = sequences(count, 4)
    found = beam_search(session, sources, Search(beam, penalty), longest=10)
    with torch.inference_mode():
        expected = [reference(network, source, beam, penalty, 10) for source in sources]
    assert [answer.ids for answer in found] == expected
    assert len(set(expected)) > count / 10
    alone = [beam_search(session, [source], Search(beam, penalty), longest=10)[0] for source in sources[:20]]
    assert [answer.ids for answer in alone] == expected[:20]
    for one, many in zip(alone, found[:20], strict=True):
        assert one.score == pytest.approx(many.score, abs=1e-5)


def test_the_score_of_an_answer_is_its_mean_log_probability() -> None:
    _, session = made("gru", seed=5)
    sources = sequences(30, 6)
    found = beam_search(session, sources, Search(4, 1.0), longest=12)
    answers: Sequence[Sequence[int]] = [answer.ids for answer in found]
    for answer, (nats, _, _) in zip(found, align(session, session.read(sources), answers), strict=True):
        pieces = nats if answer.ended else nats[:-1]
        assert answer.score == pytest.approx(float(pieces.mean()), abs=1e-4)


def test_what_is_given_beyond_the_lengths_changes_nothing() -> None:
    _, session = made("lstm")
    source = sequences(1, 7)[0]
    ids = np.concatenate([source, [5, 6, 7]])[None].astype(np.int64)
    lengths = np.array([len(source)])
    states, start = session._encoder.run(["memory", "start"], {"ids": ids, "lengths": lengths})
    memory = session.read([source])
    np.testing.assert_allclose(states[:, : len(source)], memory.states, atol=1e-6)
    assert not states[:, len(source) :].any()
    np.testing.assert_allclose(start, memory.start, atol=1e-6)


def test_weights_that_are_not_finite_are_refused() -> None:
    network, _ = made("rnn")
    weights = {name: tensor.numpy().copy() for name, tensor in network.state_dict().items()}
    weights["query.weight"][0, 0] = math.nan
    with pytest.raises(ExportError, match=r"query\.weight holds values that are not finite"):
        build_step(network.shape, weights)
