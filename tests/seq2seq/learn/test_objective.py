"""Learning to write: batches of about as many pieces each, a tiny batch learnt by heart, and a task that is solved."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.errors import TrainingError
from recurra.options.training import FitOptions
from recurra.seq2seq.beam_search import Search, beam_search
from recurra.seq2seq.learn.check import checked_graphs
from recurra.seq2seq.learn.fit import fit_seq2seq
from recurra.seq2seq.learn.network import Matched, Seq2Seq
from recurra.seq2seq.learn.objective import MATCHING, IdRows, PairExamples, Translation, by_pieces
from recurra.seq2seq.session import Seq2SeqSession
from recurra.seq2seq.shape import BEGIN, END, Seq2SeqShape
from recurra.tasks.configuration import task_options
from recurra.training.epochs import EpochBudget
from recurra.training.loop import Run, train

SHAPE = Seq2SeqShape(
    vocabulary=10, embedding=48, cell="lstm", hidden=48, layers=1, max_tokens=20, beam=1, length_penalty=1.0
)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small products are slower on several threads, and far slower where these must wait for other programs."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def reversals(count: int, seed: int = 0, longest: int = 6) -> PairExamples:
    """Sequences of digits, each to be written backwards."""
    rng = np.random.default_rng(seed)
    sources = [rng.integers(2, 10, rng.integers(1, longest + 1)).tolist() for _ in range(count)]
    return PairExamples(IdRows.of(sources), IdRows.of(each[::-1] for each in sources), np.arange(count))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=300), st.integers(1, 20), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_batches_hold_every_row_once_and_about_as_many_pieces(lengths: list[int], size: int, seed: int) -> None:
    whole = np.array(lengths)
    batches = by_pieces(whole, whole, size, np.random.default_rng(seed))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    for rows in batches:
        assert len(rows) == 1 or len(rows) * whole[rows].max() <= size * whole.mean() + 1e-9
    again = by_pieces(whole, whole, size, np.random.default_rng(seed))
    assert all(np.array_equal(one, other) for one, other in zip(batches, again, strict=True))


def test_rows_of_ids_come_back() -> None:
    kept = IdRows.of([[3, 4], [], [5]])
    assert [kept[row].tolist() for row in range(len(kept))] == [[3, 4], [], [5]]
    assert kept.lengths.tolist() == [2, 0, 1]


def test_a_batch_begins_and_ends_its_targets() -> None:
    examples = PairExamples(IdRows.of([[2, 3, 4], [5]]), IdRows.of([[6], [7, 8]]), np.array([1, 0]))
    pairs, written = examples.batch(np.array([0, 1]))
    assert pairs.source.values.tolist() == [[5, 0, 0], [2, 3, 4]]
    assert pairs.target.values.tolist() == [[BEGIN, 7, 8], [BEGIN, 6, 0]]
    assert written.tolist() == [7, 8, END, 6, END]
    assert examples.target_lengths.tolist() == [3, 2]


def test_the_loss_is_that_of_the_rows_apart_whatever_their_padding() -> None:
    torch.manual_seed(1)
    network, objective, examples = Seq2Seq(SHAPE).eval(), Translation(0.1), reversals(12)
    with torch.inference_mode():
        pairs, written = examples.batch(np.arange(12))
        together = objective.loss(network(pairs), written) * len(written)
        apart = 0.0
        for row in range(12):
            pairs, written = examples.batch(np.array([row]))
            apart += float(objective.loss(network(pairs), written)) * len(written)
    assert float(together) == pytest.approx(apart, rel=1e-5)


def test_a_tiny_batch_is_overfitted() -> None:
    torch.manual_seed(0)
    examples = PairExamples(IdRows.of([[2], [3, 4], [5, 6, 7]]), IdRows.of([[9, 9, 3], [], [2]]), np.arange(3))
    options = FitOptions(batch=3, learning_rate=0.01, schedule="constant", patience=None)
    history = train(Seq2Seq(SHAPE), Run(Translation(0.0), options, 80, torch.device("cpu"), False, examples, examples))
    assert history[-1]["valid_loss"] < 0.01 and history[-1]["valid_accuracy"] == 1


def test_writing_backwards_is_solved() -> None:
    torch.manual_seed(0)
    network, learnt, held = Seq2Seq(SHAPE), reversals(6000), reversals(300, seed=1)
    options = FitOptions(batch=64, learning_rate=6e-3, patience=None, clip=1.0)
    train(network, Run(Translation(0.0), options, 6, torch.device("cpu"), False, learnt, held))
    network.eval()
    weights = {name: tensor.detach().numpy() for name, tensor in network.state_dict().items()}
    session = Seq2SeqSession(SHAPE, *checked_graphs(network, weights, held))
    answers = beam_search(session, [held.sources[row] for row in range(300)], Search(1, 1.0), longest=20)
    exact = [list(answer.ids) == held.targets[row].tolist() for row, answer in enumerate(answers)]
    assert np.mean(exact) >= 0.99


def test_the_loss_of_the_match_counts_both_directions() -> None:
    torch.manual_seed(3)
    match, logits, targets = torch.randn(4, 4), torch.randn(7, 10), torch.randint(10, (7,))
    own = [
        float(-line.log_softmax(0)[row]) for row in range(4) for line in (match[row], match[:, row])
    ]  # the target of each source, and the source of each target
    objective = Translation(0.1)
    expected = float(objective.loss(logits, targets)) + MATCHING * sum(own) / 8
    outputs = Matched(logits, match)
    assert float(objective.loss(outputs, targets)) == pytest.approx(expected, rel=1e-5)
    assert objective.metrics(outputs, targets) == objective.metrics(logits, targets)


def test_targets_are_matched_with_their_sources() -> None:
    torch.manual_seed(0)
    shape = SHAPE.model_copy(update={"match": 16})
    network, learnt, held = Seq2Seq(shape), reversals(2000), reversals(100, seed=1)
    options = FitOptions(batch=64, learning_rate=6e-3, patience=None, clip=1.0, ema=0.9)
    train(network, Run(Translation(0.0), options, 3, torch.device("cpu"), False, learnt, held))
    network.eval()
    pairs, _ = held.batch(np.arange(100))
    with torch.inference_mode():
        match = network(pairs).match
    texts = [held.targets[row].tolist() for row in range(100)]
    right = [texts[int(match[row].argmax())] == texts[row] for row in range(100)]
    assert np.mean(right) > 0.3  # by chance 0.01


def test_validation_in_batches_is_validation_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(2)
    network, examples = Seq2Seq(SHAPE), reversals(50)
    whole = Translation().validate(network, examples, torch.device("cpu"))
    monkeypatch.setattr("recurra.seq2seq.learn.objective.SCORING_PIECES", 20)
    parts = Translation().validate(network, examples, torch.device("cpu"))
    assert parts.metrics["loss"] == pytest.approx(whole.metrics["loss"], rel=1e-5)
    assert parts.metrics["accuracy"] == whole.metrics["accuracy"]


def test_there_must_be_pairs_to_train_and_to_validate() -> None:
    examples = reversals(5)
    options = task_options({"task": "translate", "hidden": 4, "embedding": 4})
    none = np.zeros(0, dtype=np.int64)
    with pytest.raises(TrainingError, match="0 pairs to train on and 5 to validate with"):
        fit_seq2seq(  # type: ignore[arg-type]
            examples.sources, examples.targets, none, examples.rows, 10, options, budget=EpochBudget(10)
        )
