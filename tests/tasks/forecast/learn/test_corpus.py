"""What is learnt from and said of a file of series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from recurra.tasks.forecast.learn.corpus import Corpus, read_corpus
from recurra.tasks.forecast.options import ForecastOptions
from recurra.terminal.progress import Reporter
from recurra.training.trainer import RunContext
from support.forecast_files import long_rows, month, write_table


def corpus(folder: Path, rows: list[dict[str, Any]], **options: Any) -> Corpus:
    path = write_table(folder / "sales.csv", rows)
    chosen = ForecastOptions(**{"horizon": 4, **options})
    return read_corpus(chosen, RunContext(str(path), folder, folder / "rejects", Reporter(quiet=True)))


def test_facts_and_season_of_the_frequency(tmp_path: Path) -> None:
    found = corpus(tmp_path, long_rows(5, 30), futr_exog_list="price", stat_exog_list="size")
    assert found.season == 12 and found.names == {"future": ["price"], "static": ["size"]}
    facts = found.facts
    assert (facts["name"], facts["rows"], facts["frequency"], facts["season"]) == ("sales.csv", 5, "M", 12)
    assert facts["steps"] == {"least": 26, "median": 32.0, "most": 38} and facts["missing_values"] == 0
    assert (facts["id"], facts["time"], facts["target"]) == ("unique_id", "ds", "y")
    assert corpus(tmp_path, long_rows(5, 30), season=6).season == 6


def test_a_changed_value_or_time_changes_the_fingerprint(tmp_path: Path) -> None:
    rows = long_rows(2, 20)
    prints = {corpus(tmp_path, rows).facts["fingerprint"]}
    prints.add(corpus(tmp_path, [{**rows[0], "y": 1.25}, *rows[1:]]).facts["fingerprint"])
    prints.add(
        corpus(tmp_path, [{**row, "ds": month(n % 20 + 1)} for n, row in enumerate(rows[:20])]).facts["fingerprint"]
    )
    priced = {"futr_exog_list": "price", "stat_exog_list": "size"}
    prints.add(corpus(tmp_path, rows, **priced).facts["fingerprint"])
    prints.add(corpus(tmp_path, [{**row, "price": row["price"] * 7} for row in rows], **priced).facts["fingerprint"])
    prints.add(corpus(tmp_path, [{**row, "size": 9} for row in rows], **priced).facts["fingerprint"])
    assert len(prints) == 6


def test_what_people_should_know_is_said(tmp_path: Path) -> None:
    rows = long_rows(2, 20)
    rows += [{**row, "unique_id": "again"} for row in rows[:20]]
    rows += [{**row, "unique_id": "flat", "y": 7} for row in rows[:20]]
    found = corpus(tmp_path, rows)
    said = " ".join(found.findings)
    assert "4 series ('shop 0', 'shop 1', 'again', 'flat') are shorter than two seasons of 12 steps" in said
    assert "1 series ('flat') is the same at every step" in said
    assert "1 series repeat another one, value for value." in said
    assert "4 series are judged, on one horizon each" in said


def test_a_covariate_that_is_the_value_itself_is_named(tmp_path: Path) -> None:
    rows = [{**row, "copy": row["y"], "echo": row["y"]} for row in long_rows(3, 30)]
    said = " ".join(corpus(tmp_path, rows, futr_exog_list="copy", hist_exog_list="echo,rain").findings)
    assert "The covariate 'copy' is the series itself: if it is not known before its time" in said
    assert "The covariate 'echo' is the series itself." in said and "'rain'" not in said


def test_a_second_file_is_held_out(tmp_path: Path) -> None:
    rows = long_rows(3, 30)
    later = write_table(tmp_path / "later.csv", [row for row in rows if row["ds"] >= month(28)])
    found = corpus(tmp_path, [row for row in rows if row["ds"] < month(28)], test=str(later))
    whole = corpus(tmp_path, rows)
    assert found.facts["fingerprint"] == whole.facts["fingerprint"] != found.facts["training_fingerprint"]
    assert [len(one) for one in found.division.learnt] == [28, 27, 26]
    np.testing.assert_array_equal(found.division.held_out[0].truth[:2], found.file.histories[0].values[28:30])
