"""The window over a JSON text, wherever the text is cut into what is read at a time."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data.tables import json_window
from recurra.data.tables.json_window import JsonWindow, NoValue
from support.damage import JSON

ANY = json.JSONDecoder()


def taken(path: Path) -> list[tuple[Any, str, int]]:
    """Return (value, its characters, its line) of every value in the array of a file."""
    found = []
    with JsonWindow(path, "utf-8") as window:
        assert window.take("[")
        while not window.take("]"):
            assert not found or window.take(",")
            window.next()
            line = window.line
            found.append((*window.value(ANY), line))
        assert window.next() == ""
    return found


@settings(max_examples=150, deadline=None)
@given(values=st.lists(JSON, max_size=6), chunk=st.integers(1, 9), indent=st.sampled_from([None, 0, 2]))
def test_every_value_is_read_wherever_the_text_is_cut(values: list[Any], chunk: int, indent: int | None) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=True)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_window, "CHUNK", chunk)
        path = Path(folder) / "t.json"
        path.write_text("\ufeff" + text, encoding="utf-8")
        found = taken(path)
    assert [json.dumps(value) for value, _, _ in found] == [json.dumps(value) for value in values]
    assert [json.dumps(json.loads(raw)) for _, raw, _ in found] == [json.dumps(value) for value in values]
    if indent == 0 and all(not isinstance(value, list | dict) or not value for value in values):
        assert [line for _, _, line in found] == list(range(2, len(values) + 2))


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ('[\n"open', "Unterminated string", 2),
        ('[{"a":\n\n tru}', "Expecting value", 3),
        ('[{"a"\n1}' + " " * 100, "Expecting ':'", 2),
        ("[" + "[" * 100_000, "nested too deeply", 1),
        ('["' + "a" * 300 + '"]', "longer than 100 characters", 1),
    ],
)
@pytest.mark.parametrize("chunk", [5, 1000])
def test_what_is_no_value_is_named_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, reason: str, line: int, chunk: int
) -> None:
    monkeypatch.setattr(json_window, "CHUNK", chunk)
    monkeypatch.setattr(json_window, "ROW_LIMIT", 10**6 if "[[" in text else 100)
    if chunk == 1000 and "longer" in reason:
        text = text.replace("a" * 300, "a" * 3000)
    path = tmp_path / "t.json"
    path.write_text(text)
    with JsonWindow(path, "utf-8") as window:
        assert window.take("[")
        with pytest.raises(NoValue, match=reason) as raised:
            window.value(ANY)
    assert raised.value.line == line


def test_the_next_characters_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_window, "CHUNK", 2)
    path = tmp_path / "t.json"
    path.write_text("  [" + " \n" * 40 + "{  } ]")
    with JsonWindow(path, "utf-8") as window:
        assert (window.next(), window.after(), window.next(), window.line) == ("[", "{", "[", 1)
        assert window.take("[") and not window.take("]")
        assert (window.next(), window.line, window.value(ANY)) == ("{", 41, ({}, "{  }"))
        assert window.take("]") and window.next() == window.after() == ""
        assert window.share() == 1.0
