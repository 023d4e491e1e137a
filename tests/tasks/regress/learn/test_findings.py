"""What is told of the numbers of the rows."""

from __future__ import annotations

import numpy as np

from recurra.data.number_cells import NumberColumn
from recurra.many_to_one.data_quality import DataQuality
from recurra.tasks.regress.learn.findings import number_findings, repeat_findings, summary, summary_in_words


def test_facts_and_their_sentence() -> None:
    targets = np.array([1.0, 2.0, 2.0, 5.0])
    facts = summary(targets)
    assert facts == {
        "rows": 4, "distinct": 3, "mean": 2.5, "deviation": 1.5, "quarters": [1.0, 1.75, 2.0, 2.75, 5.0],
    }  # fmt: skip
    assert summary_in_words("stars", facts).startswith("Numbers (stars): 1 to 5, half of them from 1.75 to 2.75")


def test_gaps_ratings_and_far_numbers_are_told() -> None:
    column = NumberColumn("stars", missing=2, infinite=1, examples={"missing": [3, 4], "infinite": [7]})
    targets = np.array([1.0, 2, 3, 4, 5] * 4 + [1e6])
    told = " ".join(number_findings(column, summary(targets), targets, np.arange(1, 22)))
    assert "2 rows whose number are missing, left out (see rows 3, 4)" in told
    assert "1 row whose number is infinite" in told
    assert "--ordered" in told
    assert "1e+06 in row 21" in told
    smooth = np.random.default_rng(0).normal(size=100)
    assert number_findings(NumberColumn("x"), summary(smooth), smooth, np.arange(100)) == []


def test_repeats_and_contradictions_are_told() -> None:
    quality = DataQuality()
    for text, number in (("a b", "1.0"), ("A  b", "2.0"), ("c", "3.0"), ("", "1.0")):
        quality.add(text, number)
    told = " ".join(repeat_findings(quality.report()))
    assert "1 texts come with more than one number (2 rows)" in told
    assert "1 rows of 4 repeat another" in told
    assert "1 rows without text" in told
