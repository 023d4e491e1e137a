"""The page of an explanation: everything escaped, nothing by colour alone, right in a real browser."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from recurra.many_to_one.explain import Contribution, Explanation
from recurra.tasks.classify.explanation_page import page

CHROMIUM = Path("/usr/bin/chromium")
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> & \x00\x1b \ud800"


def explanation(text: str, falls: list[float], label: str = "positive", span: int = 1) -> Explanation:
    words = tuple(
        Contribution(match.start(), match.end(), match.group(), fall)
        for match, fall in zip(re.finditer(r"\w+", text.replace("<br />", " " * 6)), falls, strict=True)
    )
    sentence = (Contribution(0, len(text), text, 1.0),)
    return Explanation(
        text, label, label, {label: 0.9996, "negative": 0.0004}, 3.0, words, sentence, span, 40, span > 1
    )


def test_words_are_marked_by_direction_and_strength_and_lines_are_broken() -> None:
    shown = page(explanation("a good<br />but dull end", [0.0, 2.0, -0.01, -1.0, 0.2]))
    assert re.findall(r'<mark class="(\w+)" style="--s:([\d.]+)" title="([^"]+)">(\w+)</mark>', shown) == [
        ("for", "1.00", "+2.00", "good"),
        ("against", "0.50", "-1.00", "dull"),
        ("for", "0.10", "+0.20", "end"),
    ]
    assert "good</mark>\nbut <mark" in shown
    assert "over 99.9\N{NO-BREAK SPACE}%" in shown and "under 0.1\N{NO-BREAK SPACE}%" in shown


def test_the_strongest_words_are_in_a_table() -> None:
    falls = [0.1, -3.0, 2.0, 0.5]
    shown = page(explanation("one two three four", falls), top=2)
    first = shown[shown.index("The words that contribute most") : shown.index("<details>")]
    assert re.findall(r'<th scope="row"[^>]*>(\w+)</th><td class="number">([^<]+)', first) == [
        ("two", "-3.00"),
        ("three", "+2.00"),
    ]
    folded = shown[shown.index("<details>") : shown.index("</details>")]
    assert re.findall(r'<th scope="row"[^>]*>(\w+)</th>', folded) == ["one", "two", "three", "four"]


def test_everything_from_outside_is_escaped() -> None:
    words = [0.5] * len(re.findall(r"\w+", HOSTILE))
    shown = page(explanation(HOSTILE, words, label=HOSTILE))
    shown.encode("utf-8")
    tags: list[tuple[str, list[str]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, [name for name, _ in attrs]))

    Reader(convert_charrefs=True).feed(shown)
    assert not {tag for tag, _ in tags} & {"script", "img", "b>"}
    assert not [names for _, names in tags if any(name.startswith("on") for name in names)]
    assert "\x00" not in shown and "\x1b" not in shown
    assert html.escape("document.title='owned'") in shown


def test_notes_say_what_was_not_read_and_what_was_hidden_together() -> None:
    shown = page(explanation("good film", [1.0, 2.0], span=2))
    assert "The text has 40 words and signs and is longer than the model reads: it was cut." in shown
    assert "2 neighbouring words are hidden together" in shown
    empty = page(explanation("  ", []))
    assert "The text has no words." in empty and "contribute most" not in empty


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright (pip install playwright)")
    with api.sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        running = driver.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield running
        running.close()


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs a browser at {CHROMIUM} (apt-get install chromium)")
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_fits_runs_nothing_and_loads_nothing(browser: Any, width: int, scheme: str, tmp_path: Path) -> None:
    text = f"{HOSTILE} {'unbroken' * 40} good dull"
    falls = [0.1] * (len(re.findall(r"\w+", text)) - 2) + [2.0, -1.5]
    (tmp_path / "page.html").write_text(page(explanation(text, falls, label=HOSTILE)), encoding="utf-8")
    address = (tmp_path / "page.html").as_uri()
    tab = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    try:
        requested: list[str] = []
        errors: list[str] = []
        tab.on("request", lambda asked: requested.append(asked.url))
        tab.on("console", lambda message: errors.append(message.text))
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.goto(address)
        tab.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert "owned" not in tab.title().split(":")[-1]
        assert [url for url in requested if url != address and not url.startswith("data:")] == []
        assert errors == []
        paper, ink = tab.evaluate(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
            ".map(c => c.match(/[0-9]+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0) / 765)"
        )
        assert (paper > 0.9 and ink < 0.2) if scheme == "light" else (paper < 0.15 and ink > 0.85)
        lines = tab.evaluate(
            "[...document.querySelectorAll('.text mark')].slice(-2).map(m => getComputedStyle(m).textDecorationStyle)"
        )
        assert lines == ["solid", "dotted"]
    finally:
        tab.close()


def test_n_grams_are_in_a_table_of_their_own() -> None:
    plain = explanation("one two", [0.1, -3.0], label="<i>")
    assert "n-gram" not in page(plain).lower()
    ngrams = (Contribution(0, 7, "one <b>two", -1.5), Contribution(0, 3, "one", 0.25), Contribution(4, 7, "two", 0.1))
    shown = page(replace(plain, ngrams=ngrams, ngram_total=-1.15, network_total=4.15), top=2)
    table = shown[shown.index("N-grams") : shown.index("<details>")]
    found = re.findall(r'<th scope="row"[^>]*>([^<]+)</th><td class="number">([^<]+)', table)
    assert found == [("one &lt;b&gt;two", "-1.50"), ("one", "+0.25")]
    assert "The log-odds of &lt;i&gt; are +3.00: -1.15 from all n-grams and +4.15 from the network." in table
