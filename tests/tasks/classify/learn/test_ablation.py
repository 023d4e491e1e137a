"""The accuracy of the network and of the n-grams alone, against answers computed apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recurra.evaluation.significance import mcnemar
from recurra.tasks.classify.learn import ablation as module
from recurra.tasks.classify.learn.ablation import ablation
from support.ngram_models import TEMPERATURE, by_hand, classifier, network, shape, text_of


def accuracy(logits: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    answers = (logits[:, 0] > 0).astype(int) if logits.shape[1] == 1 else logits.argmax(axis=1)
    return float((answers == targets).mean()), answers == targets


@pytest.mark.parametrize("kind", [{"order": 2, "subwords": 97}, {"order": 3, "outputs": 3}], ids=str)
@pytest.mark.parametrize("intercept", [None, 0.7])
def test_each_part_alone(kind: dict[str, Any], intercept: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TEXTS", 7)
    model, rng = classifier(shape(**kind)), np.random.default_rng(0)
    texts = [text_of(int(length), rng) for length in rng.integers(1, 12, 40)]
    outputs = model.engine.outputs
    targets = rng.integers(0, max(2, outputs), 40)
    logits = model.engine.run(model.encode(texts))[0]
    start = None if intercept is None else [intercept] + [0.0] * (outputs - 1)
    found = ablation(model, iter(texts), logits, targets, temperature=TEMPERATURE, intercept=start)
    assert found is not None
    weights = network(shape(**kind)).exported()
    beside = np.array([by_hand(shape(**kind), weights, text) for text in texts]) / TEMPERATURE
    whole, right = accuracy(logits, targets)
    for name, part in (
        ("network", logits - beside),
        ("ngrams", beside + np.array(start if start else [0.0] * outputs) / TEMPERATURE),
    ):
        expected, correct = accuracy(part, targets)
        assert found[name]["accuracy"] == pytest.approx(expected)
        low, high = found[name]["accuracy_ci95"]
        assert low <= expected <= high
        assert found[name]["paired"] == mcnemar(right, correct)
        assert found[name]["paired"]["difference"] == pytest.approx(whole - expected)


def test_a_network_alone_has_no_parts() -> None:
    model = classifier(shape(0))
    assert (
        ablation(model, ["w1"], np.zeros((1, 1), np.float32), np.zeros(1, int), temperature=1.0, intercept=None) is None
    )
