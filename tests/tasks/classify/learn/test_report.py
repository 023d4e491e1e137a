"""The page: complete, escaped, self-contained, and whole when parts are missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from recurra.tasks.classify.learn.report import render

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Outline(HTMLParser):
    """Collects tags and text, and checks that every tag is closed in its turn."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def test_shows_everything_asked_for(binary: dict[str, Any]) -> None:
    page = Outline(render(binary))
    for heading in (
        "Yes: it beats a simple baseline", "How it learned", "When to trust an answer", "Accuracy by length",
        "What it confuses", "Sure, and wrong", "What was in the data", "All the numbers", "Make it again",
    ):  # fmt: skip
        assert heading in page.text
    for value in (
        "recurra train imdb --text review", "sha256:9f86d0", "2.13.0", "TF-IDF (1,2)-grams", "McNemar", "Wilson",
        "437 rows repeat", "15,204", "Calibration error", "temperature 1.18",
    ):  # fmt: skip
        assert value in page.text
    low, high = (f"{100 * end:.1f}" for end in binary["test"]["accuracy_ci95"])
    assert f"{low} to {high}" in page.text
    assert sum(tag == "h1" for tag, _ in page.tags) == 1
    assert all(attributes.get("aria-label") for tag, attributes in page.tags if tag == "svg")


@pytest.mark.parametrize("which", ["binary", "many"])
def test_user_text_stays_text_and_nothing_is_loaded(which: str, request: pytest.FixtureRequest) -> None:
    metrics = request.getfixturevalue(which)
    hostile = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}\u202e\x00\ud800'"
    metrics["labels"][0] = hostile
    metrics["test"]["per_class"][0]["label"] = hostile
    metrics["hygiene"]["classes"] = {hostile: 3, "b": 2}
    metrics["hygiene"]["findings"].append(hostile)
    metrics["command"] = metrics["data"]["name"] = metrics["data"]["how"] = hostile
    metrics["config"][hostile] = [hostile, {hostile: hostile}]
    metrics["versions"][hostile] = metrics["baseline"]["name"] = hostile
    metrics["mistakes"][0].update(text=hostile, truth=hostile, predicted=0)
    source = render(metrics)
    source.encode("utf-8")
    page = Outline(source)
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "img", "iframe", "object", "embed", "base", "form", "b" * 9}
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes), tag
        for name in ("src", "href", "srcset", "action"):
            assert attributes.get(name, "data:,") == "data:,"
    assert "{{ 7 * 7 }}" in page.text
    assert "\x00" not in source
    assert not re.search(r"url\(|@import|https?://", source)
    assert any("default-src 'none'" in (a.get("content") or "") for t, a in page.tags if t == "meta")


def test_many_classes_stay_legible(many: dict[str, Any]) -> None:
    page = Outline(render(many))
    assert sum(tag == "td" and "--s" in (a.get("style") or "") for tag, a in page.tags) >= 77
    assert "weakest twelve of 77" in page.text
    assert "commonest mix-ups" in page.text
    assert sum(tag == "th" and a.get("title") == many["labels"][76] for tag, a in page.tags) == 2


@pytest.mark.parametrize("classes", [3, 8, 20, 120])
def test_any_number_of_classes(classes: int, make_metrics: Callable[..., dict[str, Any]]) -> None:
    metrics = make_metrics(2, 200, 1.0)
    metrics["labels"] = [f"label {k}" for k in range(classes)]
    metrics["test"]["confusion"] = [[9 if k == j else (k + j) % 3 for j in range(classes)] for k in range(classes)]
    page = Outline(render(metrics))
    assert ("What it confuses" in page.text) == (classes <= 100)


@pytest.mark.parametrize(
    "missing",
    ["test", "train", "valid", "baseline", "paired", "history", "timing", "hygiene", "mistakes", "temperature",
     "config", "split", "versions", "data", "seed", "command", "task"],
)  # fmt: skip
@pytest.mark.parametrize("how", ["absent", "none"])
def test_any_part_may_be_missing(binary: dict[str, Any], missing: str, how: str) -> None:
    if how == "absent":
        del binary[missing]
    else:
        binary[missing] = None
    Outline(render(binary))


def test_almost_nothing_still_makes_a_page(binary: dict[str, Any]) -> None:
    assert "Not judged yet." in Outline(render({})).text
    only = {"labels": ["a", "b"], "test": {"accuracy": 0.5, "rows": 2}}
    assert "50.0" in Outline(render(only)).text
    for name in list(binary["test"]):
        if name != "accuracy":
            Outline(render({**binary, "test": {k: v for k, v in binary["test"].items() if k != name}}))


def test_long_texts_are_cut_and_breaks_are_line_breaks(binary: dict[str, Any]) -> None:
    binary["mistakes"] = [
        {"row": 3, "text": "x<br />y" + "word " * 400, "truth": 0, "predicted": "positive", "probability": 1}
    ]
    source = render(binary)
    quote = re.search(r'<blockquote dir="auto">(.*?)</blockquote>', source, re.S)
    assert quote is not None
    assert quote[1].startswith("x\nyword")
    assert quote[1].endswith("…")
    assert len(quote[1]) <= 600
