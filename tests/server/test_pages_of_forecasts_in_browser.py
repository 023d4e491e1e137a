"""The page of a model that forecasts: numbers become a forecast, a chart and what it is made of, in a real browser."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import recurra
from recurra.tasks.forecast.explain import Explanation, explain
from recurra.tasks.forecast.explanation_text import KINDS
from recurra.tasks.forecast.history import History
from recurra.tasks.forecast.model import ForecastModel
from support.forecast import waves
from support.forecast_files import month
from support.live_models import write_forecaster
from support.live_page import CONTRASTS, IN_A_BROWSER, REFUSED, Opener, expect
from support.live_server import Server, ended_well, start_server

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
VALUES = waves(40).round(3)

Served = tuple[Server, ForecastModel]

pytestmark = IN_A_BROWSER


def served(folder: Path, *options: str, **changes: Any) -> Iterator[Served]:
    directory = write_forecaster(folder / "model", **changes)
    running = start_server(directory, folder / "errors", *options)
    yield running, recurra.load(directory, task="forecast")
    ended_well(running)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A model without covariates, and its server."""
    yield from served(tmp_path_factory.mktemp("plain"), "--max-body", "20000")


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A model of covariates, and its server."""
    yield from served(tmp_path_factory.mktemp("beside"), past=1, future=1, static=1)


def explained(page: Any) -> None:
    """Wait for the forecast and its explanation."""
    expect(page.locator("#made")).to_be_visible()
    expect(page.locator("#chart")).to_have_attribute("aria-busy", "false")


def number(text: str) -> float:
    return float(text.replace(",", "").replace("\u2212", "-"))


def rows(page: Any) -> list[list[str]]:
    """Return the table of the steps."""
    texts: list[list[str]] = page.locator("#rows tr").evaluate_all(
        "all => all.map(row => [...row.children].map(cell => cell.textContent))"
    )
    return texts


def check_steps(page: Any, found: Explanation, times: list[str]) -> None:
    """Assert that the table has every step of a forecast and its parts."""
    parts = [found.quantiles[:, 1], found.quantiles[:, 0], found.quantiles[:, 2], found.smoothing, found.network]
    shown = rows(page)
    assert [row[0] for row in shown] == times
    np.testing.assert_allclose([list(map(number, row[1:])) for row in shown], np.stack(parts, axis=1), atol=0.06)


def test_numbers_become_a_forecast_and_what_it_is_made_of(opened: Opener, plain: Served) -> None:
    server, model = plain
    page = opened(server)
    expect(page.locator("#lead")).to_contain_text("Forecasts series of numbers, 5 steps ahead.")
    page.fill("#numbers", "\n".join(map(str, VALUES)))
    explained(page)
    found = explain(model, History(VALUES))
    check_steps(page, found, ["1", "2", "3", "4", "5"])
    assert number(page.inner_text("#figure")) == pytest.approx(found.quantiles[0, 1], abs=0.06)
    expect(page.locator("#caption")).to_contain_text("the next step, between ")
    expect(page.locator("#which-line")).to_be_hidden()
    expect(page.locator("#chart polyline.history")).to_have_count(1)
    for kind, count in (("middle", 6), ("smoothing", 5)):  # the line of the forecast begins where the history ends
        line = page.locator(f"#chart polyline.{kind}")
        expect(line).to_have_count(1)
        assert len(line.get_attribute("points").split()) == count
    expect(page.locator("#made-of")).to_contain_text("the network, which counts by 70 % here, adds ")
    expect(page.locator("#latest")).to_contain_text("The last 5 values were ")
    for place, aspect in enumerate(("trend", "season", "scale", "level")):
        ranked = sorted((one for one in found.weights if one.aspect == aspect), key=lambda one: -one.weight)
        items = page.locator("#weights ul").nth(place).locator("li > :first-child")
        expect(items).to_have_text([KINDS[aspect, one.kind] for one in ranked])
        share = f"{100 * ranked[0].weight:.1f}" if ranked[0].weight < 0.9995 else ">99.9"
        expect(page.locator("#weights ul").nth(place)).to_contain_text(f"{share} %, says ")
    strongest = found.strongest(8)
    expect(page.locator("#contributions tr")).to_have_count(len(strongest))
    first = page.locator("#contributions tr").first.locator("td").all_inner_texts()
    place, falls = strongest[0]
    assert list(map(number, first)) == pytest.approx([falls.mean(), np.abs(falls).mean()], abs=0.06)
    start, end = found.pieces[place]
    expect(page.locator("#contributions th").first).to_have_text(f"steps {start + 1} to {end}")
    bars = page.locator("#pieces rect.bar")
    heights = bars.evaluate_all("all => all.map(it => +it.getAttribute('height'))")
    means = found.piece_falls.mean(axis=1)
    np.testing.assert_allclose(heights, np.abs(means) / np.abs(means).max() * 13, atol=0.05)
    upwards = bars.evaluate_all("all => all.map(it => it.classList.contains('for'))")
    assert upwards == (means > 0).tolist()
    page.fill("#numbers", "")
    for part in ("#drawn", "#made", "#answer"):
        expect(page.locator(part)).to_be_hidden()
    expect(page.locator("#answer-empty")).to_be_visible()


def table(steps: int, columns: str, row: Any) -> str:
    """Return a table of three shops as CSV, whose rows are in no order of time."""
    lines = [row(shop, step) for shop in range(3) for step in range(steps - 1, -1, -1)]
    return columns + "\r\n" + "\r\n".join(lines) + "\r\n"


def test_a_file_of_several_series_is_chosen_from(opened: Opener, plain: Served, tmp_path: Path) -> None:
    server, model = plain
    page = opened(server)
    names = ["shop 0", HOSTILE, "a; b"]
    series = [waves(24, seed=n).round(2) for n in range(3)]
    series[1][5] = np.nan

    def row(shop: int, step: int) -> str:
        value = series[shop][step]
        return f"{names[shop]}\t{month(step)}\t{'' if np.isnan(value) else value}"

    text = table(24, "unique_id\tds\ty", row)
    page.set_input_files("#file", {"name": "a.tsv", "mimeType": "text/csv", "buffer": b"\xef\xbb\xbf" + text.encode()})
    explained(page)
    expect(page.locator("#which option")).to_have_text(names)
    for shop, name in enumerate(names):
        page.select_option("#which", name)
        found = explain(model, History(series[shop], name))
        explained(page)
        check_steps(page, found, [month(24 + step) for step in range(5)])
    expect(page.locator("#contributions")).to_contain_text(" to 2016-12-01")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as CSV").click()
    saving.value.save_as(tmp_path / "forecast.csv")
    saved = list(csv.DictReader(io.StringIO((tmp_path / "forecast.csv").read_text(encoding="utf-8"))))
    (expected,) = model.predict([History(series[2], "a; b")])
    assert [(step["unique_id"], step["ds"]) for step in saved] == [("a; b", month(24 + n)) for n in range(5)]
    numbers = [[float(step[name]) for name in ("lo", "y", "hi")] for step in saved]
    np.testing.assert_allclose(numbers, expected, rtol=1e-5)
    assert page.locator("img").count() == 0 and page.title() == "model: Recurra"
    page.set_input_files("#file", {"name": "c.csv", "mimeType": "", "buffer": b"1" * 20_001})
    expect(page.locator("#series-notice")).to_contain_text("at most 19.5 KB are read here")


def test_covariates_are_columns_that_reach_beyond_the_values(opened: Opener, beside: Served) -> None:
    server, model = beside
    page = opened(server, allowed=REFUSED)
    expect(page.locator("#numbers-note")).to_contain_text("ds, y, past 0, future 0, static 0")
    rng = np.random.default_rng(0)
    past, future, static = rng.normal(size=(30, 1)).round(2), rng.normal(size=(35, 1)).round(2), np.array([0.7])
    lines = ["note,static 0,future 0,ds,y,past 0"]
    for step in range(35):
        value, rain = (VALUES[step], past[step, 0]) if step < 30 else ("", "")
        lines.append(f"hot,0.7,{future[step, 0]},{month(step)},{value},{rain}")
    page.fill("#numbers", "\n".join(lines))
    explained(page)
    found = explain(model, History(VALUES[:30], None, past, future, static))
    check_steps(page, found, [month(30 + step) for step in range(5)])
    shown = page.locator("#contributions th").all_inner_texts()
    words = {"past": "known up to now", "future": "known beforehand", "static": "of the series"}
    strongest = [place - len(found.pieces) for place, _ in found.strongest(8)]
    named = [f"{name} ({words[kind]})" for kind, name in (found.covariates[place] for place in strongest if place >= 0)]
    assert [text for text in shown if "(" in text] == named != []
    page.fill("#numbers", "\n".join(lines[:33]))  # three steps short of the horizon
    expect(page.locator("#series-notice")).to_contain_text("they must reach 5 steps further")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"1\n2\n{HOSTILE}", "Line 3 has "),
        (f"ds,y\n2020-01-01,1\n2020-02-01,{HOSTILE}", 'Line 3 has “<img src=x onerror="”, which is no number.'),
        ("2020-01-01,1\n\n2020-02-01", "Line 3 has 1 field, and the first line 2 fields."),
        ("1,2,3\n4,5,6", "Line 1 has 3 fields; without names in a first line it is a value, or a time and a value."),
        ("unique_id,ds\na,2020-01-01", "No column holds the values."),
        ("1\n2", "series.0: a series has 2 known values; at least 3 are needed to continue it."),
        ("1\n2\n1e31", "beyond 1e30"),
    ],
)
def test_what_is_no_series_is_said(opened: Opener, plain: Served, text: str, message: str) -> None:
    page = opened(plain[0], allowed=REFUSED)
    page.fill("#numbers", text)
    expect(page.locator("#series-notice")).to_contain_text(message)
    assert page.locator("img").count() == 0 and page.title() == "model: Recurra"
    expect(page.locator("#made")).to_be_hidden()
    page.fill("#numbers", "1\n2\n4\n5")
    explained(page)
    expect(page.locator("#series-notice")).to_be_empty()


def test_a_short_series_has_no_latest_season_and_gaps_are_drawn(opened: Opener, plain: Served) -> None:
    page = opened(plain[0])
    page.fill("#numbers", "1.5 nan 2 4")
    expect(page.locator("#series-notice")).to_contain_text("Line 1 has 4 fields")
    page.fill("#numbers", "3 1.5\n1 2\n2 NA\n4 7\n5 ?\n6 9")
    explained(page)
    expect(page.locator("#latest")).to_be_empty()
    expect(page.locator("#chart polyline.history")).to_have_count(3)
    assert page.locator("#chart polyline.history").first.get_attribute("points").count(" ") == 1


@pytest.mark.parametrize("kind", ["plain", "beside"])
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_it_fits_and_is_readable(
    opened: Opener, request: pytest.FixtureRequest, kind: str, width: int, scheme: str, tmp_path: Path
) -> None:
    server, _ = request.getfixturevalue(kind)
    page = opened(server, viewport={"width": width, "height": 844}, color_scheme=scheme)
    expect(page.locator("#numbers-note")).to_contain_text("One step a line")
    page.get_by_role("button", name="An example").click()
    explained(page)
    assert len(rows(page)) == 5
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert min(page.evaluate(CONTRASTS))[0] >= 4.5
    page.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)
    page.click("#tab-model")
    expect(page.locator("#facts")).to_contain_text("Steps ahead")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
