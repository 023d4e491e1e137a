"""DataQuality against a plain Python count over the same rows, and its findings in words."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurra.data.normalise import normalise
from recurra.many_to_one.data_quality import DataQuality, findings

TEXTS = st.sampled_from(
    [
        "good film",
        "Good  FILM",
        "good<br />film",
        "good &amp; bad",
        "good & bad",
        "",
        "  \n",
        "<br>",
        "ﬁne",
        "fine",
        "é",
        "e\u0301",
    ]
) | st.text(st.characters(exclude_categories=[]), max_size=6)
ROWS = st.lists(st.tuples(TEXTS | st.none(), st.sampled_from(["pos", "neg", "", None])), max_size=25)


def looked_at(rows: list[tuple[str | None, str | None]]) -> DataQuality:
    quality = DataQuality()
    for text, label in rows:
        quality.add(text, label)
    return quality


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("A  fine<br /><br />FILM &amp; cast", "a fine film & cast"),
        ("<i>So</i> good\u00a0!\t", "so good !"),
        ("a < b and c > d", "a < b and c > d"),
        ("STRASSE straße", "strasse strasse"),
        ("ﬁlm №1 ｆｕｌｌ", "film no1 full"),
        ("<!-- note --><p class='x'>text</p>", "text"),
        ("&lt;br&gt; stays a word", "<br> stays a word"),
        (" \n", ""),
    ],
)
def test_normalise(text: str, plain: str) -> None:
    assert normalise(text) == plain


@settings(max_examples=200, deadline=None)
@given(ROWS)
def test_counts_equal_a_plain_count(rows: list[tuple[str | None, str | None]]) -> None:
    quality = looked_at(rows)
    report = quality.report()
    plain = [normalise(text or "") for text, _ in rows]
    full = [text or "" for (text, _), p in zip(rows, plain, strict=True) if p]
    groups = Counter(p for p in plain if p)
    labels: dict[str, set[str]] = defaultdict(set)
    for (_, label), p in zip(rows, plain, strict=True):
        if p and label:
            labels[p].add(label)
    classes = Counter(label for _, label in rows if label)
    assert report["rows"] == len(quality) == len(rows)
    assert report["empty_texts"] == plain.count("")
    assert report["missing_labels"] == sum(not label for _, label in rows)
    assert report["exact_duplicates"] == len(full) - len(set(full))
    assert report["normalised_duplicates"] == sum(groups.values()) - len(groups)
    assert report["duplicate_groups"] == sum(n > 1 for n in groups.values())
    conflicts = [p for p, found in labels.items() if len(found) > 1]
    assert report["conflicting_texts"] == len(conflicts)
    assert report["conflicting_rows"] == sum(groups[p] for p in conflicts)
    assert report["classes"] == dict(classes)
    assert report["majority_share"] == (max(classes.values()) / classes.total() if classes else 0)
    assert json.loads(json.dumps(report)) == report
    for pair in report["examples"]["duplicates"] + report["examples"]["conflicts"]:
        assert len({plain[row - 1] for row in pair}) == 1 < len(pair)
    assert all(isinstance(sentence, str) and sentence.endswith(".") for sentence in findings(report))


@settings(max_examples=100, deadline=None)
@given(ROWS)
def test_groups_are_the_equal_texts_and_empty_ones_alone(rows: list[tuple[str | None, str | None]]) -> None:
    quality = looked_at(rows)
    groups = quality.groups
    assert (groups.dtype, groups.shape) == (np.dtype(np.int64), (len(rows),))
    for i, (one, _) in enumerate(rows):
        for j, (other, _) in enumerate(rows):
            a, b = normalise(one or ""), normalise(other or "")
            assert (groups[i] == groups[j]) == (i == j or (a == b != ""))


def test_digests_agree_between_two_objects() -> None:
    one, other = looked_at([("A b", "x"), ("c", "x")]), looked_at([("c", "y"), ("a  B", "y")])
    assert one.digests.tolist() == other.digests.tolist()[::-1]


def test_findings_name_what_matters() -> None:
    rows: list[tuple[str | None, str | None]] = [(f"text {n}", "spam" if n % 10 == 0 else "ham") for n in range(200)]
    assert any("'ham' holds 90.0%" in sentence for sentence in findings(looked_at(rows).report()))
    rows += [("Text 1", "spam"), ("", "ham"), ("new", None), ("rare", "odd")]
    text = "\n".join(findings(looked_at(rows).report()))
    assert "1 text under more than one label (2 rows)" in text
    assert "(see rows 2, 201)" in text
    assert "1 row of 204 repeat" in text
    assert "1 row without text (see rows 202)" in text
    assert "1 row without a label (see rows 203)" in text
    assert "1 class with fewer than 10 rows ('odd')" in text
    assert "text 1" not in text  # row numbers only
    clean = looked_at([(f"text {n}", "ab"[n % 2]) for n in range(40)])
    assert findings(clean.report()) == ["No repeats, contradictions, empty texts or missing labels in 40 rows."]


def test_memory_is_at_most_50_bytes_a_row() -> None:
    import tracemalloc

    quality = DataQuality()
    tracemalloc.start()
    try:
        for n in range(20_000):
            quality.add(f"text {n}", "ab"[n % 2])
        assert tracemalloc.get_traced_memory()[0] < 50 * 20_000
    finally:
        tracemalloc.stop()
