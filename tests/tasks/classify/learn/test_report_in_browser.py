"""The page in a real browser: fits a phone, runs nothing, loads nothing, follows light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recurra.tasks.classify.learn.report import render

CHROMIUM = Path("/usr/bin/chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs a browser at {CHROMIUM} (apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright (pip install playwright)")
    with api.sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        running = driver.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield running
        running.close()


@pytest.mark.parametrize("which", ["binary", "many"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_runs_nothing_and_loads_nothing(
    browser: Any, which: str, width: int, scheme: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    metrics = request.getfixturevalue(which)
    metrics["labels"][0] = "<script>document.title='owned'</script>" + "unbroken" * 12
    metrics["command"] = "recurra train " + "x" * 300
    (tmp_path / "report.html").write_text(render(metrics), encoding="utf-8")
    address = (tmp_path / "report.html").as_uri()
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    try:
        requested: list[str] = []
        errors: list[str] = []
        page.on("request", lambda asked: requested.append(asked.url))
        page.on("console", lambda message: errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert (
            page.evaluate("Math.max(...[...document.querySelectorAll('.card > *')].map(e => e.clientWidth))") <= width
        )
        assert page.title() == "imdb classifier: Recurra report"
        assert [url for url in requested if url != address and not url.startswith("data:")] == []
        assert errors == []
        paper, ink = page.evaluate(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
            ".map(c => c.match(/[0-9]+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0) / 765)"
        )
        assert (paper > 0.9 and ink < 0.2) if scheme == "light" else (paper < 0.15 and ink > 0.85)
        lines = page.evaluate(
            "['train', 'valid'].map(k => getComputedStyle(document.querySelector('polyline.' + k)).stroke"
            ".match(/[0-9]+/g))"
        )
        (red, _, blue), (held_red, _, held_blue) = [[int(part) for part in line[:3]] for line in lines]
        assert red > blue + 80
        assert held_blue > held_red + 80
    finally:
        page.close()
