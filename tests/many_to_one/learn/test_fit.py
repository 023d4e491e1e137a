"""What every kind of answer shares of a fit: rows that count by their weights."""

from __future__ import annotations

import numpy as np

from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.classification import Classification
from recurra.many_to_one.learn.fit import fit_text
from recurra.many_to_one.model import TextModel
from recurra.many_to_one.options import ModelOptions

SMALL = ModelOptions(hidden=4, embedding=4, epochs=3, min_count=1, precision="fp32", threads=1, learning_rate=0.05)


def answers(sample_weight: np.ndarray | None, **options: object) -> np.ndarray:
    """Train on rows of which each text has both labels, and return the probabilities of the texts [4, 2]."""
    with Corpus() as corpus:
        for row in range(80):
            corpus.add(f"the text {'abcd'[row % 4]} here", ("no", "yes")[(row // 4) % 2])
        corpus.seal()
        validation = np.arange(80) % 5 == 0
        fitted = fit_text(
            corpus,
            corpus.labels.astype(np.int64),
            Classification(2),
            ~validation,
            validation,
            SMALL.model_copy(update=options),
            sample_weight=sample_weight,
        )
        model = fitted.model(TextModel, ["no", "yes"])
        return model.answers([f"the text {letter} here" for letter in "abcd"])


def test_rows_count_by_their_weights_and_all_alike_when_they_are_equal() -> None:
    yes = (np.arange(80) // 4) % 2 == 1
    plain = answers(None)
    np.testing.assert_array_equal(answers(np.full(80, 7.0)), plain)
    assert abs(plain[:, 1] - 0.5).max() < 0.25, "each text has both labels equally often"
    for heavy in (yes, ~yes):
        for ngrams in (0, 2):
            weighted = answers(np.where(heavy, 9.0, 1.0), ngrams=ngrams)
            assert (weighted[:, int(heavy[4])] > 0.75).all()
