"""Names of tags that a file holds as numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recurra.errors import OptionError
from recurra.tasks.tag.tag_names import UnnamedTag, named, schema_names, stated_names

LABELS = {"names": ["O", "B-PER", "I-PER"], "_type": "ClassLabel"}


def test_names_are_given_between_commas_or_in_a_file(tmp_path: Path) -> None:
    assert stated_names(None) == ()
    assert stated_names("O, B-PER,I-PER") == ("O", "B-PER", "I-PER")
    (tmp_path / "names.txt").write_text("O\nB,PER\r\nI-é\n\n", encoding="utf-8")
    assert stated_names(str(tmp_path / "names.txt")) == ("O", "B,PER", "I-é")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("O", "with commas between.*there is no such file"),
        ("O,,B", "the name of number 1 is empty"),
        ("O,B,O", "'O' is there twice"),
    ],
)
def test_names_that_cannot_be_are_refused(given: str, message: str) -> None:
    with pytest.raises(OptionError, match=rf"--tag-names .*{message}"):
        stated_names(given)


def test_a_file_of_one_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("O\n")
    with pytest.raises(OptionError, match="at least two names are needed, got 1"):
        stated_names(str(tmp_path / "names.txt"))


@pytest.mark.parametrize(
    "feature",
    [
        {"feature": LABELS, "_type": "Sequence"},
        {"feature": LABELS, "length": -1, "_type": "List"},
        [LABELS],
        LABELS,
    ],
)
def test_the_names_of_hugging_face_are_found(feature: Any) -> None:
    metadata = json.dumps({"info": {"features": {"ner_tags": feature, "id": {"dtype": "string", "_type": "Value"}}}})
    assert schema_names(metadata, "ner_tags") == ("O", "B-PER", "I-PER")
    assert schema_names(metadata, "id") == schema_names(metadata, "other") == ()


@pytest.mark.parametrize("metadata", [None, "", "[]", "{", '{"info": {"features": {"ner_tags": 3}}}', "[" * 10_000])
def test_other_metadata_name_nothing(metadata: str | None) -> None:
    assert schema_names(metadata, "ner_tags") == ()


def test_a_number_has_its_name() -> None:
    names = ("O", "B-PER", "7")
    assert [named(tag, names) for tag in ("0", "1", "7", "B-PER", "B-LOC")] == ["O", "B-PER", "7", "B-PER", "B-LOC"]
    assert named("12", ()) == "12"
    for tag in ("3", "-1", "9" * 5000):
        with pytest.raises(UnnamedTag, match="has no name: there are 3, of 0 to 2"):
            named(tag, names)
