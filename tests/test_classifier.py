"""A pickle of an estimator of 0.1.0 is refused with the way out."""

from __future__ import annotations

import pickle

import pytest


def test_a_pickle_of_the_first_version_says_what_to_do() -> None:
    old = b"\x80\x04\x8c\x12recurra.classifier\x94\x8c\x12SequenceClassifier\x94\x93\x94)\x81\x94."
    with pytest.raises(ImportError, match=r"made by Recurra 0\.1\.0.*save\(DIR\).*recurra\.load\(DIR\)"):
        pickle.loads(old)  # noqa: S301 (the test is about it)
