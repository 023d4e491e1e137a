from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import ArtefactError
from recurra.storage.sound_json import sound_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_what_json_writes_is_read_back(value: object) -> None:
    assert sound_json("a.json", json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    "content", [b"", b"{", b"NaN", b"[-Infinity]", b"1e999", b'{"a": 1, "a": 2}', b'"\xff"', b"[" * 100_000]
)
def test_what_is_not_sound_is_refused_by_the_name_of_the_file(content: bytes) -> None:
    with pytest.raises(ArtefactError, match=r"^a\.json is not sound JSON"):
        sound_json("a.json", content)
