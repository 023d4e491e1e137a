"""What every table shares: dialects that can be, columns by name, and names and rows in messages."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.tables.table import Dialect, Row, Table, listed, shortened
from recurra.errors import ColumnError, OptionError


class Numbers(Table):
    """Ten rows of a number and its square."""

    format = "numbers"

    def __init__(self, *columns: str) -> None:
        super().__init__(Path("numbers"))
        self.columns = columns

    def _rows(self, columns: Sequence[str]) -> Generator[Row]:
        indices = self.positions(columns)
        for number in range(10):
            values = (str(number), str(number**2), "")
            yield tuple(values[index] for index in indices)


@given(st.integers(1, 12))
def test_batches_are_full_but_for_the_last(size: int) -> None:
    table = Numbers("n", "square")
    batches = list(table.batches(("square", "n"), size))
    assert [row for batch in batches for row in batch] == [(str(n**2), str(n)) for n in range(10)]
    assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
    assert table.share() is None


def test_a_missing_a_misspelt_and_a_doubled_column() -> None:
    table = Numbers("number", "square", "square")
    assert table.positions(("square",) * 0 + ("number",)) == [0]
    with pytest.raises(ColumnError, match=r"no column 'numbr'\. Did you mean 'number'\?.*'number', 'square'"):
        next(table.batches(("numbr",)))
    with pytest.raises(ColumnError, match="2 columns named 'square'"):
        next(table.batches(("square",)))
    with pytest.raises(OptionError, match="at least 1"):
        next(table.batches(("number",), 0))


@pytest.mark.parametrize("given", [{"delimiter": ""}, {"delimiter": "ab"}, {"quote": "\n"}, {"quote": "ab"}])
def test_a_dialect_of_no_single_character_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(OptionError, match="must be one character other than a line end"):
        Dialect(**given)  # type: ignore[arg-type]


def test_quote_and_delimiter_must_differ() -> None:
    assert Dialect(quote="").quote == ""
    with pytest.raises(OptionError, match="cannot both be"):
        Dialect(delimiter="'", quote="'")


def test_names_and_rows_in_messages_are_short() -> None:
    assert listed([]) == "none"
    assert listed(["a", "b" * 99]) == f"'a', '{'b' * 57}...'"
    assert listed([str(n) for n in range(50)], most=2) == "'0', '1' and 48 more"
    assert shortened("a\tb\r\n") == r"'a\tb'"
    assert shortened("x" * 1000, most=3) == "'xxx'... (1,000 characters)"
