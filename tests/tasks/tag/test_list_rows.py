"""Parquet files with lists of words and tags, as data sets of Hugging Face have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import polars
import pytest

from recurra.data.tables.duckdb_paths import sql_literal
from recurra.errors import ColumnError, OptionError, ReadError
from recurra.tasks.tag.options import TaggedFileOptions
from recurra.tasks.tag.reading import open_tagged
from recurra.tasks.tag.tagged_file import TrainingColumns

NAMES = ["O", "B-PER", "I-PER", "B-LOC"]
ROWS = [(["Ana", "Li"], [1, 2]), (["met"], [0]), ([], []), (["Lima", "'", "x"], [3, 0, 0])]
EXPECTED = [[NAMES[tag] for tag in tags] for _, tags in ROWS]


def hugging_face(path: Path, *, column: str = "ner_tags", names: list[str] | None = NAMES) -> Path:
    """Write tokens and numbered tags, with the metadata of the schema that `Dataset.to_parquet` writes."""
    rows = {"id": ["a", "b", "c", "d"], "tokens": [words for words, _ in ROWS], column: [tags for _, tags in ROWS]}
    types = {"tokens": polars.List(polars.String), column: polars.List(polars.Int64)}
    polars.DataFrame(rows, schema_overrides=types).write_parquet(path)
    if names is not None:
        feature = {"feature": {"names": names, "_type": "ClassLabel"}, "_type": "Sequence"}
        metadata = json.dumps({"info": {"features": {"id": {"dtype": "string", "_type": "Value"}, column: feature}}})
        given = path.with_suffix(".plain.parquet")
        path.rename(given)
        duckdb.sql(
            f"COPY (SELECT * FROM {sql_literal(given)}) TO {sql_literal(path)} "
            f"(FORMAT parquet, KV_METADATA {{huggingface: {sql_literal(metadata)}}})"
        )
        given.unlink()
    return path


def tags(path: Path, options: dict[str, Any] | None = None, **more: Any) -> list[list[str]]:
    return [each.tags for each in open_tagged(path, TaggedFileOptions(**(options or {})), **more).sentences()]


def test_the_schema_names_the_tags(tmp_path: Path) -> None:
    file = open_tagged(hugging_face(tmp_path / "a.parquet"))
    sentences = list(file.sentences())
    assert (file.format, file.tag_column, file.names, file.numbered) == ("parquet", "ner_tags", tuple(NAMES), False)
    assert [(each.words, each.tags) for each in sentences] == [(w, t) for (w, _), t in zip(ROWS, EXPECTED, strict=True)]
    assert [each.line for each in sentences] == [1, 2, 3, 4]


def test_stated_names_win_and_those_of_training_come_last(tmp_path: Path) -> None:
    path = hugging_face(tmp_path / "a.parquet", names=None)
    file = open_tagged(path)
    assert [each.tags for each in file.sentences()] == [[str(tag) for tag in tags] for _, tags in ROWS]
    assert file.numbered
    assert tags(path, {"tag_names": ",".join(NAMES)}) == EXPECTED
    training = TrainingColumns("parquet", "ner_tags", "tokens", names=tuple(NAMES))
    assert tags(path, training=training) == EXPECTED
    named = hugging_face(tmp_path / "b.parquet", names=["O", "X", "Y", "Z"])
    assert tags(named, training=training)[0] == ["X", "Y"]
    assert tags(named, {"tag_names": ",".join(NAMES)}) == EXPECTED
    with pytest.raises(ReadError, match=r"a\.parquet, row 4: the tag '3' has no name: there are 3"):
        tags(path, {"tag_names": "O,B-PER,I-PER"})


def test_json_lines_have_names_too(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"tokens": words, "ner_tags": numbers}) + "\n" for words, numbers in ROWS))
    file = open_tagged(path, TaggedFileOptions(tag_names=",".join(NAMES)))
    assert ([each.tags for each in file.sentences()], file.tag_column, file.numbered) == (EXPECTED, "ner_tags", False)
    with pytest.raises(ReadError, match=r"a\.jsonl, line 4: the tag '3' has no name"):
        tags(path, {"tag_names": "O,B-PER,I-PER"})
    skipped = open_tagged(path, TaggedFileOptions(tag_names="O,B-PER,I-PER", bad_rows="skip"))
    assert ([each.tags for each in skipped.sentences()], skipped.rejected) == (EXPECTED[:3], 1)


def test_texts_of_tags_and_other_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    polars.DataFrame({"words": [["a", "b"]], "pos_tags": [["X", "Y"]], "ner_tags": [["O", "B-Z"]]}).write_parquet(path)
    with pytest.raises(ColumnError, match=r"not obvious which column .* holds the tags.*'pos_tags', 'ner_tags'"):
        open_tagged(path)
    assert tags(path, {"tag_column": "ner_tags"}) == [["O", "B-Z"]]
    with pytest.raises(ColumnError, match=r"no column 'ner_tag'.*Did you mean 'ner_tags'"):
        open_tagged(path, TaggedFileOptions(tag_column="ner_tag"))
    with pytest.raises(OptionError, match="--delimiter does nothing"):
        open_tagged(path, TaggedFileOptions(delimiter=";"))


@pytest.mark.parametrize(
    ("words", "numbers", "message"),
    [
        (["a", "b"], [1], "row 2: 2 in 'tokens' and 1 in 'ner_tags'"),
        (["a", ""], [1, 0], "row 2: word 2 is empty"),
        (["a", None], [1, 0], "row 2: 'tokens' holds something else than texts or numbers"),
        (["a"], [None], "row 2: 'ner_tags' holds something else"),
    ],
)
def test_a_broken_row_is_refused_or_skipped(
    tmp_path: Path, words: list[str | None], numbers: list[int | None], message: str
) -> None:
    path, rejects = tmp_path / "a.parquet", tmp_path / "a.rejects"
    polars.DataFrame({"tokens": [["ok"], words, ["fine"]], "ner_tags": [[0], numbers, [1]]}).write_parquet(path)
    with pytest.raises(ReadError, match=rf"a\.parquet, {message}.*--bad-rows skip"):
        tags(path)
    file = open_tagged(path, TaggedFileOptions(bad_rows="skip"), rejects=rejects)
    assert [each.words for each in file.sentences()] == [["ok"], ["fine"]]
    assert (file.rejected, rejects.read_text().splitlines()[1].split(",")[0]) == (1, "2")
