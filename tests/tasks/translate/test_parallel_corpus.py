"""A parallel corpus counts what is wrong with its pairs."""

from __future__ import annotations

from recurra.tasks.translate.parallel_corpus import ParallelCorpus


def test_a_bitext_counts_what_is_wrong() -> None:
    corpus = ParallelCorpus()
    pairs = [("A b", "c"), ("", "x"), ("a  B", "C"), ("a b", "other"), ("same", "Same"), ("y", " "), ("z", None)]
    assert [corpus.add(*pair) for pair in pairs] == [True, False, True, True, True, False, False]
    report = corpus.report()
    assert report == {
        "rows": 7,
        "empty_rows": 3,
        "copied_rows": 1,
        "normalised_duplicates": 1,
        "sources_with_several_targets": 1,
    }
    assert list(corpus.sources) == ["A b", "a  B", "a b", "same"]
    assert corpus.numbers.tolist() == [1, 3, 4, 5]
    assert len(set(corpus.groups.tolist())) == 2
    assert "first is number 2" in corpus.findings()[0]
    corpus.close()
