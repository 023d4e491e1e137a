"""A loaded model: sets of labels by thresholds, engines that agree, and manifests that cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recurra
from recurra.errors import ArtefactError, OptionError
from recurra.storage import model_directory
from recurra.tasks.multilabel.model import MultilabelClassifier
from support.labelled import LABELS, labelled_rows
from support.live_server import write_model

TEXTS = ["bread and a song near the hotel", "the team had soup", "very", ""]


def model_of(labelled: tuple[Path, Any]) -> MultilabelClassifier:
    return recurra.load(labelled[0], task="multilabel")


def test_labels_are_those_above_their_thresholds_the_most_probable_first(labelled_model: tuple[Path, Any]) -> None:
    model = model_of(labelled_model)
    assert model.classes_.tolist() == LABELS
    assert model.thresholds.tolist() == labelled_model[1]["thresholds"]["values"]
    chances = model.predict_proba(TEXTS)
    assert chances.shape == (4, 4) and ((chances >= 0) & (chances <= 1)).all()
    assert not np.allclose(chances.sum(axis=1), 1)  # each by itself
    for row, found in zip(chances, model.predict(TEXTS), strict=True):
        above = [(p, name) for p, name, cut in zip(row, LABELS, model.thresholds, strict=True) if p >= cut]
        assert found == [name for _, name in sorted(above, reverse=True)]
    indicator = model.predict_indicator(TEXTS)
    assert [[LABELS[k] for k in np.flatnonzero(row)] for row in indicator] == [sorted(f) for f in model.predict(TEXTS)]
    assert set(model.predict(TEXTS[:1])[0]) == {"food", "music", "travel"}


def test_other_thresholds_make_another_model_of_the_same_answers(labelled_model: tuple[Path, Any]) -> None:
    model = model_of(labelled_model)
    strict = model.with_thresholds(0.999999)
    assert strict.predict(TEXTS) == [[], [], [], []] != model.predict(TEXTS)
    assert model.with_thresholds([0.01, 0.999, 0.01, 0.999]).predict(TEXTS[:1])[0][0] in ("food", "sport")
    assert np.array_equal(strict.predict_proba(TEXTS), model.predict_proba(TEXTS))
    for bad in (0.0, 1.0, [0.5, 0.5, 0.5, 2.0]):
        with pytest.raises(OptionError, match="between 0 and 1"):
            model.with_thresholds(bad)


def test_chunks_and_engines_answer_alike(labelled_model: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [text for text, _ in labelled_rows(50, seed=5)]
    model = model_of(labelled_model)
    whole = model.predict_proba(texts)
    parts = list(model.predict_iter(texts, 7))
    assert np.allclose(np.concatenate([part.probabilities for part in parts]), whole, atol=1e-7)
    assert [labels for part in parts for labels in part.labels] == model.predict(texts)
    for engine in ("onnxruntime", "kernel"):
        monkeypatch.setenv("RECURRA_ENGINE", engine)
        np.testing.assert_allclose(model_of(labelled_model).predict_proba(texts), whole, atol=2e-5)


def test_it_learnt_the_topics(labelled_model: tuple[Path, Any]) -> None:
    rows = labelled_rows(200, seed=8)
    found = model_of(labelled_model).predict([text for text, _ in rows])
    right = sum(set(one) == set(labels) for one, (_, labels) in zip(found, rows, strict=True))
    assert right > 150


@pytest.mark.parametrize("stated", [[0.5], "0.5", [0.5, 2.0, 0.1, 0.2], [True, 0.5, 0.5, 0.5]])
def test_thresholds_that_cannot_be_are_refused(tmp_path: Path, stated: object) -> None:
    directory = write_model(tmp_path / "model", task="multilabel", labels=("a", "b", "c", "d"))
    assert recurra.load(directory).thresholds.tolist() == [0.5] * 4  # where none are stated
    manifest = json.loads((directory / "manifest.json").read_text())
    source = {name: (directory / name).read_bytes() for name in manifest["files"]}
    model_directory.write(
        directory,
        source,
        **{name: manifest[name] for name in ("task", "labels", "network", "config", "data")},
        metrics={"thresholds": stated},
        overwrite=True,
    )
    with pytest.raises(ArtefactError, match="4 thresholds between 0 and 1"):
        recurra.load(directory)


def test_one_label_is_enough(tmp_path: Path) -> None:
    model = recurra.load(write_model(tmp_path / "model", task="multilabel", labels=("spam",)))
    assert model.predict_proba(["w1 w2"]).shape == (1, 1)
