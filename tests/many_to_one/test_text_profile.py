"""What a model keeps of its training rows: enough to recognise them, no text, and nothing that cannot be read."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import ArtefactError
from recurra.many_to_one.text_profile import KEPT, NAME, TextProfile, counted_labels


def test_a_profile_comes_back_from_a_manifest() -> None:
    digests = np.random.default_rng(0).integers(0, 2**63, 50).astype(np.uint64)
    labels = {"a": 30, "b": 20, "none": 0}
    made = TextProfile.of(np.arange(50), digests, empty=0.25, labels=labels, numbers=np.arange(50) / 3)
    back = TextProfile.stated(_manifest(json.loads(json.dumps(made.facts()))))
    assert back == made and back.labels == {"a": 0.6, "b": 0.4} and back.whole and back.rows == 50
    assert back.digests().tolist() == sorted(digests.tolist())
    assert TextProfile.stated(None) is None and TextProfile.stated(_manifest(None)) is None


@given(st.integers(1, 3 * KEPT), st.integers(0, 200), st.integers(0, 10_000), st.integers(0, 2**31))
def test_the_share_of_known_texts_is_found_or_estimated(rows: int, again: int, others: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    every = rng.choice(2**62, rows + others, replace=False).astype(np.uint64)
    training, new = every[:rows], np.concatenate([every[:again], every[rows:]])
    profile = TextProfile.of(np.ones(rows), training)
    found, looked_up = profile.seen(new)
    truly = min(again, rows)
    assert profile.whole == (len(np.unique(training)) < KEPT)
    if profile.whole:
        assert (found, looked_up) == (truly, len(new))
    else:
        assert found <= truly and looked_up <= len(new)
        kept = np.sort(training)[:KEPT]
        assert found == np.isin(new, kept).sum() and looked_up == (new <= kept[-1]).sum()


@pytest.mark.parametrize(
    "change",
    [
        {"rows": 0}, {"rows": "7"}, {"lengths": []}, {"lengths": "x"}, {"empty": 2.0}, {"texts": "?"},
        {"texts": "AAAA"},
        {"labels": {"a": "b"}}, {"numbers": [None]},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(change: dict[str, Any]) -> None:
    made = TextProfile.of(np.arange(9), np.arange(9).astype(np.uint64)).facts()
    with pytest.raises(ArtefactError, match="rows of training"):
        TextProfile.stated(_manifest(made | change))
    with pytest.raises(ArtefactError):
        TextProfile.stated(_manifest([1, 2]))


def test_labels_are_counted_once_a_row() -> None:
    assert counted_labels(["a", "b", "c"], np.array([0, 2, 2])) == {"a": 1, "b": 0, "c": 2}
    assert counted_labels(["a", "b"], np.array([[True, True], [False, True]])) == {"a": 1, "b": 2}


def _manifest(stated: Any) -> Any:
    return SimpleNamespace(metrics={} if stated is None else {NAME: stated})


@given(st.integers(1, 2 * KEPT), st.integers(1, 2 * KEPT), st.integers(0, 50), st.integers(0, 2**31))
def test_two_trainings_together_are_as_one(rows: int, others: int, common: int, seed: int) -> None:
    every = np.random.default_rng(seed).choice(2**62, rows + others, replace=False).astype(np.uint64)
    first, second = every[:rows], np.concatenate([every[rows:], every[: min(common, rows)]])
    labels = {"a": rows}, {"a": 1, "b": len(second) - 1}
    one = TextProfile.of(np.ones(rows), first, empty=0.5, labels=labels[0])
    two = TextProfile.of(np.full(len(second), 9), second, labels=labels[1])
    found, whole = two.with_earlier(one), TextProfile.of(np.ones(rows + len(second)), np.concatenate([first, second]))
    assert (found.rows, found.texts, found.whole) == (whole.rows, whole.texts, whole.whole)
    assert found.empty == pytest.approx(0.5 * rows / found.rows)
    assert found.labels.get("b", 0) == pytest.approx((len(second) - 1) / found.rows)
    assert (found.lengths[0], found.lengths[-1]) == (1, 9)
