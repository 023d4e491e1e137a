"""The page of an explanation: harmless, nothing by colour alone, right in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.tasks.series.explain import MOST_CHANNELS, Explanation, explain
from recurra.tasks.series.explanation_page import MOST_LABELS, page
from support.live_page import CHROMIUM, CONTRASTS, IN_A_BROWSER
from support.outline import HOSTILE, Outline, assert_harmless
from support.series import made


def explanation(**changes: object) -> Explanation:
    values = np.random.default_rng(0).normal(size=(6, 2)).astype(np.float32)
    fields = {
        "name": HOSTILE, "channels": (HOSTILE, "y"), "values": values, "answer": HOSTILE,
        "target": HOSTILE, "probabilities": {HOSTILE: 0.9996, "down": 0.0004}, "score": 1.1,
        "windows": np.array([[0, 1], [1, 4], [4, 6]]), "hidden": np.array([0.5, -2.0]), "shown": np.array([0, 1]),
        "contributions": np.array([[0.1, 0.004, 0.0], [-3.0, 0.2, 4.0]]), "together": np.array([0.1, 0.2, -0.3]),
    }  # fmt: skip
    return Explanation(**{**fields, **changes})


def test_user_text_is_text_and_nothing_is_loaded() -> None:
    source = page(explanation())
    assert_harmless(source)
    assert "over 99.9" in Outline(source).text


def test_bars_have_the_direction_and_the_length_of_what_windows_contribute() -> None:
    source = page(explanation())
    second = source[source.index('<b dir="auto">y</b>') :]
    bars = re.findall(r'class="rise (\w+)" x="([\d.]+)" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', second)[:3]
    assert [bar[0] for bar in bars] == ["against", "for", "for"]
    assert [float(bar[3]) for bar in bars] == pytest.approx([13 * 3 / 4, 13 * 0.2 / 4, 13], abs=0.01)
    assert [float(bar[2]) for bar in bars] == pytest.approx([87, 87 - 13 * 0.2 / 4, 87 - 13], abs=0.01)
    assert "<title>steps 5-6: +4.00</title>" in second


def test_the_line_goes_through_the_values_and_breaks_where_they_are_missing() -> None:
    values = np.array([[0, 5], [1, 5], [np.nan, 5], [3, 5], [2, 5], [0, 5]], dtype=np.float32)
    source = page(explanation(values=values))
    first = source[: source.index('<b dir="auto">y</b>')]
    lines = [
        [tuple(map(float, point.split(","))) for point in points.split()]
        for points in re.findall(r'<polyline[^>]*points="([^"]+)"', first)
    ]
    assert [[round(x * 6 / 1000 - 0.5) for x, _ in line] for line in lines] == [[0, 1], [1, 1], [3, 4], [4, 5]]
    heights = {round(x * 6 / 1000 - 0.5): y for line in lines for x, y in line}
    assert heights == pytest.approx({0: 67, 1: 67 - 62 / 3, 3: 5, 4: 67 - 124 / 3, 5: 67}, abs=0.1)
    assert "1 missing" in first and "5 to 5" in source


def test_long_series_have_few_points_and_their_extremes() -> None:
    values = np.random.default_rng(0).normal(size=(20_000, 1)).astype(np.float32)
    values[7_777] = 50
    model = made(channels=1, masks=0)
    source = page(explain(model, values))
    assert len(source) < 100_000
    assert ",5.0" in source  # the greatest value, at the top
    assert_harmless(source)


def test_a_number_many_channels_and_many_labels() -> None:
    number = page(explanation(target=None, answer=12.5, score=12.5, probabilities={}))
    assert "makes the number larger" in number and "<h2>Probabilities</h2>" not in number
    channels = MOST_CHANNELS + 1
    many = explanation(
        channels=tuple(f"c{place}" for place in range(channels)), hidden=np.ones(channels),
        probabilities={HOSTILE: 0.5, **{str(place): 0.01 for place in range(20)}},
    )  # fmt: skip
    source = page(many)
    assert f"Of {channels} channels" in source and f"and {21 - MOST_LABELS} more" in source
    alone = page(explain(made(channels=1, masks=0), [3.0]))
    assert "All channels together" not in alone and "1 step of 1 channel" in alone
    unknown = page(explain(made(), [[np.nan, 1, np.nan], [np.nan, 2, 5]]))
    assert "no value is known" in unknown
    assert_harmless(unknown)


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
        (tmp_path / "page.html").write_text(page(explanation(name="unbroken" * 40)), encoding="utf-8")
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
                "[...document.querySelectorAll('.series polyline')].map(line => getComputedStyle(line).stroke)"
            )
            assert len(set(strokes)) > 2
        finally:
            tab.close()
