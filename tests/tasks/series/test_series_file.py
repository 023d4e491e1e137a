"""Files of series as models take them: columns, order of channels, answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recurra.errors import ColumnError, DataError, OptionError, ReadError
from recurra.storage.model_directory import Manifest
from recurra.tasks.series.options import LabelledSeriesOptions, SeriesPredictOptions
from recurra.tasks.series.series_file import (
    answer_column,
    check_known,
    kind_of,
    labels_of,
    read_file,
    targets_of,
    without,
)
from recurra.terminal.progress import Reporter
from support.series_files import write_lists, write_long

QUIET = Reporter(quiet=True)
PLAIN = SeriesPredictOptions()


def manifest(**config: object) -> Manifest:
    return Manifest.model_construct(config=config, data={}, task="series")


def test_channels_come_in_the_order_of_the_model(tmp_path: Path) -> None:
    path = write_long(tmp_path / "a.csv", 6)
    straight, _ = read_file(path, SeriesPredictOptions(values="x,y"), QUIET)
    turned, _ = read_file(path, PLAIN, QUIET, manifest=manifest(), channels=["y", "x"])
    assert turned.channels == ("y", "x")
    for one, other in zip(straight.values, turned.values, strict=True):
        np.testing.assert_array_equal(one[:, ::-1], other)


def test_the_columns_of_training_count_where_they_are_there(tmp_path: Path) -> None:
    text = write_long(tmp_path / "a.csv", 5).read_text().replace("unique_id,ds,", "who,when,", 1)
    (tmp_path / "b.csv").write_text(text)
    with pytest.raises(ColumnError, match="unique_id"):
        read_file(tmp_path / "b.csv", PLAIN, QUIET)
    found, _ = read_file(
        tmp_path / "b.csv", PLAIN, QUIET, manifest=manifest(id="who", time="when"), channels=["x", "y"]
    )
    assert found.ids == [f"s{row}" for row in range(5)]
    lists, _ = read_file(
        write_lists(tmp_path / "c.jsonl", 4), PLAIN, QUIET, manifest=manifest(id="who", series="frames"),
        channels=["channel0", "channel1"],
    )  # fmt: skip
    assert len(lists.ids) == 4


def test_other_channels_are_told_or_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_lists(tmp_path / "c.jsonl", 4)
    found, _ = read_file(path, PLAIN, Reporter(), manifest=manifest(), channels=["left", "right"])
    assert found.channels == ("left", "right")
    assert "they are taken to be the same in this order" in " ".join(capsys.readouterr().err.split())
    with pytest.raises(ColumnError, match=r"reads 3 channels .* has 2"):
        read_file(path, PLAIN, QUIET, manifest=manifest(), channels=["a", "b", "c"])


def test_what_is_no_file_of_series(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("some words\n")
    with pytest.raises(ReadError, match="one text a line"):
        read_file(tmp_path / "a.txt", PLAIN, QUIET)
    (tmp_path / "f" / "a").mkdir(parents=True)
    (tmp_path / "f" / "a" / "1.csv").write_text("x\n1\n")
    with pytest.raises(OptionError, match="--header does nothing"):
        read_file(tmp_path / "f", SeriesPredictOptions(header=False), QUIET)
    with pytest.raises(ColumnError, match="no column 'kind'"):
        read_file(tmp_path / "f", PLAIN, QUIET, wanted=lambda columns: ["kind"])
    with pytest.raises(ReadError, match="does not exist"):
        read_file(tmp_path / "none.csv", PLAIN, QUIET)


def test_answers(tmp_path: Path) -> None:
    path = write_long(tmp_path / "a.csv", 6)
    found, said = read_file(path, SeriesPredictOptions(values="x,y"), QUIET, wanted=lambda columns: ["label", "target"])
    assert said["format"] == "csv" and labels_of(found, "label") == ["slow", "fast", "both"] * 2
    numbers = targets_of(found, "target", path)
    expected = [np.nanmean(values[:, 0]) for values in found.values]
    assert np.allclose(numbers[3:], expected[3:], atol=1e-3)
    kept = without(found, np.array([False, True] * 3))
    assert kept.ids == ["s1", "s3", "s5"] and kept.columns["label"] == ["fast", "slow", "both"]
    with pytest.raises(ReadError, match=r"'label' of series 's0' holds 'slow'"):
        targets_of(found, "label", path)


def test_the_column_with_the_answer() -> None:
    nothing = LabelledSeriesOptions()
    assert answer_column(nothing, None, ["a", "Class", "target"], "f") == "Class"
    assert kind_of(nothing, "Class") == "classify" and kind_of(nothing, "target") == "regress"
    assert answer_column(nothing, "regress", ["label", "target"], "f") == "target"
    assert answer_column(LabelledSeriesOptions(target="z"), None, ["label"], "f") == "z"
    with pytest.raises(ColumnError, match="--target COL"):
        answer_column(nothing, "regress", ["label"], "f")
    with pytest.raises(ValueError, match="give one of them"):
        LabelledSeriesOptions(label="a", target="b")


def test_numbers_that_are_too_large_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("unique_id,ds,x,y,target\na,1,5,6,1e300\na,2,7,-8,1e300\nb,1,9,10,2\nb,2,11,-3e31,2\n")
    with pytest.raises(DataError, match=r"series 'b', frame 2, channel 'y': -3e\+31 is beyond 1e\+30"):
        read_file(path, SeriesPredictOptions(values="x,y"), QUIET)
    found, _ = read_file(path, SeriesPredictOptions(values="x"), QUIET, wanted=lambda columns: ["target"])
    with pytest.raises(ReadError, match=r"'target' of series 'a' holds 1e\+300, which is beyond"):
        targets_of(found, "target", path)


def test_a_model_of_a_folder_reads_a_table_as_one_series(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    for name, content in {"a.csv": "t,x,y\n2,3,4\n1,1,2\n", "b.tsv": "y\tx\tt\n6\t5\t1\n"}.items():
        (tmp_path / "new" / name).write_text(content)
    learnt = manifest(time="t").model_copy(update={"data": {"format": "folder"}})
    given = {"manifest": learnt, "channels": ["y", "x"]}
    found, said = read_file(tmp_path / "new" / "a.csv", PLAIN, QUIET, **given)
    assert (found.ids, found.channels, said["format"]) == (["a.csv"], ("y", "x"), "csv")
    assert found.values[0].tolist() == [[2, 1], [4, 3]]
    both, _ = read_file(tmp_path / "new", PLAIN, QUIET, **given)
    assert (both.ids, both.channels) == (["a.csv", "b.tsv"], ("y", "x"))
    assert [one.tolist() for one in both.values] == [[[2, 1], [4, 3]], [[6, 5]]]
    with pytest.raises(ColumnError, match="unique_id"):  # another model's series have names
        read_file(tmp_path / "new" / "a.csv", PLAIN, QUIET, manifest=manifest(), channels=["y", "x"])
    (tmp_path / "long.csv").write_text("unique_id,t,x,y\na,1,2,3\nb,1,4,5\n")
    long, _ = read_file(tmp_path / "long.csv", PLAIN, QUIET, **given)
    assert (long.ids, long.values[1].tolist()) == (["a", "b"], [[5, 4]])


def test_a_file_of_the_ucr_archive_is_no_table_unless_options_say_so(tmp_path: Path) -> None:
    path = tmp_path / "Coffee_TRAIN.tsv"
    path.write_text("1\t0.5\t1.5\tNaN\n-1\t2\t3\t4\n")
    found, said = read_file(path, PLAIN, QUIET, wanted=lambda columns: columns)
    assert (said["format"], found.columns, found.ids) == ("ucr", {"label": ["1", "-1"]}, ["1", "2"])
    assert [one[:, 0].tolist() for one in found.values] == [[0.5, 1.5], [2, 3, 4]]
    table, _ = read_file(path, SeriesPredictOptions(header=False, id="column0", time="column1"), QUIET)
    assert (table.ids, len(table.channels)) == (["1", "-1"], 2)
    with pytest.raises(ColumnError, match="no column 'kind'"):
        read_file(path, PLAIN, QUIET, wanted=lambda columns: ["kind"])


def test_series_without_a_value_have_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("unique_id,ds,x\na,1,3\nb,1,\nb,2,\nc,1,\n")
    found, _ = read_file(path, PLAIN, QUIET)
    assert found.known.tolist() == [True, False, False]
    with pytest.raises(DataError, match=r"series 'b' has no value, .* and 1 more have none either.* Leave it out"):
        check_known(path, found)
    check_known(path, without(found, found.known))
