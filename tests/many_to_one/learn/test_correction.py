"""A linear correction of a trained model, which is a step of learning with a prior centred on its weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit

from recurra.many_to_one.learn.classification import Classification
from recurra.many_to_one.learn.correction import fit_correction
from recurra.many_to_one.learn.examples import Examples
from recurra.many_to_one.learn.linear_problem import LogisticProblem
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.many_to_one.learn.ngram_fit import scores_of_parts
from recurra.many_to_one.shape import ManyToOneShape
from recurra.text.word_tokenizer import WordTokenizer
from recurra.training.logistic_regression import SparseRows


def test_with_the_models_scores_as_offset_the_penalty_is_on_the_distance_from_its_weights() -> None:
    rng = np.random.default_rng(0)
    matrix = sparse.random_array((120, 9), density=0.4, rng=rng, format="csr")
    before, bias, c = rng.normal(size=9), 0.3, 0.7
    targets = (matrix @ rng.normal(size=9) + rng.normal(size=120) > 0).astype(np.int64)
    data = SparseRows(
        matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), 9, matrix.data.astype(np.float32)
    )
    offset = (matrix @ before + bias)[:, None]
    change, more = LogisticProblem(data, targets, 0, "none", offset=offset, classes=2).fit(np.arange(120), c)

    def cost(solution: np.ndarray) -> float:
        weights, intercept = solution[:-1], solution[-1]
        margins = np.where(targets == 1, 1, -1) * (matrix @ weights + intercept)
        away = np.sum((weights - before) ** 2) + (intercept - bias) ** 2
        return float(away / 2 + c * np.logaddexp(0, -margins).sum())

    found = minimize(cost, np.zeros(10), options={"gtol": 1e-9}).x
    assert np.allclose(before + change[:, 0], found[:-1], atol=0.02)
    assert bias + more[0] == pytest.approx(found[-1], abs=0.02)


@pytest.fixture
def examples() -> Examples:
    """Rows whose class, of two, is told by the words with the ids 2 and 3; half of them have both."""
    rng = np.random.default_rng(1)
    tokenizer = WordTokenizer([f"w{number}" for number in range(10)], max_tokens=None)
    targets = np.arange(200) % 2
    texts = [np.array([2 + target, *rng.integers(4, 12, rng.integers(1, 7))], dtype=np.int32) for target in targets]
    counts = np.array([len(text) for text in texts])
    return Examples(
        np.concatenate(texts), np.cumsum(counts) - counts, counts, np.arange(12, dtype=np.int32), tokenizer, targets
    )


def network_of(**more: int) -> ManyToOneNetwork:
    shape = ManyToOneShape(
        vocabulary=12, embedding=4, cell="gru", hidden=3, layers=1, direction="both", pooling="mean", outputs=1,
        ngrams=1, **more,
    )  # fmt: skip
    torch.manual_seed(0)
    return ManyToOneNetwork(shape, words=[f"w{number}" for number in range(10)]).eval()


@pytest.mark.parametrize("subwords", [0, 53])
def test_a_correction_learns_what_the_network_gets_wrong(subwords: int, examples: Examples) -> None:
    network, objective = network_of(subwords=subwords), Classification(2)
    before = sum(scores_of_parts(network, examples))
    correction = fit_correction(network, examples, objective, seed=0, threads=1)
    assert correction.scores.shape == (200, 1)
    assert ((before + correction.scores > 0)[:, 0] == examples.targets).mean() > 0.97, "also by folds that lack the row"
    correction.add_to(network)
    after = sum(scores_of_parts(network, examples))
    assert ((after > 0)[:, 0] == examples.targets).all()
    own = correction.weights[: network.ngrams.hashing.features]  # type: ignore[union-attr]
    assert own[2, 0] < 0 < own[3, 0]


def test_a_network_that_is_right_is_left_as_it_is(examples: Examples) -> None:
    network = network_of()
    with torch.no_grad():
        network.ngrams.table.weight[2], network.ngrams.table.weight[3] = -20.0, 20.0  # type: ignore[union-attr]
    correction = fit_correction(network, examples, Classification(2), seed=0, threads=1)
    assert np.abs(correction.scores).max() < 0.05
    labels = (expit(correction.scores[:, 0]) > 0.5).astype(np.int64)
    other = replace(examples, targets=1 - examples.targets)
    wrong = fit_correction(network, other, Classification(2), seed=0, threads=1)
    assert np.abs(wrong.scores).max() > 1 and len(labels) == 200
