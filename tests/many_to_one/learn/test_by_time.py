"""The newest rows, and the words about them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.data.cell_column import CellColumn
from recurra.errors import DataError, OptionError
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.by_time import RowTimes
from recurra.many_to_one.learn.row_groups import RowGroups


@given(st.lists(st.integers(0, 20), min_size=1, max_size=40), st.sampled_from([0.01, 0.1, 0.5, 0.9]))
def test_the_newest_are_as_many_as_ties_allow(times: list[int], share: float) -> None:
    column, rows = CellColumn("date"), np.arange(len(times))
    found = RowTimes(column, np.array(times, dtype=float)).newest(rows, share)
    values = np.array(times)
    if len(set(times)) == 1:
        assert not found.any()
        return
    assert found.any() and not found.all() and values[found].min() > values[~found].max()
    cuts = [(values >= cut).sum() for cut in sorted(set(times))[1:]]
    assert abs(found.sum() - share * len(times)) == min(abs(count - share * len(times)) for count in cuts)


def _times(cells: list[str]) -> RowTimes:
    with Corpus() as corpus:
        corpus.beside = {"when": CellColumn("when")}
        for number, cell in enumerate(cells):
            corpus.add(f"text {number}", "label")
            corpus.beside["when"].add(cell)
        corpus.seal()
        found = RowTimes.of(corpus, "when")
        assert found is not None
        found.parts(corpus, np.arange(len(cells)), 0.3, 0.3, None)
        return found


def test_groups_that_older_rows_have_may_leave_none_to_hold_out() -> None:
    with Corpus() as corpus:
        corpus.beside = {"when": CellColumn("when"), "who": CellColumn("who")}
        for number in range(30):
            corpus.add(f"text {number}", "label")
            corpus.beside["when"].add(str(number))
            corpus.beside["who"].add("abc"[number % 3])
        corpus.seal()
        times, groups = RowTimes.of(corpus, "when"), RowGroups.of(corpus, "who")
        assert times is not None
        with pytest.raises(OptionError, match="--group who with --split-by-time when: no row is left"):
            times.parts(corpus, np.arange(30), 0.3, 0.2, groups)


def test_a_cell_that_is_no_time_is_named_with_its_row() -> None:
    with pytest.raises(DataError, match="row 3 holds '03/04/2024': a date whose day and month could be exchanged"):
        _times(["2024-01-01", "2024-01-02", "03/04/2024", "2024-01-02"])
    with pytest.raises(DataError, match=r"row 2 has no time \(1 rows have none\)"):
        _times(["2024-01-01", " ", "2024-01-02"])
    with pytest.raises(OptionError, match="the rows have 2 different times, and it takes 3"):
        _times(["2024-01-01", "2024-01-02", "2024-01-02T00:00"])
    assert _times(["3", "1", "2"]).times.tolist() == [3, 1, 2]
