"""Every suffix leads to a reader."""

from __future__ import annotations

from recurra.data.tables.kinds import NOT_TEXT, SUFFIXES
from recurra.data.tables.readers import READERS


def test_every_suffix_leads_to_a_reader() -> None:
    assert set(SUFFIXES.values()) <= set(READERS) and set(READERS) >= NOT_TEXT
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in SUFFIXES)
