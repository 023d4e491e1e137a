"""The page of an explanation of a forecast: harmless, nothing by colour alone, right in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.tasks.forecast.explain import Explanation, Latest, explain
from recurra.tasks.forecast.explanation_page import MOST_STEPS, page
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.smoothing_kinds import KindWeight
from support.forecast import made, waves
from support.live_page import CHROMIUM, CONTRASTS, IN_A_BROWSER
from support.outline import HOSTILE, Outline, assert_harmless


def explanation(**changes: object) -> Explanation:
    smoothing, network = np.array([100.0, 110.0, 120.0]), np.array([5.0, -2.5, 0.001])
    middle = smoothing + network
    fields = {
        "name": HOSTILE, "values": np.array([50.0, 90, 95, np.nan, 100, 105]), "before": [HOSTILE] * 6,
        "times": [HOSTILE] * 3, "smoothing": smoothing, "network": network, "share": 0.7,
        "quantiles": np.stack([middle - 20, middle, middle + 30], axis=1),
        "weights": [KindWeight("trend", "line", 0.9996, network), KindWeight("trend", "none", 4e-4, None)],
        "pieces": np.array([[1, 2], [2, 4], [4, 6]]),
        "piece_falls": np.array([[1.0, 1, 1], [-9.0, 3, -6], [0, 0, 0]]),
        "covariates": [("future", HOSTILE)], "covariate_falls": np.array([[0.0, -2, 6]]),
        "latest": Latest(4, 6, -3.0, np.array([1.0, 2, 3])),
    }  # fmt: skip
    return Explanation(**{**fields, **changes})


def points(source: str, kind: str) -> list[list[tuple[float, float]]]:
    """Return the points of the lines of a kind."""
    found = re.findall(rf'<poly\w+ class="{kind}" points="([^"]+)"', source)
    return [[tuple(map(float, point.split(","))) for point in line.split()] for line in found]  # type: ignore[misc]


def test_user_text_is_text_and_nothing_is_loaded() -> None:
    source = page(explanation())
    assert_harmless(source)
    assert "over 99.9" in Outline(source).text


def test_lines_are_where_their_values_are() -> None:
    source = page(explanation())

    def at(step: float, value: float) -> tuple[float, float]:
        low, high = 85, 150.001  # of 90 to 105, and of the band, from the first step that the network reads
        return pytest.approx(((step + 0.5) * 1000 / 8, 192 - (value - low) / (high - low) * 184), abs=0.06)  # type: ignore[return-value]

    first, second = points(source, "history")
    assert first == [at(0, 90), at(1, 95)] and second == [at(3, 100), at(4, 105)]
    assert points(source, "middle") == [[at(5, 105), at(6, 107.5), at(7, 120.001)]]
    assert points(source, "smoothing") == [[at(5, 100), at(6, 110), at(7, 120)]]
    (band,) = points(source, "band")
    upper = [at(5, 135), at(6, 137.5), at(7, 150.001)]
    assert band == [*upper, at(7, 100.001), at(6, 87.5), at(5, 85)]


def test_bars_have_the_direction_and_the_length_of_contributions() -> None:
    source = page(explanation())
    bars = re.findall(r'class="rise (\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', source)
    assert [bar[0] for bar in bars] == ["for", "against"]
    numbers = [list(map(float, bar[1:])) for bar in bars]
    assert numbers[0] == pytest.approx([12.5, 232 - 26 / 4, 100, 26 / 4], abs=0.01)
    assert numbers[1] == pytest.approx([150, 232, 200, 26], abs=0.01)
    assert source.count(": -4.0</title>") == 1 and source.count(": 0</title>") == 1


def test_tables_have_parts_weights_and_contributions_by_step() -> None:
    source = page(explanation(before=list("abcdef"), times=list("ghi"), name="n"))
    text = Outline(source).text
    assert "g 100.0 +5.0 105.0 85.0 135.0" in text and "h 110.0 -2.5 107.5 87.5 137.5" in text
    assert "i 120.0 0 120.0" in text
    assert text.index("c to d -4.0 6.0") < text.index("(known beforehand) +1.3 2.7") < text.index("b +1.0 1.0")
    strips = re.findall(r'<svg class="strip" viewBox="0 0 3 20"[^>]*>(.*?)</svg>', source)
    assert len(strips) == 3
    against, pro = (re.search(rf'class="{kind}" d="([^"]+)"', strips[0]) for kind in ("against", "for"))
    assert against and re.findall(r"M([\d.]+) 10h.8v([-\d.]+)", against[1]) == [("0.1", "10.00"), ("2.1", "6.67")]
    assert pro and re.findall(r"M([\d.]+) 10h.8v([-\d.]+)", pro[1]) == [("1.1", "-3.33")]
    assert "on average below what would have been forecast" in text


def test_long_histories_and_horizons_have_few_points_and_rows() -> None:
    model = made(horizon=900, segments=40, segment=100)
    values = waves(6_000)
    values[4_321] = 9e5
    source = page(explain(model, History(values, "all")))
    assert len(source) < 200_000 and ",8.0 " in source
    assert f"{MOST_STEPS} of 900 steps, evenly." in source
    assert_harmless(source)


@pytest.mark.parametrize("values", [waves(3), np.full(9, 7.0), np.r_[1.0, np.nan, 2, np.nan, 3]])
def test_short_and_constant_histories_and_a_network_that_does_not_count(values: np.ndarray) -> None:
    for name in ("none", "all"):
        source = page(explain(made(), History(values, name)))
        assert_harmless(source)
        assert ("counts for nothing here" in source) == ('class="zero"' not in source) == (name == "none")
        assert ("network’s part rests on" in source) == (name == "all")
        assert "nan" not in source.lower().replace(HOSTILE, "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright (pip install playwright)")
    with api.sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        running = driver.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield running
        running.close()


class TestInABrowser:
    pytestmark = IN_A_BROWSER

    @pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
    def test_it_fits_is_readable_and_loads_nothing(self, browser: Any, width: int, scheme: str, tmp_path: Path) -> None:
        found = explanation(name="unbroken" * 40, covariates=[("static", "endless" * 30)])
        (tmp_path / "page.html").write_text(page(found), encoding="utf-8")
        address = (tmp_path / "page.html").as_uri()
        tab = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
        try:
            requested: list[str] = []
            errors: list[str] = []
            tab.on("request", lambda asked: requested.append(asked.url))
            tab.on("console", lambda message: errors.append(message.text))
            tab.on("pageerror", lambda error: errors.append(str(error)))
            tab.goto(address)
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
            assert [url for url in requested if url != address and not url.startswith("data:")] == []
            assert errors == []
            assert min(tab.evaluate(CONTRASTS))[0] >= 4.5
            strokes = tab.evaluate(
                "[...document.querySelectorAll('.forecast polyline')].map(line => getComputedStyle(line).stroke)"
            )
            assert len(set(strokes)) == 3
        finally:
            tab.close()
