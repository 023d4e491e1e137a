"""From a corpus to a model of numbers: its unit, its intervals, and many rows, where n-grams come afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn import defaults
from recurra.tasks.regress.learn.fit import FittedNumbers, fit_regressor
from recurra.tasks.regress.options import NumberModelOptions
from support.regressors import TINY, rated

OPTIONS = NumberModelOptions(**{name: value for name, value in TINY.items() if name != "task"})


def fitted(rows: int = 240, unit: float = 1.0, shift: float = 0.0) -> tuple[FittedNumbers, list[str], np.ndarray]:
    texts, numbers = rated(rows)
    targets = np.array(numbers) * unit + shift
    with Corpus() as corpus:
        for text, number in zip(texts, targets.tolist(), strict=True):
            corpus.add(text, repr(number))
        corpus.seal()
        validation = np.arange(rows) % 4 == 3
        return fit_regressor(corpus, targets, ~validation, validation, OPTIONS), texts, targets


@pytest.mark.parametrize(("unit", "shift"), [(1.0, 0.0), (1e6, 3e6), (1e-6, 0.0)])
def test_numbers_of_any_unit_are_learnt(unit: float, shift: float) -> None:
    found, texts, targets = fitted(unit=unit, shift=shift)
    values = found.regressor().predict(texts)
    assert np.corrcoef(values, targets)[0, 1] > 0.6
    assert found.valid["mae"] == pytest.approx(np.abs(values - targets)[np.arange(240) % 4 == 3].mean(), rel=0.2)
    assert found.intervals.lowest == targets[np.arange(240) % 4 != 3].min()
    ends = found.regressor().predict_interval(texts)
    held = np.arange(240) % 4 == 3
    assert ((ends[held, 0] <= targets[held]) & (targets[held] <= ends[held, 1])).mean() >= 0.85


def test_of_many_rows_the_n_grams_are_averaged_with_the_network_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defaults, "FEW_ROWS", 100)
    found, texts, targets = fitted(400)
    assert found.ngrams is not None
    assert not found.ngrams["first"]
    assert 0 <= found.ngrams["blend"]["share"] <= 0.4
    assert np.corrcoef(found.regressor().predict(texts), targets)[0, 1] > 0.6
