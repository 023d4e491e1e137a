"""Cells of several labels: whatever is joined is read again, lists as they are written, and what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.label_sets import from_key, guessed_separator, joined, labels_of, to_key, yes_or_no
from recurra.data.label_spelling import is_blank

LABEL = st.text(min_size=1, max_size=8).map(str.strip).filter(lambda label: not is_blank(label))
LABELS = st.lists(LABEL, max_size=5, unique=True)


@given(LABELS, st.sampled_from([";", "|", ",", "#", None]))
def test_what_is_joined_is_read_again(labels: list[str], separator: str | None) -> None:
    assert labels_of(joined(labels, separator), separator or ";") == (labels, 0)


@given(LABELS)
def test_a_json_list_and_a_key_are_read_again(labels: list[str]) -> None:
    assert labels_of(json.dumps(labels), ";") == (labels, 0)
    assert from_key(to_key(labels)) == sorted(labels)
    assert to_key(labels) == to_key(reversed(labels))


@given(st.text(max_size=40), st.sampled_from([";", None]))
def test_any_cell_gives_labels_or_a_reason(cell: str, separator: str | None) -> None:
    try:
        labels, again = labels_of(cell, separator)
    except ValueError:
        assert cell.strip()[0] + cell.strip()[-1] == "[]"
        return
    assert again >= 0 and len(set(labels)) == len(labels) and all(label and label == label.strip() for label in labels)


CELLS = [
    ("a; b ;c", ";", ["a", "b", "c"], 0),
    (" a ;; a;b;", ";", ["a", "b"], 1),
    ("", ";", [], 0),
    (" ; ", ";", [], 0),
    ("a,b", ";", ["a,b"], 0),
    ("a b", None, ["a b"], 0),
    ("[]", ";", [], 0),
    ('["x;y", "z", "z"]', ";", ["x;y", "z"], 1),
    ("['x', \"it's\"]", None, ["x", "it's"], 0),
    ("[27, 1.50, true, null]", None, ["27", "1.50", "true"], 0),
]


@pytest.mark.parametrize(("cell", "separator", "labels", "again"), CELLS)
def test_cells(cell: str, separator: str | None, labels: list[str], again: int) -> None:
    assert labels_of(cell, separator) == (labels, again)


@pytest.mark.parametrize(
    "cell", ["[a, b]", "[1 2]", '[["a"]]', '[{"a": 1}]', "[__import__('os')]", "[" * 99 + "]" * 99]
)
def test_what_is_no_list_of_labels(cell: str) -> None:
    with pytest.raises(ValueError, match="list"):
        labels_of(cell, ";")


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["a;b", "c", None, ""], (";", True)),
        (["a|b", "a|c"], ("|", True)),
        (["a, b"] * 20 + ["c;d"], (",", True)),
        (["a, b", "c;d"], (",", False)),
        (["a", "b"], (None, True)),
        (['["a,b"]', "[1, 2]"], (None, True)),
    ],
)
def test_the_separator_is_guessed(cells: list[str | None], found: tuple[str | None, bool]) -> None:
    assert guessed_separator(cells) == found


def test_yes_and_no() -> None:
    assert [yes_or_no(value) for value in ("1", " TRUE", "Yes", "1.0")] == [True] * 4
    assert [yes_or_no(value) for value in ("0", "false ", "NO", "0.0")] == [False] * 4
    assert [yes_or_no(value) for value in ("", "-1", "2", "maybe", "0.5")] == [None] * 5
