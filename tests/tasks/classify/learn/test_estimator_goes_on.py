"""`SequenceClassifier.partial_fit`: the first call fits, later ones go on."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import recurra
from recurra import SequenceClassifier
from recurra.errors import LabelError, OptionError

TINY: dict[str, Any] = {"hidden": 4, "embedding": 4, "epochs": 4, "threads": 1, "batch": 16, "learning_rate": 0.03}
OLD = [f"{('good', 'bad')[i % 2]} film number {i}" for i in range(60)]
OF_OLD = ["yes" if i % 2 == 0 else "no" for i in range(60)]
NEW = [f"{('zesty', 'grim', 'middling')[i % 3]} plot of kind {i}" for i in range(60)]
OF_NEW = [("yes", "no", "maybe")[i % 3] for i in range(60)]


@pytest.fixture(scope="module")
def first() -> SequenceClassifier:
    return SequenceClassifier(**TINY).partial_fit(OLD, OF_OLD)


def test_the_first_call_is_a_fit(first: SequenceClassifier) -> None:
    fitted = SequenceClassifier(**TINY).fit(OLD, OF_OLD)
    assert np.array_equal(fitted.predict_proba(OLD), first.predict_proba(OLD))
    with pytest.raises(NotFittedError):
        SequenceClassifier(**TINY).predict(OLD)


def test_later_calls_go_on_and_add_what_is_new(first: SequenceClassifier, tmp_path: Path) -> None:
    later = copy.deepcopy(first)
    assert later.partial_fit(NEW, OF_NEW) is later
    assert later.classes_.tolist() == ["no", "yes", "maybe"]
    assert later.predict(["zesty", "grim", "middling plot"]).tolist() == ["yes", "no", "maybe"]
    assert later.predict(["good film", "bad film"]).tolist() == ["yes", "no"], "what it knew"
    words = first.tokenizer_.vocabulary()["words"]
    assert later.tokenizer_.vocabulary()["words"][: len(words)] == words
    later.save(tmp_path / "model")
    assert np.array_equal(recurra.load(tmp_path / "model").predict_proba(OLD), later.predict_proba(OLD))
    assert later.partial_fit(OLD, OF_OLD).classes_.tolist() == ["no", "yes", "maybe"], "a label without rows stays"


def test_a_saved_model_is_gone_on_with(first: SequenceClassifier, tmp_path: Path) -> None:
    copy.deepcopy(first).save(tmp_path / "model")
    other = SequenceClassifier(from_=tmp_path / "model", epochs=2, threads=1).partial_fit(NEW, OF_NEW)
    assert other.classes_.tolist() == ["no", "yes", "maybe"] and other.network_shape_.hidden == 4
    other.save(tmp_path / "next")
    assert recurra.load(tmp_path / "next").manifest.data["from"]["continued"]
    with pytest.raises(recurra.errors.OutputError, match="is the base"):
        other.save(tmp_path / "model", overwrite=True)


def test_classes_are_all_that_may_come() -> None:
    classifier = SequenceClassifier(**{**TINY, "epochs": 1})
    with pytest.raises(LabelError, match=r"y holds \['no'\], which classes does not have"):
        classifier.partial_fit(OLD, OF_OLD, classes=["yes", "maybe"])
    classifier.partial_fit(OLD, OF_OLD, classes=["yes", "no", "maybe"])
    assert classifier.classes_.tolist() == ["maybe", "no", "yes"]
    assert classifier.predict_proba(OLD).shape == (60, 3)
    with pytest.raises(OptionError, match="on the first call of partial_fit"):
        classifier.partial_fit(OLD, OF_OLD, classes=["yes", "no"])
    with pytest.raises(LabelError, match="which classes does not have"):
        classifier.partial_fit(OLD, ["yes", "other"] * 30)
    classifier.partial_fit(NEW, OF_NEW, classes=["maybe", "no", "yes"])
    assert classifier.classes_.tolist() == ["maybe", "no", "yes"]


def test_numbers_stay_numbers() -> None:
    classifier = SequenceClassifier(**{**TINY, "epochs": 1}).partial_fit(OLD, [7, 3] * 30)
    classifier.partial_fit(NEW, [3, 7, 5] * 20)
    assert classifier.classes_.tolist() == [3, 7, 5] and classifier.classes_.dtype.kind == "i"
    with pytest.raises(LabelError, match="of another type"):
        classifier.partial_fit(NEW, OF_NEW)


def test_what_cannot_go_on_is_refused(first: SequenceClassifier) -> None:
    classifier = copy.deepcopy(first)
    with pytest.raises(LabelError, match="only one class is present"):
        classifier.partial_fit(NEW, ["yes"] * 60)
    with pytest.raises(OptionError, match="--hidden 9 contradicts --from the fitted classifier"):
        copy.deepcopy(first).set_params(hidden=9).partial_fit(NEW, OF_NEW)
    several = SequenceClassifier(**{**TINY, "epochs": 1, "ensemble": 2}).fit(OLD, OF_OLD)
    with pytest.raises(OptionError, match="this is an ensemble"):
        several.partial_fit(NEW, OF_NEW)
