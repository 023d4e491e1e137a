"""JSON documents, damaged: read as Python's json reads them, or refused in words."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from recurra.data.tables import json_window
from recurra.data.tables.readers import open_table
from recurra.errors import RecurraError
from support.damage import INTERESTING, altered, damaged
from support.fuzzing import fuzzed
from support.whole_commands import in_sentences

WORDS = (*INTERESTING, b'"text"', b"null", b"[]", b"{}", b'"more": [{', b"},{", b"\\u0000", b"1e400", b"[" * 2000)
TEXTS = ("w1 w2", "", "naïve 日本 \U0001f600", 'a "b" \\ c', "]}", "null")
OBJECTS = st.builds(
    lambda n, text: {"text": text, "number": n, "in": {"side": text}}, st.integers(0, 9), st.sampled_from(TEXTS)
)  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Draw a file: an array of a few objects, or an object that holds one, its values altered or its bytes damaged."""
    rows: Any = draw(st.lists(OBJECTS, min_size=1, max_size=5))
    if draw(st.booleans()):
        rows = {"count": len(rows), "data": rows, "more": {}}
    if draw(st.booleans()):
        rows = draw(altered(rows))
    text = json.dumps(rows, indent=draw(st.sampled_from((None, 1))), ensure_ascii=draw(st.booleans()))
    content = text.encode("utf-8", "surrogatepass")
    return draw(damaged(content, WORDS)) if draw(st.booleans()) else content


def expected(content: bytes) -> list[Any]:
    """Return the texts that Python's json reads, where Recurra reads any."""
    whole = json.loads(content.decode().removeprefix("\ufeff"), parse_int=str, parse_float=str, parse_constant=str)
    if isinstance(whole, dict):
        (whole,) = (it for it in whole.values() if isinstance(it, list) and it and isinstance(it[0], dict))
    return [row["text"] for row in whole]


@fuzzed(200, content=documents(), chunk=st.sampled_from((3, 50, 1 << 18)))
def test_the_reader(content: bytes, chunk: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_window, "CHUNK", chunk)
        path = Path(folder) / "table.json"
        path.write_bytes(content)
        try:
            table = open_table(path)
            rows = [row for batch in table.batches(["text"], size=3) for row in batch]
        except RecurraError as error:
            in_sentences(str(error))
            return
        if table.format == "json":
            spelled = {True: "true", False: "false"}
            assert [row[0] for row in rows] == [spelled[it] if isinstance(it, bool) else it for it in expected(content)]
