"""Evaluation on rows whose numbers are known, and on those that are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recurra.errors import DataError
from recurra.tasks.regress.evaluate import evaluate
from recurra.tasks.regress.options import NumberEvaluateOptions
from recurra.terminal.progress import Reporter
from support.regressors import regressor

QUIET = Reporter(quiet=True)


def test_rows_without_a_number_are_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,rating\nw1 w2,3\nw3,\nw4,inf\n,4\nw5 w6,99\nw7,2.5\n")
    result = evaluate(regressor(), str(path), NumberEvaluateOptions(), QUIET)
    assert (result["rows"], result["left_out_rows"], result["infinite_rows"], result["beyond_rows"]) == (3, 3, 1, 1)
    expected = np.abs(regressor().predict(["w1 w2", "w5 w6", "w7"]) - [3, 99, 2.5]).mean()
    assert result["mae"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("cells", "message"), [("x", r"holds 'x' in row 1"), ("", "No row can be used")])
def test_what_cannot_be_used_is_refused(tmp_path: Path, cells: str, message: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f"text,stars\nw1,{cells}\n")
    with pytest.raises(DataError, match=message):
        evaluate(regressor(), str(path), NumberEvaluateOptions(), QUIET)
