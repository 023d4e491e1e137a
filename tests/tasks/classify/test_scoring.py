"""Answers to a stream of texts: those of the model, in order, in bounded memory, the same bits for any threads."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from recurra.tasks.classify import scoring
from recurra.tasks.classify.model import load
from recurra.tasks.classify.scoring import scored

TEXTS = [" ".join(f"w{(n * k) % 45}" for k in range(1 + n % 17)) for n in range(100)]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "PIECE", 8)


def test_answers_are_the_models_whatever_the_threads(model_directory: Path) -> None:
    found = []
    for threads in (1, 2, 5):
        model = load(model_directory, threads)
        pieces = list(scored(model, TEXTS))
        assert [len(piece) for piece in pieces] == [8] * 12 + [4]
        found.append([np.concatenate([getattr(p, name) for p in pieces]) for name in vars(pieces[0])])
    for other in found[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(found[0], other, strict=True))
    predicted, probability, truncated = found[0]
    expected = model.predict_proba(TEXTS)
    assert predicted.tolist() == expected.argmax(axis=1).tolist()
    np.testing.assert_allclose(probability, expected.max(axis=1), atol=1e-5)
    assert truncated.tolist() == [len(text.split()) > 12 for text in TEXTS]
    assert list(scored(model, [])) == []


def test_it_reads_only_a_few_pieces_ahead(model_directory: Path) -> None:
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield TEXTS[read % 100]

    before = sys.getswitchinterval()
    answers = scored(load(model_directory, 2), endless())
    for number in range(1, 6):
        next(answers)
        assert read <= 8 * (number + 2 + scoring.AHEAD)
    answers.close()  # type: ignore[attr-defined]
    assert sys.getswitchinterval() == before


def test_an_error_in_the_texts_ends_it(model_directory: Path) -> None:
    def breaking() -> Iterator[str]:
        yield from TEXTS[:50]
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        list(scored(load(model_directory, 2), breaking()))
