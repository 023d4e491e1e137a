"""What is read, left out, found and stated before series are learnt from."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.errors import ColumnError, DataError, LabelError, OptionError, ReadError
from recurra.tasks.series.learn.corpus import Corpus, read_corpus
from recurra.tasks.series.options import SeriesOptions
from recurra.terminal.progress import Reporter
from recurra.training.trainer import RunContext
from support.series_files import NAMES, write_lists, write_long


def read(data: Path, **options: Any) -> Corpus:
    context = RunContext(str(data), data.parent, data.with_suffix(".rejects"), Reporter(quiet=True))
    return read_corpus(SeriesOptions(**options), context)


def test_a_long_table(tmp_path: Path) -> None:
    corpus = read(write_long(tmp_path / "waves.csv"), label="label", values="x,y")
    assert corpus.kind == "classify" and corpus.labels == sorted(NAMES)
    assert [corpus.labels[target] for target in corpus.targets[:3]] == list(NAMES)
    assert corpus.facts["rows"] == 60 and corpus.facts["channels"] == ["x", "y"] and corpus.facts["label"] == "label"
    assert corpus.facts["missing_values"] == 3 and any("3 of" in finding for finding in corpus.findings)
    part = corpus.rows(corpus.parts.train)
    chosen = np.flatnonzero(corpus.parts.train)
    assert len(part) == len(chosen) and part.series[4] is corpus.series.values[chosen[4]]


def test_numbers_instead_of_labels(tmp_path: Path) -> None:
    corpus = read(write_lists(tmp_path / "waves.jsonl"), target="target", series="frames")
    means = [values[:, 0].mean() for values in corpus.series.values]
    assert corpus.kind == "regress" and not corpus.labels and np.allclose(corpus.targets, means, atol=1e-3)


def test_what_is_predicted_is_guessed_or_asked_for(tmp_path: Path) -> None:
    path = write_lists(tmp_path / "waves.jsonl")
    assert read(path, series="frames").kind == "classify"  # of both, the label
    other = tmp_path / "other.jsonl"
    other.write_text(path.read_text().replace('"label"', '"kind"').replace('"target"', '"size"'))
    with pytest.raises(ColumnError, match=r"not obvious which column.*--label COL, or with --target"):
        read(other, series="frames")
    with pytest.raises(ColumnError, match=r"no column 'kynd'.*Did you mean 'kind'"):
        read(other, series="frames", label="kynd")


def test_a_file_beside_is_held_out(tmp_path: Path) -> None:
    data, test = write_long(tmp_path / "a.csv"), write_long(tmp_path / "b.csv", 12, seed=5)
    corpus = read(data, label="label", values="x,y", test=str(test))
    assert corpus.parts.test.sum() == 12 and not corpus.parts.test[:60].any()
    alone = read(data, label="label", values="x,y")
    assert corpus.facts["training_fingerprint"] == alone.facts["fingerprint"] != corpus.facts["fingerprint"]


def test_series_without_a_label_and_unknown_labels_are_left_out_and_told(tmp_path: Path) -> None:
    lines = write_lists(tmp_path / "a.jsonl").read_text().splitlines()
    lines[4] = lines[4].replace('"fast"', '""').replace('"slow"', '""').replace('"both"', '""')
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    new = write_lists(tmp_path / "b.jsonl", 9, seed=3).read_text().replace('"both"', '"Both"', 1)
    (tmp_path / "b.jsonl").write_text(new)
    corpus = read(tmp_path / "a.jsonl", series="frames", test=str(tmp_path / "b.jsonl"))
    assert corpus.facts["rows"] == 38 and corpus.parts.test.sum() == 8
    told = " ".join(corpus.findings)
    assert "1 series without a label" in told and "did you mean 'both'" in told


def test_contradictions_and_flat_channels_are_told(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["unique_id", "ds", "x", "still", "label"])
        for row in range(20):
            writer.writerows([[row, step, (row // 2) * step, 4, "ab"[row % 2]] for step in range(5)])
    told = " ".join(read(tmp_path / "a.csv", split=0.3, valid=0.3).findings)
    assert "10 series repeat an earlier one, 10 of them with another answer" in told
    assert "In 100% of the series the channel 'still' does not change." in told
    assert "are held out: the intervals are wide" in told


def test_what_cannot_be_learnt_is_refused(tmp_path: Path) -> None:
    path = write_long(tmp_path / "a.csv", 20)
    with pytest.raises(LabelError, match="different labels"):
        read(path, label="target", values="x,y")
    with pytest.raises(ReadError, match=r"'slow', which is no number. Labels are named with --label"):
        read(path, target="label", values="x,y")
    (tmp_path / "a.ts").write_text("@data\n1,2\n")
    with pytest.raises(OptionError, match="--delimiter does nothing"):
        read(tmp_path / "a.ts", delimiter=";")
    same = path.read_text()
    for name in NAMES:
        same = same.replace(name, "one")
    path.write_text(same)
    with pytest.raises(LabelError, match="have the label 'one'"):
        read(path, label="label", values="x,y")


def test_numbers_are_not_taken_for_labels(tmp_path: Path) -> None:
    lines = [f"{row},{step},{row * 7 % 11 + step},{row // 2 * 1.5 if row < 6 else row}" for row in range(12)
             for step in range(3)]  # fmt: skip
    (tmp_path / "a.csv").write_text("\n".join(["unique_id,ds,x,label", *lines]))
    with pytest.raises(LabelError, match=r"9 different numbers in 12 series.* name it with --target label"):
        read(tmp_path / "a.csv", split=0.3)
    words = [line.rsplit(",", 1)[0] + f",kind {line.rsplit(',', 1)[1]}" for line in lines]
    (tmp_path / "b.csv").write_text("\n".join(["unique_id,ds,x,label", *words]))
    with pytest.raises(LabelError) as told:
        read(tmp_path / "b.csv", split=0.3)
    assert "--target" not in str(told.value)


def test_a_series_with_missing_values_that_are_refused_is_named(tmp_path: Path) -> None:
    path = write_long(tmp_path / "a.csv", 20)
    with pytest.raises(DataError, match=r"Series 's0' has 1 missing value of .* in channel 'x'; choose --missing mask"):
        read(path, label="label", values="x,y", missing="refuse")
    assert read(path, label="label", values="y", missing="refuse").facts["missing_values"] == 0


def test_labels_of_a_single_series_and_series_without_a_value_are_told(tmp_path: Path) -> None:
    rows = [(f"s{row}", step, row + step, "ab"[row % 2]) for row in range(20) for step in range(3)]
    rows += [("only", step, step, "rare") for step in range(3)] + [("gone", step, "", "a") for step in range(3)]
    with (tmp_path / "a.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("unique_id", "ds", "x", "label"), *rows])
    corpus = read(tmp_path / "a.csv", split=0.3, valid=0.3)
    told = " ".join(corpus.findings)
    assert "The label 'rare' has a single series, which can be learnt from or judged on, and not both." in told
    assert "1 series without a value, all frames missing, are left out." in told
    assert corpus.facts["rows"] == 21 and "gone" not in corpus.series.ids
    assert told.count("held out: the intervals") == 1
