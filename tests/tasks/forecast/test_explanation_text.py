"""An explanation of a forecast as lines, in which nothing is mark-up and numbers are those that were computed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recurra.tasks.forecast.explain import Explanation, Latest
from recurra.tasks.forecast.explanation_text import KINDS, notes, number, piece, print_explanation, signed, some_steps
from recurra.tasks.forecast.smoothing_kinds import KINDS as OF_ASPECTS
from recurra.tasks.forecast.smoothing_kinds import KindWeight

HOSTILE = "x[/b]\x1b[2J"


def explanation(**changes: object) -> Explanation:
    smoothing, network = np.array([100.0, 110.0, 120.0]), np.array([5.0, -1.5, 0.001])
    middle = smoothing + network
    fields = {
        "name": HOSTILE, "values": np.arange(6.0), "before": ["a", "b", "c", "d", "e", "f"], "times": ["g", "h", "i"],
        "smoothing": smoothing, "network": network, "share": 0.7,
        "quantiles": np.stack([middle - 20, middle, middle + 30], axis=1),
        "weights": [KindWeight("trend", "line", 0.75, np.array([1.0, 2, 6])), KindWeight("trend", "none", 0.0, None)],
        "pieces": np.array([[1, 2], [2, 6]]), "piece_falls": np.array([[1.0, 1, 1], [-9.0, 12, -6]]),
        "covariates": [("future", HOSTILE)], "covariate_falls": np.array([[0.0, 0, 6]]),
        "latest": Latest(4, 6, -3.0, np.array([1.0, 2, 3])),
    }  # fmt: skip
    return Explanation(**{**fields, **changes})


def printed(found: Explanation, top: int, capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    print_explanation(found, top)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    return [line.split() for line in out.splitlines() if line.strip()]


def test_parts_weights_and_contributions(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(explanation(), 3, capsys)
    assert " ".join(lines[1]) == (
        "The next 3 steps on average, after 6: 111.2. Smoothing says 110.0, the network adds +1.2."
    )
    assert lines[2:6] == [
        ["Time", "Smoothing", "Network", "Forecast", "From", "To"],
        ["g", "100.0", "+5.0", "105.0", "85.0", "135.0"],
        ["h", "110.0", "-1.5", "108.5", "88.5", "138.5"],
        ["i", "120.0", "0", "120.0", "100.0", "150.0"],
    ]
    assert lines[7][-2:] == ["75.0%", "3.0"] and lines[8] == ["no", "trend", "0.0%", "-"]
    assert lines[10] == ["c", "to", "f", "-1.0", "9.0"]
    assert lines[11][-4:] == ["(known", "beforehand)", "+2.0", "2.0"]
    assert lines[12] == ["b", "+1.0", "1.0"]
    said = " ".join(word for line in lines[13:] for word in line)
    assert "The network counts by 70% here." in said
    assert "The last 2 values were 3.0 on average below what would have been forecast before. They moved" in said
    assert "moved the forecast by +2.0 on average." in said


def test_only_some_steps_and_contributions_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(explanation(), 2, capsys)
    assert [line[0] for line in lines[3:5]] == ["g", "i"]
    assert ["b", "+1.0", "1.0"] not in lines
    many = explanation(times=range(1, 101))
    assert some_steps(many, 5) == [0, 25, 50, 74, 99] and some_steps(many, 100) == list(range(100))
    assert some_steps(many, 1) == [0]


def test_where_the_network_counts_for_nothing_or_rests_on_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    none = explanation(share=0.0, network=np.zeros(3), piece_falls=np.zeros((2, 3)), covariate_falls=np.zeros((1, 3)))
    lines = printed(none, 3, capsys)
    assert all(line[:3] != ["The", "network", "reads"] for line in lines)
    assert any("counts for nothing here" in " ".join(line) for line in lines)
    assert any("contributes anything by itself" in note for note in notes(replace(none, share=0.5)))
    assert not any("values were" in note for note in notes(explanation(latest=None)))


def test_one_step_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    one = explanation(
        name=None, times=[1], smoothing=np.array([5.0]), network=np.array([1.0]), quantiles=np.array([[4.0, 6, 7]]),
        piece_falls=np.ones((2, 1)), covariate_falls=np.ones((1, 1)), latest=Latest(5, 6, 2.0, np.array([0.0])),
    )  # fmt: skip
    lines = printed(one, 3, capsys)
    assert lines[0] == ["The", "forecast"]
    assert " ".join(lines[1]) == "The next step, after 6: 6.00. Smoothing says 5.00, the network adds +1.00."
    assert "The last value was 2.00 above what would have been forecast before. It did not move the forecast." in [
        note for note in notes(one) if "last value" in note
    ]


@pytest.mark.parametrize(
    ("width", "value", "plain", "part"),
    [
        (2.0, 1234.5678, "1,234.57", "+1,234.57"),
        (2000.0, 1234.5678, "1,235", "+1,235"),
        (2e-5, 3.14159265358, "3.1415927", "+3.1415927"),
        (2e-12, 1.5e-12, "1.5e-12", "+1.5e-12"),
        (2e20, 1.25e21, "1.25e+21", "+1.25e+21"),
        (2.0, -1e-4, "0.00", "0"),
        (2.0, -0.75, "-0.75", "-0.75"),
    ],
)
def test_numbers_have_the_digits_that_the_band_bears(width: float, value: float, plain: str, part: str) -> None:
    quantiles = np.array([[0.0, width / 2, width]] * 3)
    found = explanation(quantiles=quantiles)
    assert (number(found, value), signed(found, value)) == (plain, part)


def test_pieces_are_named_by_times_or_by_steps() -> None:
    found = explanation()
    assert [piece(found, place) for place in (0, 1)] == ["b", "c to f"]
    counted = explanation(before=range(1, 7))
    assert [piece(counted, place) for place in (0, 1)] == ["step 2", "steps 3 to 6"]


def test_every_kind_of_smoothing_has_words() -> None:
    assert set(KINDS) == {(aspect, kind) for aspect, kinds in OF_ASPECTS.items() for kind in kinds}
    assert len(set(KINDS.values())) == len(KINDS)
