"""What is told of the rows before training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from recurra.data.label_sets import to_key
from recurra.many_to_one.corpus import Corpus
from recurra.many_to_one.learn.defaults import sized
from recurra.many_to_one.learn.vocabulary import settled
from recurra.tasks.multilabel.learn.findings import label_findings, report_findings
from recurra.tasks.multilabel.learn.split import divided
from recurra.tasks.multilabel.options import MultilabelOptions
from support.labelled import LABELS, Told, labelled_rows


def found(rows: Sequence[tuple[str, Sequence[str]]], named: list[str | None] | None = None) -> tuple[Any, str]:
    told, options = Told(), MultilabelOptions(split_column="part" if named else None)
    with Corpus() as corpus:
        for text, labels in rows:
            corpus.add(text, to_key(labels))
        corpus.add("nothing said", None)
        corpus.seal()
        labels, members, parts = divided(corpus, named or [None] * len(rows), options)
        options = sized(settled(corpus, parts.train, options), len(rows), len(labels))
        quality = report_findings(corpus, labels, members, parts, options, told, notes=["A note."])
    return quality, " ".join(told.sentences)


def test_labels_are_counted_and_sound_data_praised() -> None:
    rows = labelled_rows(200)
    quality, told = found(rows)
    none = sum(not labels for _, labels in rows)
    each = {label: sum(label in labels for _, labels in rows) for label in LABELS}
    assert quality["label_rows"] == each and quality["none_rows"] == none
    assert quality["label_sets"] == len({tuple(labels) for _, labels in rows}) and "classes" not in quality
    assert (
        f"Labels (4, {sum(each.values()) / 200:.2f} a row; {none} rows have none): 'food' ({each['food']} rows)" in told
    )
    assert "Data: A note." in told and "1 row without a label" in told


def test_rare_and_unknown_labels_and_contradictions_are_told() -> None:
    rows = [*labelled_rows(100), ("wine here", ["wine"]), ("wine here too", ["wine"]), ("beer", ["beer"]),
            ("twice", ["food"]), ("TWICE", ["music"])]  # fmt: skip
    quality, told = found(rows, ["train"] * 102 + ["test"] + ["train"] * 2)
    assert quality["without_held_out"] == [*LABELS, "wine"]
    assert "1 label has fewer than 10 training rows: 'wine' (2 rows)" in told
    assert "No training row has 'beer' (1 row)" in told
    assert "1 text under more than one label (2 rows)" in told
    assert "5 labels have no held-out row" in told


def test_odd_names_of_labels() -> None:
    sentences = label_findings({"Food": 5, "food": 9, "nan": 2, "sport": 4})
    assert any("differ only in case" in sentence for sentence in sentences)
    assert any("looks like a missing label" in sentence for sentence in sentences)
    assert label_findings({"a": 1, "b": 2}) == []
