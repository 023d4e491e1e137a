"""Pieces of texts, and the words beside each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from recurra.pretraining.options import PretrainOptions
from recurra.pretraining.pieces import Pieces
from recurra.pretraining.texts import PretrainingTexts
from recurra.terminal.progress import Reporter

TEXTS = [
    "one two",  # too short to divide
    "a b c d",
    "a b c d e f g h i j k",
    *(f"{'w ' * (number + 4)}v{number}" for number in range(10)),
]

Made = Callable[..., tuple[PretrainingTexts, Pieces]]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    opened = []

    def make(window: int, min_count: int = 1) -> tuple[PretrainingTexts, Pieces]:
        (tmp_path / "t.txt").write_text("\n".join(TEXTS), encoding="utf-8")
        texts = PretrainingTexts(tmp_path, PretrainOptions(min_count=min_count, valid=0.01))
        opened.append(texts)
        texts.read(str(tmp_path / "t.txt"), Reporter(quiet=True), tmp_path / "rejects")
        texts.train = np.arange(len(TEXTS))
        return texts, Pieces.of(texts, texts.numbered(), np.arange(len(TEXTS)), window)

    yield make
    for texts in opened:
        texts.close()


def words(pieces: Pieces, ids: np.ndarray) -> list[str]:
    known = ["", "?", *pieces.numbered.tokenizer.vocabulary()["words"]]
    return [known[int(number)] for number in ids]


def test_a_text_is_cut_into_equal_pieces_two_at_least(made: Made) -> None:
    _, pieces = made(window=4)
    cut = [" ".join(words(pieces, pieces.ids(piece))) for piece in range(len(pieces))]
    assert cut[:5] == ["a b", "c d", "a b c", "d e f g", "h i j k"]
    assert " ".join(cut[2:5]) == TEXTS[2]
    assert pieces.first[:5].tolist() == [True, False, True, False, False]
    assert pieces.last[:5].tolist() == [False, True, False, False, True]


def test_beside_a_piece_are_the_words_before_and_after_it_in_its_text(made: Made) -> None:
    _, pieces = made(window=4)
    beside = [set(words(pieces, pieces.beside(piece))) for piece in range(5)]
    assert beside == [{"c", "d"}, {"a", "b"}, {"d", "e", "f", "g"}, {"a", "b", "c", "h", "i", "j", "k"}, set("defg")]


def test_unknown_words_are_not_foretold(made: Made) -> None:
    _, pieces = made(window=4, min_count=2)
    assert set(words(pieces, pieces.beside(2))) == {"d"}, "e, f and g occur once"
    inputs, targets = pieces.batch(np.array([0, 2, 4]))
    assert targets is None
    assert inputs.pieces.lengths.tolist() == [2, 3, 4]
    assert inputs.beside.shape == (3, 2) and (inputs.beside[1:, 1] == 0).all()
    assert words(pieces, inputs.beside[0].numpy()) == words(pieces, pieces.beside(0))


def test_counts_are_of_pieces_not_of_occurrences(made: Made) -> None:
    _, pieces = made(window=4)
    expected: Counter[str] = Counter()
    for piece in range(len(pieces)):
        expected.update(set(words(pieces, pieces.ids(piece))))
    found = {
        word: int(count)
        for word, count in zip(words(pieces, np.arange(len(pieces.counts))), pieces.counts, strict=True)
    }
    assert {word: count for word, count in found.items() if count} == dict(expected)


def test_batches_hold_every_piece_once_in_an_order_of_the_seed(made: Made) -> None:
    _, pieces = made(window=4)
    orders = [pieces.batches(4, np.random.default_rng(seed)) for seed in (0, 0, 1)]
    assert sorted(np.concatenate(orders[0]).tolist()) == list(range(len(pieces)))
    assert [batch.tolist() for batch in orders[0]] == [batch.tolist() for batch in orders[1]]
    assert np.concatenate(orders[0]).tolist() != np.concatenate(orders[2]).tolist()


def test_texts_that_cannot_be_divided_leave_no_pieces(made: Made) -> None:
    texts, pieces = made(window=4)
    assert len(Pieces.of(texts, pieces.numbered, np.array([0]), 4)) == 0
