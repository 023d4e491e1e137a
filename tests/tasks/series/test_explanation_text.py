"""An explanation as lines, in which nothing is mark-up."""

from __future__ import annotations

import numpy as np
import pytest

from recurra.tasks.series.explain import MOST_CHANNELS, Explanation
from recurra.tasks.series.explanation_text import print_explanation, signed


def explanation(**changes: object) -> Explanation:
    fields = {
        "name": "a", "channels": ("x[/b]\x1b[2J", "y"), "values": np.ones((6, 2), dtype=np.float32), "answer": "up",
        "target": "up", "probabilities": {"up": 0.75, "down": 0.25}, "score": 1.1,
        "windows": np.array([[0, 1], [1, 4], [4, 6]]), "hidden": np.array([0.5, -2.0]), "shown": np.array([0, 1]),
        "contributions": np.array([[0.1, 0.004, 0.0], [-3.0, 0.2, 150.0]]), "together": np.array([0.1, 0.2, 0.3]),
    }  # fmt: skip
    return Explanation(**{**fields, **changes})


def test_windows_and_channels_are_listed_the_strongest_first(capsys: pytest.CaptureFixture[str]) -> None:
    print_explanation(explanation(), 3)
    out = capsys.readouterr().out
    lines = [line.split() for line in out.splitlines() if line.strip()]
    assert "\x1b" not in out
    assert lines[0] == ["up", "(probability", "of", "up:", "0.7500)"]
    assert lines[2:5] == [["y", "5-6", "+150.00"], ["y", "1", "-3.00"], ["y", "2-4", "+0.20"]]
    assert lines[6][0] == "y" and lines[6][-1] == "-2.00" and lines[7][-1] == "+0.50"
    assert "the log-odds of up" in out


def test_a_number_has_no_probability(capsys: pytest.CaptureFixture[str]) -> None:
    print_explanation(explanation(target=None, answer=12.5, score=12.5, probabilities={}), 10)
    out = capsys.readouterr().out
    assert out.startswith("12.5\n") and "the number would fall" in out


def test_where_nothing_contributes_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    print_explanation(explanation(contributions=np.zeros((2, 3))), 10)
    assert "No window of a single channel contributes anything." in capsys.readouterr().out


def test_of_many_channels_it_says_which_were_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    many = MOST_CHANNELS + 1
    print_explanation(explanation(channels=tuple(f"c{n}" for n in range(many)), hidden=np.ones(many), others=999), 2)
    out = capsys.readouterr().out
    assert f"Of {many} channels" in out and "The file has 1,000 series, of which the first is explained." in out


def test_contributions_have_a_sign_and_no_false_digits() -> None:
    assert [signed(explanation(), value) for value in (0.0049, -0.0051, 12.345, -1234.5)] == [
        "0", "-0.01", "+12.35", "-1,234.50",
    ]  # fmt: skip
    small = {"hidden": np.array([2e-5, 0]), "contributions": np.zeros((2, 3)), "together": np.zeros(3)}
    number = explanation(target=None, **small)
    assert [signed(number, value) for value in (1.9e-8, -2.3456e-5, 1234.5)] == ["0", "-2.35e-05", "+1.23e+03"]
