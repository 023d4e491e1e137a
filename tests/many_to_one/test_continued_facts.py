"""What is told of a model whose training went on."""

from __future__ import annotations

from typing import Any

from recurra.many_to_one.continued_facts import continued_rows, continued_sentences
from support.whole_commands import in_sentences


def part(measure: str, before: float, after: float, p: float) -> dict[str, Any]:
    difference = after - before
    paired = {"difference": difference, "difference_ci95": [difference - 0.02, difference + 0.02], "p_value": p}
    ends = {"before_ci95": [0.0, 1.0], "after_ci95": [0.0, 1.0]}
    return {"rows": 1200, "measure": measure, "before": before, "after": after, **ends, "paired": paired}


def continued(**more: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"model": "old", "old": None, "new": None, "further_words": 0, "further_labels": []}
    return {**empty, **more}


def test_what_was_forgotten_and_what_was_learnt() -> None:
    told = continued_sentences(
        continued(
            old=part("accuracy", 0.91, 0.85, 0.0001),
            new=part("accuracy", 0.52, 0.55, 0.2),
            further_words=1,
            further_labels=["fair", "poor"],
        )
    )
    in_sentences(" ".join(told))
    assert told == [
        "On 1,200 held-out rows of old: accuracy 91.0% before, 85.0% after (-6.0 points, worse, p = 0.0001).",
        "On 1,200 new held-out rows: accuracy 52.0% before, 55.0% after (+3.0 points, which may be chance, p = 0.2).",
        "Added: 1 word and 2 labels (fair, poor).",
    ]


def test_a_smaller_error_is_better() -> None:
    (told, _) = continued_sentences(continued(new=part("mae", 1.5, 1.25, 0.01)))
    assert told.endswith("mean absolute error 1.500 before, 1.250 after (-0.250, better, p = 0.01).")


def test_that_nothing_is_known_of_the_old_rows_is_told() -> None:
    assert continued_sentences(continued()) == ["What old forgot was not measured: its held-out rows were not at hand."]
    assert continued_sentences(None) == [] and continued_rows(None) == ([], [])


def test_the_table_has_a_row_for_each_set() -> None:
    columns, rows = continued_rows(
        continued(old=part("micro_f1", 0.5, 0.25, 0.5), new=part("micro_f1", 0.5, 0.75, 0.5))
    )
    assert columns[2:4] == ["micro F1 before", "after"]
    assert rows == [
        ["old ones", "1,200", "50.0%", "25.0%", "-25.0 points", "-27.0 points to -23.0 points"],
        ["new ones", "1,200", "50.0%", "75.0%", "+25.0 points", "+23.0 points to +27.0 points"],
    ]
