"""The columns of series, as the reader takes them."""

from __future__ import annotations

import inspect

from recurra.data.series.reader import read_series
from recurra.options.series import SeriesColumns


def test_names_with_commas_between_are_several() -> None:
    named = SeriesColumns(series="a, b", id="who", values="y").named()
    assert named == {"series": ["a", "b"], "id": "who", "time": None, "values": ["y"]}
    assert SeriesColumns(series=" , ").named()["series"] is None


def test_the_reader_takes_them() -> None:
    assert set(SeriesColumns().named()) <= set(inspect.signature(read_series).parameters)
