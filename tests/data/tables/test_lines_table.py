"""Plain text, a row for each line."""

from __future__ import annotations

from pathlib import Path

from recurra.data.tables.readers import open_table


def test_plain_text_keeps_blank_lines_and_spaces(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(b'one\r\n\n  "three", x \rfour')
    batches = open_table(tmp_path / "t.txt").batches(("text",), size=2)
    assert [text for batch in batches for (text,) in batch] == ["one", "", '  "three", x ', "four"]
