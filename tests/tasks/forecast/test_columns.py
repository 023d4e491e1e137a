"""The columns of a table are those that are named, those of training, or obvious ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recurra.data.tables.readers import open_table
from recurra.errors import ColumnError
from recurra.tasks.forecast.columns import find_columns
from recurra.tasks.forecast.options import ForecastFileOptions
from support.forecast_files import month

ROWS = "".join(f"{month(n)},{n * n}\n" for n in range(9))


def found(folder: Path, text: str, trained: dict[str, Any] | None = None, **options: Any) -> tuple[str | None, ...]:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    covariates = options.pop("covariates", {})
    return tuple(find_columns(open_table(path), ForecastFileOptions(**options), trained or {}, covariates))


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("Month,Passengers", (None, "Month", "Passengers")),
        (",0", (None, "", "0")),
        ("ds,y", (None, "ds", "y")),
        ("Date,Close", (None, "Date", "Close")),
        ("bought on,Close", (None, "bought on", "Close")),
    ],
)
def test_what_is_obvious(head: str, names: tuple[Any, ...], tmp_path: Path) -> None:
    assert found(tmp_path, f"{head}\n{ROWS}") == names


def test_an_index_that_pandas_wrote_is_no_value(tmp_path: Path) -> None:
    rows = "".join(f"{n},{month(n)},{n * n}\n" for n in range(5))
    assert found(tmp_path, f",day,sales\n{rows}") == (None, "day", "sales")
    assert found(tmp_path, f"Unnamed: 0,day,sales\n{rows}") == (None, "day", "sales")


def test_options_before_training_before_names(tmp_path: Path) -> None:
    text = "unique_id,shop,ds,day,y,sold\na,b,1,2,3,4\n"
    trained = {"id": "shop", "time": "day", "target": "sold"}
    assert found(tmp_path, text) == ("unique_id", "ds", "y")
    assert found(tmp_path, text, trained) == ("shop", "day", "sold")
    assert found(tmp_path, text, trained, target="y", time="ds") == ("shop", "ds", "y")
    assert found(tmp_path, text, {"id": "other", "time": None, "target": "gone"}) == ("unique_id", "ds", "y")


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("when,y\n1,2\n", {}, "no column 'ds' with the time of each row; name it with --time"),
        ("ds,a,b\n1,2,3\n2,3,4\n", {}, "name it with --target. Columns with numbers: 'a', 'b'"),
        ("ds,a\n1,x\n2,y\n", {}, "It is not obvious which column"),
        ("ds,y\n1,2\n", {"target": "ds"}, "'ds' holds the values to forecast"),
        (
            "ds,y,a\n1,2,3\n",
            {"covariates": {"past": ["a"], "future": ["a"]}},
            "'a' is named twice among the covariates",
        ),
        ("ds,y\n1,2\n", {"covariates": {"future": ["y"]}}, "It is not obvious which column"),
    ],
)
def test_what_is_not_clear_is_asked_for(text: str, options: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match=words):
        found(tmp_path, text, **options)
