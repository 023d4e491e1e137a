"""Files of answers: the columns, gaps, resuming, and what was read."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from recurra.errors import OutputError
from recurra.tasks.regress.options import NumberPredictOptions
from recurra.tasks.regress.predict_file import predict_file
from support.regressors import regressor

ROWS = ["w1 w2", "zork", "w3 w3", ""]


def data(folder: Path) -> str:
    path = folder / "rows.csv"
    path.write_text("id,text\n" + "".join(f"{n},{text}\n" for n, text in enumerate(ROWS)), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("every", [False, True])
def test_rows_are_kept_with_number_and_interval(tmp_path: Path, every: bool) -> None:
    model, output = regressor(), tmp_path / "out.csv"
    counts = predict_file(model, data(tmp_path), output, NumberPredictOptions(answer_empty=every))
    assert (counts["rows"], counts["nothing_known_rows"]) == (4, 2)
    with output.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["id", "text", "prediction", "lo", "hi", "truncated"]
    ends = model.predict_interval(ROWS)
    for number, (row, value) in enumerate(zip(rows, model.predict(ROWS), strict=True)):
        if number in (1, 3) and not every:
            assert row["prediction"] == row["lo"] == row["hi"] == ""
        else:
            found = [float(row[name]) for name in ("prediction", "lo", "hi")]
            np.testing.assert_allclose(found, [value, *ends[number]], rtol=1e-5)


def test_other_formats_and_outputs_that_are_there(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    predict_file(regressor(), data(tmp_path), output, NumberPredictOptions())
    first = json.loads(output.read_text().splitlines()[0])
    assert isinstance(first["prediction"], float)
    with pytest.raises(OutputError):
        predict_file(regressor(), data(tmp_path), output, NumberPredictOptions())
    counts = predict_file(regressor(), data(tmp_path), output, NumberPredictOptions(), resume=True)
    assert counts["rows"] == 4
