"""Each member is scored as a model of its own, and the gain is counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.tasks.classify.learn.member_scores import member_scores
from support.ngram_models import model_of, network, shape, text_of


def test_members_are_scored_on_the_same_rows_and_the_gain_is_over_their_mean() -> None:
    members = [model_of(network(shape(2), seed)) for seed in range(3)]
    rng = np.random.default_rng(0)
    texts = [text_of(6, rng) for _ in range(50)]
    targets = rng.integers(0, 2, 50)
    reads: list[int] = []

    def read() -> list[str]:
        reads.append(1)
        return texts

    right = rng.random(50) < 0.7
    found = member_scores(members, read, right, targets)
    accuracies = [
        sum(str(label) == ("no", "yes")[target] for label, target in zip(model.predict(texts), targets, strict=True))
        / 50
        for model in members
    ]
    assert [member["accuracy"] for member in found["members"]] == pytest.approx(accuracies)
    for member in found["members"]:
        low, high = member["accuracy_ci95"]
        assert low < member["accuracy"] < high
    assert found["gain"]["difference"] == pytest.approx(right.mean() - np.mean(accuracies))
    assert len(found["gain"]["by_seed"]) == len(reads) == 3
    assert len(set(accuracies)) > 1, "the members differ"
