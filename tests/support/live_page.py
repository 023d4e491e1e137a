"""What tests of the page share: where the browser is, how long it is waited for, whether its text can be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE_MS = 30_000
REFUSED = ("Failed to load resource",)
"""What the browser itself says of an answer that is none."""

IN_A_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs a browser at {CHROMIUM} (apt-get install chromium)"),
]

Opener = Callable[..., Any]

CONTRASTS = """() => {
  const parts = colour => (([r, g, b, a = 1]) => [r, g, b, a])(colour.match(/[0-9.]+/g).map(Number));
  const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => a * c + (1 - a) * under[i]);
  const behind = element => {
    if (!element) return [255, 255, 255];
    const colour = parts(getComputedStyle(element).backgroundColor);
    return colour[3] === 1 ? colour.slice(0, 3) : over(colour, behind(element.parentElement));
  };
  const light = rgb => rgb.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const {width, height} = element.getBoundingClientRect();
    if (!walker.currentNode.data.trim() || width < 2 || height < 2) continue;
    if (element.closest('.hidden, noscript, script')) continue;
    const ground = behind(element);
    const [one, other] = [light(over(parts(getComputedStyle(element).color), ground)), light(ground)];
    found.push([(Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05), walker.currentNode.data.slice(0, 40)]);
  }
  return found;
}"""
"""[contrast, text] of every text that is shown."""


def faults_found_by_axe(page: Any, *, contrast_alone: bool = False) -> list[tuple[str, list[str]]]:
    """Return [rule, elements] of what axe-core finds on a page as it is shown now: rules of WCAG and best practices.

    contrast_alone: look at colours and at nothing else, which does not change with them.
    """
    api = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    options: dict[str, Any] = {"resultTypes": ["violations"], "iframes": False}  # scripts are not run in the report
    if contrast_alone:
        options["runOnly"] = ["color-contrast"]
    found = api.Axe().run(page, options=options).response["violations"]
    return [(fault["id"], [node["html"][:200] for node in fault["nodes"]]) for fault in found]


def expect(locator: Any) -> Any:
    from playwright.sync_api import expect as expecting

    expecting.set_options(timeout=PATIENCE_MS)
    return expecting(locator)
