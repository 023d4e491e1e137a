"""A baseline that has the columns beside the text."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.data.feature_table import FeatureTable
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.ridge_baseline import fit_ridge_baseline
from recurra.tasks.classify.learn.baseline import fit_baseline
from recurra.tasks.multilabel.learn.baseline import fit_baseline as fit_labels


@pytest.mark.parametrize("features", [True, False])
def test_it_learns_what_the_features_alone_say(features: bool) -> None:
    rng = np.random.default_rng(0)
    words = ["the", "table", "and", "chair", "over", "town"]
    price = rng.normal(size=300)
    with Corpus(level="word") as corpus:
        corpus.read_columns(("text",), FeatureTable(["price"]) if features else None)
        for row in range(300):
            text = " ".join(rng.choice(words, 6)) + f" {row % 7}"
            corpus.add(text, str(price[row] > 0), None, [price[row]] if features else ())
        corpus.seal()
        part = np.arange(300)
        train, valid, test = part < 200, (part >= 200) & (part < 240), part >= 240
        corpus.encoder(train)
        targets = (price > 0).astype(np.int64)
        found = fit_baseline(corpus, targets, train, valid, test, classes=2)
        right = float((found.predictions == targets[test]).mean())
        labels = fit_labels(corpus, np.stack([targets, 1 - targets], axis=1).astype(bool), train, valid, test)
        labelled = float((labels.given[:, 0] == targets[test].astype(bool)).mean())
        ridge = fit_ridge_baseline(corpus, price, train, valid, test)
        error = float(np.abs(ridge.predictions - price[test]).mean())
    if features:
        assert right > 0.9 and labelled > 0.9 and error < 0.3
        assert found.name.endswith(" beside the features") and ridge.name.endswith(" beside the features")
    else:
        assert right < 0.75 and labelled < 0.75 and error > 0.5 and "features" not in found.name
