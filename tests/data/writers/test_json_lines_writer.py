"""JSON lines keep their very characters, and get the answers as last keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recurra.data.tables.readers import open_table
from recurra.data.writers.json_lines_writer import JsonLinesWriter
from recurra.data.writers.writer import AnswerColumn
from support.answers import ListedAnswers

COLUMNS = [AnswerColumn("label", labels=["no", "yes"]), AnswerColumn("score", "number")]
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)
)
ROWS = st.lists(st.dictionaries(st.sampled_from(["id", "label", "é"]), VALUE), min_size=1, max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(ROWS)
def test_an_object_keeps_its_text_and_gains_two_keys(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [json.dumps({"text": "a", **row}, ensure_ascii=False) for row in rows]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    writer = JsonLinesWriter(open_table(source), ["text"], COLUMNS)
    assert list(writer.inputs()) == [("a",)] * len(rows)
    writer.write(output, ListedAnswers(tmp_path, COLUMNS, [(n % 2, n / 4) for n in range(len(rows))]))
    written = output.read_bytes().decode("utf-8").split("\n")[:-1]  # `splitlines` splits at U+0085 too
    for n, (before, after) in enumerate(zip(lines, written, strict=True)):
        assert after.startswith(before[:-1])
        free = "label_" if "label" in rows[0] or "label" in rows[n] else "label"
        assert json.loads(after) == {**json.loads(before), free: ("no", "yes")[n % 2], "score": n / 4}


def test_rows_of_other_formats_become_objects(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text,n\na,1\n")
    writer = JsonLinesWriter(open_table(tmp_path / "in.csv"), ["text"], COLUMNS)
    writer.write(tmp_path / "out.jsonl", ListedAnswers(tmp_path, COLUMNS, [(1, 0.5)]))
    assert json.loads((tmp_path / "out.jsonl").read_text()) == {"text": "a", "n": "1", "label": "yes", "score": 0.5}
