"""What labels look like: several in a cell, quantities, too many of them; ordinary classes give no finding."""

from __future__ import annotations

import pytest

from recurra.tasks.classify.label_findings import class_list, label_findings, many_classes, quantity, several_labels


def of(*labels: str, rows: int = 10) -> dict[str, int]:
    return dict.fromkeys(labels, rows)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (("a", "b", "a,b"), "1 combinations of 2 labels, in 10 rows"),
        (("music", "plot", "music;plot", "music,plot"), "2 combinations of 2 labels, in 20 rows"),
        (("joy", "anger", "joy, anger", "anger, joy"), "2 combinations of 2 labels"),
        (("a|b", "b|c", "a|c"), "3 combinations of 3 labels"),
        (("a\tb", "b\tc", "c\ta"), "3 combinations of 3 labels"),
        (("a", "b", "c", "a/b", "b/c"), "2 combinations of 3 labels"),
        (("joy", "anger", "fear", "joy anger", "fear joy"), "2 combinations of 3 labels"),
        (("['a', 'b']", "['b']", "[]"), "3 combinations of 2 labels, in 30 rows"),
        (('["a","b"]', '["b"]'), "2 combinations of 2 labels"),
        (("{a,b}", "{b}"), "2 combinations of 2 labels"),
        (("1,2,3", "1,2", "2,3", "1"), "3 combinations of 3 labels"),
    ],
)
def test_several_labels_in_a_cell(labels: tuple[str, ...], words: str) -> None:
    assert words in several_labels(of(*labels))


@pytest.mark.parametrize(
    "labels",
    [
        ("Paris, France", "Lyon, France", "Nice, France"),
        ("Sci/Tech", "World", "Sports", "Business"),
        ("C", "C++", "C/C++"),
        ("Food, Drinks & Tobacco", "Cars"),
        ("Electronics|Phones", "Electronics|TV", "Home|Beds"),
        ("0,5", "1,0", "1,5", "2,0", "2,5"),
        ("credit card", "debit card", "loan"),
        ("not applicable", "positive"),
        ("[UNK]", "word"),
        ("card_payment", "card_fee"),
    ],
)
def test_names_with_signs_in_them_are_one_label(labels: tuple[str, ...]) -> None:
    assert several_labels(of(*labels)) == ""


def test_measured_numbers_are_a_quantity() -> None:
    for values in (
        [f"{n * 0.37:.2f}" for n in range(40)],
        [f"{n * 0.37:.2f}".replace(".", ",") for n in range(40)],
        [str(n * 37 + 5) for n in range(60)],
        [*(f"{n / 7}" for n in range(40)), "nan"],
        [str(year) for year in range(1950, 2020)],
    ):
        sentence = quantity(of(*values))
        assert "--task regress" in sentence and "--target" in sentence
    assert "40 different numbers between 0.00 and 14.43" in quantity(of(*(f"{n * 0.37:.2f}" for n in range(40))))


@pytest.mark.parametrize(
    "labels",
    [
        [str(n) for n in range(1, 6)],
        [str(n / 2) for n in range(1, 11)],
        [str(n) for n in range(150)],
        [str(n) for n in range(1, 151, 2)] + ["2"],
        [str(year) for year in range(2000, 2020)],
        ["0.0", "1.0"],
        ["a", "b"],
        [*(str(n * 37) for n in range(60)), *"abcdefgh"],
        ["inf", "nan", "1"],
    ],
)
def test_ratings_and_numbers_of_classes_are_no_quantity(labels: list[str]) -> None:
    assert quantity(of(*labels)) == ""


def test_many_classes_are_told() -> None:
    assert "500 classes in 2,000 rows are 4.0 rows a class" in many_classes({f"c{n}": 4 for n in range(500)})
    assert many_classes({f"c{n}": 130 for n in range(77)}) == ""
    assert many_classes({f"c{n}": 2 for n in range(20)}) == ""


def test_the_classes_are_listed_the_commonest_first() -> None:
    assert class_list({"b": 2, "a ": 1200, "c": 1}) == "Classes (3): 'a ' (1,200 rows), 'b' (2 rows), 'c' (1 row)."
    line = class_list({f"c{n:02}": 3 for n in range(25)})
    assert line.startswith("Classes (25): 'c00' (3 rows)") and line.endswith("'c19' (3 rows) and 5 more.")


def test_all_findings_together_and_none_for_ordinary_labels() -> None:
    found = label_findings({"pos": 9, "Pos": 3, "nan": 4, "pos;neg": 2, "neg": 8, "neg;pos": 1}, {"pos": 4})
    assert [sentence.split()[0] for sentence in found] == ["Labels", "'nan'", "Cells"]
    assert "'pos' (9 rows, such as row 4)" in found[0]
    for ordinary in (("positive", "negative"), ("1", "2", "3", "4", "5"), ("ham", "spam"), ("ABBR", "DESC", "ENTY")):
        assert label_findings(of(*ordinary)) == []
