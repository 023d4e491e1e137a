"""What a file would lose, or be judged by, is held against what the model knows."""

from __future__ import annotations

from pathlib import Path

import pytest

import recurra
from recurra.errors import ColumnError, LabelError
from recurra.tasks.tag.familiarity import check_judged, check_replaced, unknown_words_findings
from recurra.tasks.tag.options import TaggedFileOptions
from recurra.tasks.tag.reading import open_tagged
from support.written_models import MODELS

WORDS = ["the", "film", "was"]


def test_other_tags_would_be_lost_and_blanks_would_not(tmp_path: Path) -> None:
    model, path = recurra.load(MODELS / "tag", task="tag"), tmp_path / "a.conll"  # its tags: ADJ, DET, NOUN
    for tags, refused in (
        ("DET NOUN ADJ", False),
        ("DET NOUN VERB", False),
        ("DET VERB ADV", True),
        ("_ _ _", False),
        ("O O VERB", True),
        ("VERB VERB VERB", True),
    ):
        path.write_text("".join(f"{word}\t{tag}\n" for word, tag in zip(WORDS, tags.split(), strict=True)))
        file = open_tagged(path, tags_needed=False)
        if refused:
            with pytest.raises(ColumnError, match=r"column 2 holds .*'VERB'.*they would be replaced.*--tag-column 2"):
                check_replaced(file, model)
        else:
            assert check_replaced(file, model) == []
        named = open_tagged(path, TaggedFileOptions(tag_column="2"), tags_needed=False)
        assert check_replaced(named, model) == []


def test_many_unknown_words_are_told_against_those_held_out() -> None:
    assert unknown_words_findings(29, 100, {}) == []
    (finding,) = unknown_words_findings(30, 100, {})
    assert finding.startswith("30% of the words are not in the model's vocabulary. Is the column")
    assert unknown_words_findings(50, 100, {"unknown_rate": 0.26}) == []
    (finding,) = unknown_words_findings(52, 100, {"unknown_rate": 0.26})
    assert "52% of the words are not in the model's vocabulary; of the held-out ones it was 26%." in finding
    assert unknown_words_findings(0, 0, {}) == unknown_words_findings(19, 19, {}) == []


def test_no_tag_in_common_cannot_be_judged_by() -> None:
    check_judged("a.conll", ["X", "B"], ["A", "B"])
    with pytest.raises(LabelError, match=r"a\.conll: none of its tags \('X', 'Y'\).*\('A', 'B'\).*--tag-column"):
        check_judged("a.conll", ["Y", "X", "Y"], ["B", "A"])
