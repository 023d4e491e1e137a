"""Fingerprints: those of texts and labels as they were, and any other row told from every other."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from recurra.data.fingerprint import Fingerprint

MORE = (("good film", "positive"), ("", ""), ("caf\u00e9 \u6620\u753b \U0001f600", "negative\n"), ("\ud800", "\udc00"))
RECORDED: dict[tuple[tuple[str, str], ...], str] = {
    (): "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    (("good film", "positive"),): "97f40d255319957b04fe9289289e967a047e0605fb0cf0bb6544ef24d9099b10",
    (
        ("good film", "positive"),
        ("", ""),
        ("caf\u00e9 \u6620\u753b \U0001f600", "negative\n"),
        ("\ud800", "\udc00"),
    ): "09ba903137dbe2da71ce2701f95200bae9bc74e84a1c4b9917421826ce0592e7",
}
"""Digests of rows of (text, label), as 0.1.0 wrote them."""

ROWS: list[tuple[Any, ...]] = [
    ("a", "b"), ("a",), ("ab",), ("a", "b", None), ("a", None), (None, "b"), (None,), (None, None), (),
    (b"a", "b"), (b"a",), (1,), (1.0,), (True,), ("1",), (b"1",), (2, 3), (23,), (float("nan"),), (-0.0,), (0.0,),
    (np.zeros(6),), (np.zeros((2, 3)),), (np.zeros((3, 2)),), (np.zeros((2, 3), dtype=np.float32),), (np.zeros(0),),
    (np.arange(6.0).reshape(2, 3),), (np.arange(6.0).reshape(2, 3).T,), (np.arange(6),), (np.arange(6), "b"),
]  # fmt: skip


def digest(*rows: tuple[Any, ...]) -> str:
    fingerprint = Fingerprint()
    for row in rows:
        fingerprint.add(*row)
    return fingerprint.hexdigest()


@pytest.mark.parametrize("rows", RECORDED)
def test_texts_and_labels_have_the_digests_that_models_recorded(rows: tuple[tuple[str, str], ...]) -> None:
    assert digest(*rows) == RECORDED[rows]


def test_rows_that_differ_have_different_digests() -> None:
    digests = [digest(row) for row in ROWS]
    for (one, a), (other, b) in itertools.combinations(zip(ROWS, digests, strict=True), 2):
        assert a != b, (one, other)


def test_equal_rows_have_equal_digests_however_they_lie_in_memory() -> None:
    values = np.random.default_rng(0).normal(size=(4, 3))
    assert digest((values, "a")) == digest((np.asfortranarray(values), "a")) == digest((values.astype(">f8"), "a"))
    assert digest((values[::2],)) == digest((values[::2].copy(),))


def test_a_row_is_not_two_rows() -> None:
    assert len({digest(("a",), ("b",)), digest(("a", "b")), digest(("b",), ("a",)), digest(("a", "b", "c"))}) == 4


@pytest.mark.parametrize("field", [["a"], object(), np.array(["a", None], dtype=object)])
def test_other_fields_are_refused(field: Any) -> None:
    with pytest.raises(TypeError, match="a fingerprint is of"):
        Fingerprint().add(field)
