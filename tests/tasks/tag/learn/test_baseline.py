"""The baseline that gives every word its most frequent tag."""

from __future__ import annotations

from recurra.tasks.tag.learn.baseline import MajorityBaseline


def test_the_baseline_knows_the_most_frequent_tags() -> None:
    words = [["run", "the", "run"], ["run", "the"], ["tie"], ["tie"]]
    tags = [["VERB", "DET", "NOUN"], ["VERB", "DET"], ["B"], ["A"]]
    assert MajorityBaseline(words, tags).tag([["run", "the", "tie", "new"], []]) == [["VERB", "DET", "A", "DET"], []]
