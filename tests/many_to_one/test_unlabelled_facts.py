"""What is told of unlabelled texts: the counts and the scores, and nothing where there is nothing."""

from __future__ import annotations

from recurra.many_to_one.unlabelled_facts import (
    leak_findings,
    left_out_in_words,
    unlabelled_sentences,
    used_in_words,
)

NONE = {"rows": 10, "used": 10, "empty": 0, "held_out": 0, "labelled": 0, "repeats": 0}


def test_texts_that_were_left_out_are_told_by_reason() -> None:
    counts = {"rows": 1_500, "used": 1_490, "empty": 1, "held_out": 2, "labelled": 3, "repeats": 4}
    words = (
        "2 copies of held-out or validation texts, 3 copies of training texts, 4 copies of each other, 1 without text"
    )
    assert left_out_in_words(counts) == words
    assert used_in_words(counts) == f"1,490 of 1,500 texts are learnt from; left out: {words}."
    assert left_out_in_words(NONE) == "" and used_in_words(NONE) == "10 of 10 texts are learnt from."


def test_only_a_leak_is_a_finding() -> None:
    assert leak_findings({**NONE, "labelled": 5, "empty": 2, "repeats": 7}) == []
    assert leak_findings({**NONE, "held_out": 1})[0].startswith("1 unlabelled text repeats a held-out or validation")
    assert leak_findings({**NONE, "held_out": 3})[0].startswith("3 unlabelled texts repeat a held-out or validation")


def test_teacher_and_student_are_told_beside_each_other() -> None:
    metrics = {
        "data": {"unlabelled": {"name": "more.csv", **NONE}},
        "teacher": {"valid": {"rows": 2_000, "accuracy": 0.925, "log_loss": 0.2014}},
        "valid": {"rows": 2_000, "accuracy": 0.931, "log_loss": 0.1901},
    }
    first, second = unlabelled_sentences(metrics)
    assert first == "more.csv: 10 of 10 texts are learnt from."
    assert second.startswith("On 2,000 validation rows: the teacher") and second.endswith(
        "92.5% right, log loss 0.201; the student, which is this model, 93.1% right, log loss 0.190."
    )
    for missing in ("data", "teacher"):
        assert unlabelled_sentences({**metrics, missing: None}) == []
    assert unlabelled_sentences({}) == []
