"""The average with a regression equals the average of logits that were computed apart."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from recurra.data.feature_encoder import FeatureEncoder, NumberFeature
from recurra.data.feature_table import FeatureTable
from recurra.many_to_one.learn import blend as module
from recurra.many_to_one.learn.blend import COSTS, SHARES, blend, fit_regression
from recurra.many_to_one.learn.classification import Classification
from recurra.many_to_one.learn.examples import Beside, Examples
from recurra.many_to_one.learn.linear_problem import LogisticProblem
from recurra.many_to_one.learn.network import ManyToOneNetwork
from recurra.text.subwords import subwords
from recurra.training.logistic_regression import SparseRows
from support.ngram_models import KINDS, WORDS, examples_of, features_by_hand, network, shape


def made_rows(classes: int) -> Examples:
    rng = np.random.default_rng(1)
    targets = rng.integers(0, classes, 90)
    rows = [
        [int(2 + target) if rng.random() < 0.3 else int(rng.integers(0, 16)) for _ in range(8)] for target in targets
    ]
    return examples_of(rows, targets.tolist())


def blended(made: ManyToOneNetwork, rows: Examples, valid: Examples, classes: int) -> dict[str, Any]:
    objective = Classification(classes)
    return blend(made, fit_regression(made, rows, objective, seed=0, threads=1), valid, objective, threads=1)


def with_numbers(rows: Examples) -> Examples:
    """Rows with a number beside each, which says nothing."""
    numbers = np.random.default_rng(2).normal(size=(len(rows), 1))
    return dataclasses.replace(rows, beside=Beside(FeatureEncoder((NumberFeature("n", 0.0, 1.0, 0.0),)), numbers))


def features(rows: Examples, order: int, buckets: int, spelt: int) -> np.ndarray:
    """Presence of n-grams, and after them what the spelling of each distinct word brings, by hand."""
    dense = np.zeros((len(rows), 16 + buckets + spelt))
    for number in range(len(rows)):
        ids = rows.encoding(number).ids.tolist()
        dense[number, sorted(features_by_hand(ids, 16, order))] = 1
        for word in {word for word in ids if word >= 2} if spelt else ():
            grams = subwords(WORDS[word - 2], spelt)
            np.add.at(dense[number], 16 + buckets + grams, 2 * 0.6 / np.sqrt(len(grams)))
    return dense


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind["order"]], ids=str)
def test_it_is_the_average_of_both_answers(kind: dict[str, Any]) -> None:
    made = network(shape(**kind))
    classes = max(2, made.shape.outputs)
    rows, before = made_rows(classes), copy.deepcopy(made)
    batch, _ = rows.batch(np.arange(len(rows)))
    dense = features(rows, made.shape.ngrams, made.shape.ngram_buckets, made.shape.subwords)
    facts = blended(made, rows, rows.select(np.arange(50)), classes)
    assert facts["share"] == SHARES[-1] == 0.4 and facts["c"] in COSTS

    from scipy import sparse

    matrix = sparse.csr_matrix(dense)
    data = SparseRows(
        matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), dense.shape[1], matrix.data.astype(np.float32)
    )
    problem = LogisticProblem(data, rows.targets, 0, "frequency", classes=classes)
    weights, intercept = problem.fit(np.arange(len(rows)), facts["c"])
    with torch.no_grad():
        apart = 0.6 * before(batch).numpy() + 0.4 * (dense @ weights + intercept)
        np.testing.assert_allclose(made(batch).numpy(), apart, atol=1e-3)
        assert np.abs(apart - before(batch).numpy()).max() > 0.05, "the regression says something"


def test_the_regression_is_the_one_of_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    linear_model = pytest.importorskip("sklearn.linear_model")
    made, rows = network(shape(2)), made_rows(2)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.zero_()
    monkeypatch.setattr(module, "SHARES", (1.0,))
    facts = blended(made, rows, rows.select(np.arange(3)), 2)
    dense = features(rows, 2, 101, 0)
    dense = dense * inverse_frequency(dense)
    sklearn = linear_model.LogisticRegression(C=facts["c"], solver="liblinear", tol=1e-10, max_iter=10_000).fit(
        dense, rows.targets
    )
    batch, _ = rows.batch(np.arange(len(rows)))
    with torch.no_grad():
        np.testing.assert_allclose(made(batch).numpy()[:, 0], sklearn.decision_function(dense), atol=0.2)


def test_columns_beside_the_text_are_penalised_as_n_grams_are() -> None:
    """By hand: a place of a category is a word that its rows have, but for being centred."""
    rng, rows = np.random.default_rng(3), made_rows(3)
    table = FeatureTable(["price", "brand"])
    cells = [(float(rng.normal(50, 7)), "abcd"[int(rng.choice(4, p=[0.6, 0.2, 0.1, 0.1]))]) for _ in range(90)]
    for number, row in enumerate(cells):
        table.add(row, number)
    encoder, _ = table.fit(np.ones(len(rows), dtype=bool))
    rows = dataclasses.replace(rows, beside=Beside(encoder, table.codes(encoder)))
    sizes = {"feature_inputs": encoder.width, "feature_hidden": 2}
    made = network(shape(2, outputs=3).model_copy(update=sizes))
    batch, _ = rows.batch(np.arange(len(rows)))
    before = copy.deepcopy(made)
    facts = blended(made, rows, rows.select(np.arange(50)), 3)

    ngrams = features(rows, 2, 101, 0)
    shares = np.array([[brand == value for value in "abcd"] for _, brand in cells]).mean(axis=0)
    columns = rows.features().astype(np.float64)
    scaled = columns.copy()
    order = ["abcd".index(value) for value in encoder.features[1].plain()["values"]]
    scaled[:, 2:6] *= 1 - np.log(shares[order])
    from scipy import sparse

    matrix = sparse.csr_matrix(np.hstack([ngrams * inverse_frequency(ngrams), scaled]))
    data = SparseRows(
        matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32), matrix.shape[1], matrix.data.astype(np.float32)
    )
    weights, intercept = LogisticProblem(data, rows.targets, 0, "none", classes=3).fit(np.arange(90), facts["c"])
    with torch.no_grad():
        apart = 0.6 * before(batch).numpy() + 0.4 * (data.dot(weights) + intercept)
        np.testing.assert_allclose(made(batch).numpy(), apart, atol=0.02)


def inverse_frequency(dense: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.log((1 + len(dense)) / (1 + (dense > 0).sum(axis=0))) + 1
    return found


def test_the_features_that_stand_for_nothing_stay_zero() -> None:
    made = network(shape(2, subwords=97))
    blended(made, made_rows(2), made_rows(2), 2)
    assert made.ngrams is not None and not made.ngrams.table.weight[:2].any()
    assert not made.exported()["ngrams.codes"][:2].any()


@pytest.mark.parametrize(
    ("right", "beside", "share"), [(True, False, 0.4), (False, False, 0.0), (True, True, 0.8), (False, True, 0.0)]
)
def test_the_validation_rows_choose_the_share(
    right: bool, beside: bool, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The regression is right where the rows to learn from have the labels of the validation rows, and else wrong."""
    monkeypatch.setattr(module, "TELLING_ROWS", 50)
    rows, sizes = made_rows(2), {}
    if beside:
        rows = with_numbers(rows)
        sizes = {"feature_inputs": 2, "feature_hidden": 2}
    made = network(shape(2).model_copy(update=sizes))
    valid = rows if right else dataclasses.replace(rows, targets=1 - rows.targets)
    assert blended(made, rows, valid, 2)["share"] == share
