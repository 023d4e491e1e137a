"""Spellings of one label are found, ordinary sets of labels are left alone."""

from __future__ import annotations

import pytest

from recurra.data.label_spelling import (
    clash_sentences,
    clashes,
    is_blank,
    looks_missing,
    missing_sentences,
    near_label,
    near_labels,
    unknown_sentence,
    written,
)


def of(*labels: str, rows: int = 10) -> dict[str, int]:
    return dict.fromkeys(labels, rows)


@pytest.mark.parametrize(
    ("labels", "differ"),
    [
        (("Positive", "positive"), "case"),
        (("positive", "positive "), "white space"),
        (("a b", "a\u00a0b"), "white space"),
        (("pos", "\u200bpos"), "characters that cannot be seen"),
        (("pos", "\ufeffpos"), "characters that cannot be seen"),
        (("caf\u00e9", "cafe\u0301"), "Unicode form"),
        (("ﬁn", "fin"), "Unicode form"),
        (("straße", "STRASSE"), "case"),
        (('"pos"', "pos"), "quotes"),
        (("pos.", "pos"), "punctuation"),
        (("café", "cafe"), "accents"),
        (("pos", "p\u043es"), "letters of another alphabet"),
        (("credit_card", "credit-card", "credit card", "creditcard"), "hyphens, underscores and spaces"),
        (("class 1", "class_1"), "hyphens, underscores and spaces"),
        (("1", "1.0"), "the way the number is written"),
        (("0", "00", "0.0", "0,0", "0e0"), "the way the number is written"),
        (("1", "\uff11"), "the way the number is written"),
        (("-1", "\u22121", "-1.0"), "the way the number is written"),
        (("1", "true"), "the way yes and no are written"),
        (("0.0", "False"), "the way yes and no are written"),
        (("yes", "Y", "1"), "the way yes and no are written"),
        (("Positive", "positive "), "white space or case"),
        (("Cafe\u0301", " caf\u00e9", "caf\u00e9"), "white space, Unicode form or case"),
    ],
)
def test_spellings_of_one_label_clash(labels: tuple[str, ...], differ: str) -> None:
    other = "negative" if differ != "the way yes and no are written" else "nan"
    found = clashes(of(*labels, other))
    assert [(set(clash.labels), clash.differ) for clash in found] == [(set(labels), differ)]


@pytest.mark.parametrize(
    "labels",
    [
        ("A", "A-", "A+", "B"),
        ("C", "C++", "C#"),
        ("+", "-"),
        (":)", ":("),
        ("-1", "0", "1"),
        ("1", "10", "100", "1,000"),
        ("1-1", "11", "1 2", "12"),
        ("y", "t", "f", "n", "1", "0", "a"),
        ("fr", "no", "yo", "en"),
        ("PRP", "PRP$", ".", ",", "``", "''", "-LRB-", "-RRB-"),
        ("B-PER", "I-PER", "O"),
        ("$.", "$,", "$(", "ADJA"),
        ("Nc-sn", "Ncs-n"),
        ("HUM:desc", "DESC:desc", "ENTY:other"),
        ("class 1", "class 11", "class 111"),
        ("好", "差"),
        ("да", "нет"),
        ("iran", "iraq"),
        ("theist", "atheist"),
    ],
)
def test_ordinary_labels_do_not_clash(labels: tuple[str, ...]) -> None:
    assert clashes(of(*labels)) == []


def test_a_rare_label_one_letter_from_a_common_one_is_a_misspelling() -> None:
    for rare in ("positve", "posiitive", "posotive", "psoitive"):
        (found,) = clashes({"positive": 100, "negative": 90, rare: 2})
        assert found.labels == {"positive": 100, rare: 2}
        assert found.differ == "a letter, perhaps by mistake"
        assert clashes({"positive": 100, "negative": 90, rare: 40}) == []


def test_the_sentence_names_labels_rows_and_where() -> None:
    (sentence,) = clash_sentences(clashes({"pos": 3, "Pos": 1, "neg": 9}), "row", {"pos": 1, "Pos": 1200})
    assert "case: 'pos' (3 rows, such as row 1), 'Pos' (1 row, such as row 1,200)." in sentence


def test_the_sentence_calls_labels_what_they_are() -> None:
    (sentence,) = clash_sentences(clashes({"B-PER": 3, "B-per": 1}), "word", name="tag")
    assert sentence.startswith(
        "Tags that differ only in case: 'B-PER' (3 words), 'B-per' (1 word). Each is learned as a"
    )
    assert "as a tag of its own" in sentence


def test_many_clashes_are_few_sentences() -> None:
    labels = {f"{case}{n}x": 5 for n in range(40) for case in ("a", "A")}
    found = clash_sentences(clashes(labels))
    assert len(found) == 6
    assert found[-1].startswith("35 more labels have several spellings: ")
    assert found[-1].endswith(" ....") or found[-1].endswith(" ...")


def test_spellings_that_look_alike_are_written_with_escapes() -> None:
    assert written("caf\u00e9", ["cafe\u0301"]) == r"'caf\xe9'"
    assert written("cafe\u0301", ["caf\u00e9"]) == r"'cafe\u0301'"
    assert written("café", ["tea"]) == "'café'"
    assert written("a\u200bb") == r"'a\u200bb'"
    assert written("pos ") == "'pos '"
    assert len(written("x" * 500)) == 62


@pytest.mark.parametrize("label", [None, "", " ", "\t\n", "\u00a0", "\u200b", "\ufeff ", "\u2060\u3000"])
def test_blank_labels(label: str | None) -> None:
    assert is_blank(label)


@pytest.mark.parametrize("label", ["0", "-", ".", "nan", "\u00e9", "\x07", "\u202e"])
def test_labels_that_are_not_blank(label: str) -> None:
    assert not is_blank(label)


@pytest.mark.parametrize(
    "label", ["nan", "NaN", "NA", "N/A", "#N/A", "<NA>", "None", "null", "NULL", " nan ", "NaT", "undefined", "?"]
)
def test_labels_that_look_missing(label: str) -> None:
    assert looks_missing(label)
    (sentence,) = missing_sentences({label: 3, "pos": 9})
    assert "(3 rows) looks like a missing label" in sentence


@pytest.mark.parametrize("label", ["none", "NONE", "unknown", "-", "_", "nana", "0", "no"])
def test_labels_that_may_well_be_classes(label: str) -> None:
    assert missing_sentences({label: 3, "pos": 9}) == []


def test_missing_values_alone_are_no_finding() -> None:
    assert missing_sentences({"nan": 3}) == []


@pytest.mark.parametrize(
    ("label", "known", "near"),
    [
        ("pos ", ["neg", "pos"], "pos"),
        ("positve", ["negative", "positive"], "positive"),
        ("True", ["0", "1"], "1"),
        ("1.0", ["0", "1"], "1"),
        ("banana", ["negative", "positive"], None),
        ("p", ["n", "q"], None),
    ],
)
def test_the_known_label_that_is_meant(label: str, known: list[str], near: str | None) -> None:
    assert near_label(label, known) == near


def test_unknown_labels_in_a_sentence() -> None:
    sentence = unknown_sentence({"pos ": 40, "odd": 1}, ["neg", "pos"], "why:")
    assert sentence.startswith("41 rows are left out, since why: 'pos ' (40 rows; did you mean 'pos'?), 'odd' (1 row).")
    many = unknown_sentence({f"l{n}": 1 for n in range(30)}, ["x"], "why:")
    assert "and 10 more" in many and "'l19'" in many and "'l20'" not in many


def test_near_labels_of_several_are_those_of_each() -> None:
    known, labels = ["negative", "positive", "1"], ["Positive", "negatve", "banana", "1.0"]
    near = {label: near_label(label, known) for label in labels}
    assert near == {"Positive": "positive", "negatve": "negative", "banana": None, "1.0": "1"}
    assert near_labels(labels, known) == {label: found for label, found in near.items() if found is not None}
