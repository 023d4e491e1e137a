"""Answers to series given as JSON, and to those of files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurra.errors import DataError, OptionError
from recurra.tasks.series.options import SeriesPredictOptions
from recurra.tasks.series.predict import from_json, one_series, parsed, predict
from support.series import made
from support.series_files import write_lists

PLAIN = SeriesPredictOptions()
CELLS = st.one_of(st.none(), st.floats(-1e6, 1e6))


def test_json_and_files(tmp_path: Path) -> None:
    model = made(channels=2, masks=0)
    path = write_lists(tmp_path / "a.jsonl", 5)
    frames = [json.loads(line)["frames"] for line in path.read_text().splitlines()]
    found = list(predict(model, [json.dumps(frames[1]), str(path)], PLAIN))
    assert len(found) == 6 and "series" not in found[0] and [one["series"] for one in found[1:]] == list("12345")
    chances = model.predict_proba([np.array(one, dtype=np.float32) for one in frames])
    for answer, expected in zip(found, [chances[1], *chances], strict=True):
        assert list(answer["probabilities"].values()) == pytest.approx(expected.tolist(), abs=1e-6)
        assert answer["probability"] == max(answer["probabilities"].values())
        assert answer["probabilities"][answer["label"]] == answer["probability"]


def test_a_number(tmp_path: Path) -> None:
    model = made(kind="regress", outputs=1, channels=1, masks=0)
    (answer,) = predict(model, ["[1, 2.5, -3]"], PLAIN)
    assert answer == {"number": pytest.approx(float(model.predict([[1, 2.5, -3]])[0]))}


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=9))
def test_values_are_those_that_were_written(rows: list[list[float | None]]) -> None:
    expected = np.array([[np.nan if cell is None else cell for cell in row] for row in rows]).astype(np.float32)
    np.testing.assert_array_equal(parsed(json.dumps(rows)), expected)


@pytest.mark.parametrize("text", ["[", "[1, [2]]", '["a"]', "[]", "[[]]", "[true]", "[[1, 2], [3]]", "[" * 99_999])
def test_what_is_no_series(text: str) -> None:
    with pytest.raises(DataError, match="A series must"):
        parsed(text)
    with pytest.raises(DataError):
        from_json({"a": 1})


@pytest.mark.parametrize("text", ["[1, 1e39]", f"[[2, -1{'0' * 400}]]", "[[null, 3], [Infinity, 1]]"])
@pytest.mark.filterwarnings("error")
def test_numbers_that_are_too_large(text: str) -> None:
    with pytest.raises(DataError, match="infinite values, or numbers beyond 1e30"):
        parsed(text)


def test_one_of_a_file(tmp_path: Path) -> None:
    model = made(channels=2, masks=0)
    path = write_lists(tmp_path / "a.jsonl", 3)
    name, values = one_series(model, f"{path}#2")
    assert name == "2" and values.shape[1] == 2
    with pytest.raises(DataError, match=r"has 3 series. Name one of them after a #"):
        one_series(model, str(path))
    with pytest.raises(DataError, match="no series '7'"):
        one_series(model, f"{path}#7")
    assert one_series(model, "[[1, 2]]")[0] == ""


def test_a_series_without_a_value_has_no_answer(tmp_path: Path) -> None:
    model = made(channels=1, masks=0)
    path = tmp_path / "a.csv"
    path.write_text("unique_id,ds,c0\na,1,3\nb,1,\nb,2,\n")
    with pytest.raises(DataError, match="series 'b' has no value"):
        list(predict(model, [str(path)], PLAIN))
    with pytest.raises(DataError, match="A series has no value"):
        list(predict(model, ["[null, null]"], PLAIN))
    (answer,) = predict(model, ["[null, 2]"], PLAIN)
    assert answer["label"] in ("low", "mid", "high")


def test_ranked_labels() -> None:
    model = made(channels=1, masks=0)
    (answer,) = predict(model, ["[1, 2.5, -3]"], SeriesPredictOptions(top=2))
    falling = sorted(answer["probabilities"].items(), key=lambda pair: -pair[1])
    assert [(one["label"], one["probability"]) for one in answer["top"]] == falling[:2]
    with pytest.raises(OptionError, match=r"^--top: this model answers with a number"):
        list(predict(made(kind="regress", outputs=1, channels=1, masks=0), ["[1]"], SeriesPredictOptions(top=2)))
