"""The page of a model of series: numbers become an answer, lines and their colours, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recurra.tasks.series.explain import explain
from recurra.tasks.series.model import SeriesModel
from support.live_models import write_series
from support.live_page import CONTRASTS, IN_A_BROWSER, REFUSED, Opener, expect
from support.live_server import Server, ended_well, start_server
from support.series import made

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
SERIES = np.random.default_rng(3).normal(size=(40, 3)).round(3)

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, SeriesModel]]:
    folder = tmp_path_factory.mktemp("series")
    running = start_server(write_series(folder / "model"), folder / "errors", "--max-body", "20000")
    yield running, made()
    ended_well(running)


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, SeriesModel]]:
    folder, shape = tmp_path_factory.mktemp("number"), {"kind": "regress", "outputs": 1, "channels": 1, "masks": 0}
    running = start_server(write_series(folder / "model", **shape), folder / "errors")
    yield running, made(**shape)
    ended_well(running)


def lines(series: Any, separator: str = ", ") -> str:
    return "\n".join(separator.join(str(value) for value in step) for step in series)


def answered(page: Any) -> None:
    """Wait for the answer and its explanation."""
    expect(page.locator("#windows")).to_be_visible()
    expect(page.locator("#lines")).to_have_attribute("aria-busy", "false")


def test_numbers_become_a_label_lines_and_what_they_contribute(
    opened: Opener, labels: tuple[Server, SeriesModel]
) -> None:
    server, model = labels
    page = opened(server)
    expect(page.locator("#numbers-note")).to_contain_text("its values of c0, c1, c2")
    page.fill("#numbers", lines(SERIES))
    answered(page)
    found = explain(model, SERIES)
    expect(page.locator("#figure")).to_have_text(str(found.answer))
    ranked = sorted(found.probabilities.items(), key=lambda pair: -pair[1])
    expect(page.locator("#chances li bdi")).to_have_text([label for label, _ in ranked])
    expect(page.locator("#chances li").first).to_contain_text(f"{100 * ranked[0][1]:.1f} %")
    expect(page.locator("#lines figcaption bdi")).to_have_text(["c0", "c1", "c2"])
    place, window, contribution = found.strongest(1)[0]
    first = page.locator("#strongest tr").first
    expect(first.locator("th")).to_have_text(f"c{place}")
    start, end = found.windows[window].tolist()
    expect(first.locator("td").first).to_have_text(f"{start + 1}" + (f"\u2013{end}" if end > start + 1 else ""))
    expect(first.locator("td").last).to_have_text(f"{contribution:+.2f}".replace("-", "\u2212"))
    bars = page.locator("#lines figure").nth(place).locator("rect.bar")
    heights = bars.evaluate_all("all => all.map(it => +it.getAttribute('height'))")
    largest = np.abs(found.contributions).max()
    np.testing.assert_allclose(heights, np.abs(found.contributions[place]) / largest * 13, atol=0.01)
    upwards = bars.evaluate_all("all => all.map(it => it.classList.contains('for'))")
    assert upwards == (found.contributions[place] > 0).tolist()
    page.fill("#numbers", "")
    expect(page.locator("#drawn")).to_be_hidden()
    expect(page.locator("#answer-empty")).to_be_visible()


def test_a_file_may_name_its_columns_in_any_order_and_lack_values(
    opened: Opener, labels: tuple[Server, SeriesModel]
) -> None:
    server, model = labels
    page = opened(server)
    values = SERIES.copy()
    values[3, 0] = np.nan
    table = "time;c2;c0;note;c1\r\n" + "".join(
        f"{row};{step[2]};{'' if np.isnan(step[0]) else step[0]};7;{step[1]}\r\n" for row, step in enumerate(values)
    )
    page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"\xef\xbb\xbf" + table.encode()})
    answered(page)
    expect(page.locator("#figure")).to_have_text(str(model.predict([values])[0]))
    expect(page.locator("#chances li").first).to_contain_text(f"{100 * model.predict_proba([values]).max():.1f} %")
    transfer = page.evaluate_handle(
        """text => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([text], "b.csv"));
          return transfer;
        }""",
        lines(SERIES[:7], "\t"),
    )
    page.dispatch_event("#numbers", "drop", {"dataTransfer": transfer})
    expect(page.locator("#lines .series-steps").first).to_have_text("step 17")
    page.set_input_files("#file", {"name": "c.csv", "mimeType": "", "buffer": b"1" * 20_001})
    expect(page.locator("#series-notice")).to_contain_text("at most 19.5 KB are read here")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1, 2, 3\n1, 2", "Line 2 has 2 values; the model reads c0, c1, c2."),
        (f"1, 2, 3\n\n1, 2, {HOSTILE}", "Line 2 has 1 value"),
        (f"1, 2, 3\n1, 2, {HOSTILE}", "Line 2 has “<img src=x onerror="),
        ("c0, c1, d\n1, 2, 3", "The first line does not name c2. The model reads c0, c1, c2."),
        ("c0, c1, c2, d\n1, 2, 3", "Line 2 has 3 values; the first line names 4."),
        ("1, 2, 1e31", "beyond 1e30"),
    ],
)
def test_what_is_no_series_is_said(opened: Opener, labels: tuple[Server, SeriesModel], text: str, message: str) -> None:
    page = opened(labels[0], allowed=REFUSED)
    page.fill("#numbers", text)
    expect(page.locator("#series-notice")).to_contain_text(message)
    assert page.locator("img").count() == 0 and page.title() == "model: Recurra"


def test_a_number_for_a_single_channel(opened: Opener, numbers: tuple[Server, SeriesModel]) -> None:
    server, model = numbers
    page = opened(server)
    page.fill("#numbers", "1.5, 2, , 4")
    answered(page)
    expected = float(model.predict([[1.5, 2, np.nan, 4]])[0])
    assert float(page.locator("#figure").inner_text().replace(",", "")) == pytest.approx(expected, abs=1e-3)
    expect(page.locator("#pro")).to_have_text("makes it larger")
    expect(page.locator("#lines .series-steps")).to_have_text("step 14")
    page.fill("#numbers", "c0\n5\n6\n")
    expect(page.locator("#lines .series-steps")).to_have_text("step 12")
    page.click("#random")
    expect(page.locator("#lines .series-steps")).to_have_text("step 160")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_it_fits_and_is_readable(
    opened: Opener, labels: tuple[Server, SeriesModel], width: int, scheme: str, tmp_path: Path
) -> None:
    page = opened(labels[0], viewport={"width": width, "height": 844}, color_scheme=scheme)
    expect(page.locator("#numbers-note")).to_contain_text("c0, c1, c2")
    page.click("#random")
    answered(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert min(page.evaluate(CONTRASTS))[0] >= 4.5
    page.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)
    page.click("#tab-model")
    expect(page.locator("#facts")).to_contain_text("up to 2,000 steps")
