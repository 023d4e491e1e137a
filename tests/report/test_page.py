"""The page and the card of any task: complete, escaped, self-contained, and whole when parts are missing."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markupsafe import Markup

from recurra.report.page import Section, boxed, card, quotes, render_task, table
from recurra.report.quantities import QUANTITIES, shown_quantities

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}\u202e\x00\ud800'"

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Outline(HTMLParser):
    """Tags and text of a page whose every tag is closed in its turn."""

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


@pytest.fixture
def written() -> dict[str, Any]:
    """What a text generator's metrics.json holds."""
    return {
        "task": "generate",
        "labels": [],
        "test": {
            "nats_per_char": 1.6812, "nats_per_char_ci95": [1.6612, 1.7012], "perplexity": 5.372,
            "perplexity_ci95": [5.266, 5.481], "accuracy": 0.512, "rows": 111_540,
        },
        "baseline": {"name": "6-gram", "nats_per_char": 1.862, "nats_per_char_ci95": [1.84, 1.88]},
        "history": [
            {"epoch": n, "train_loss": 2.0 / n, "valid_loss": 2.2 / n, "train_accuracy": 0.3, "valid_accuracy": 0.28,
             "seconds": 3.0}
            for n in (1, 2)
        ],
        "config": {"cell": "lstm", "layers": 1, "hidden": 512},
        "split": {"how": "the last 10 % of the text", "train": 900, "valid": 50, "test": 100},
        "data": {"name": "input.txt", "how": "a text", "fingerprint": "abc123", "rows": 1050},
        "versions": {"recurra": "0.1.0"}, "seed": 7, "timing": {"train": 12.0},
        "command": "recurra train input.txt --task generate --out model",
    }  # fmt: skip


def page(metrics: dict[str, Any], **more: Any) -> Outline:
    sections = [Section("Samples", quotes([([("temperature", "0.8")], "ROMEO:\nlo!")]), "As it writes.")]
    return Outline(render_task(metrics, title="input.txt", verdict="Yes.", sections=sections, **more))


def test_shows_everything_asked_for(written: dict[str, Any]) -> None:
    shown = page(written, tone="good", reasons=["It is less surprised."], cautions=["Short text."])
    for part in (
        "Can I believe it?", "Yes.", "It is less surprised.", "Short text.", "How it learned", "Samples",
        "As it writes.",
        "ROMEO:", "1.681", "1.661 to 1.701", "6-gram", "1.862", "Perplexity", "Against a simpler answer",
        "Further left is better.", "Make it again", "abc123", "recurra train input.txt --task generate", "51.2",
    ):  # fmt: skip
        assert part in shown.text
    assert sum(tag == "h1" for tag, _ in shown.tags) == 1
    pictures = [attributes for tag, attributes in shown.tags if tag == "svg"]
    assert len(pictures) == 3
    assert all(attributes.get("aria-label") for attributes in pictures)


def test_the_score_named_first_is_drawn_large(written: dict[str, Any]) -> None:
    source = render_task(written, title="t", verdict="v", sections=[], first=["accuracy"])
    assert re.search(r'figure-number">51\.2<small>%', source)
    assert [name for name, _ in shown_quantities(written["test"], ["accuracy"])] == [
        "accuracy", "nats_per_char", "perplexity",
    ]  # fmt: skip


def test_user_text_stays_text_and_nothing_is_loaded(written: dict[str, Any]) -> None:
    written["command"] = written["data"]["name"] = written["baseline"]["name"] = HOSTILE
    written["config"][HOSTILE] = HOSTILE
    body = boxed(table([HOSTILE, "n"], [[HOSTILE, 3], [Markup("<i>kept</i>"), 4]], HOSTILE, numbers=1), Markup("b"))
    source = render_task(
        written, title=HOSTILE, verdict=HOSTILE, reasons=[HOSTILE], cautions=[HOSTILE],
        sections=[Section(HOSTILE, body + quotes([([(HOSTILE, HOSTILE)], HOSTILE)]), HOSTILE)],
    )  # fmt: skip
    source.encode("utf-8")
    outline = Outline(source)
    assert not {tag for tag, _ in outline.tags} & {"script", "img", "iframe", "object", "embed", "base", "form"}
    assert "i" in {tag for tag, _ in outline.tags}
    for _, attributes in outline.tags:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "srcset", "action"):
            assert attributes.get(name, "data:,") == "data:,"
    assert "{{ 7 * 7 }}" in outline.text
    assert "\x00" not in source
    assert not re.search(r"url\(|@import|https?://", source)


@pytest.mark.parametrize("missing", ["test", "baseline", "history", "config", "split", "data", "versions", "command"])
def test_any_part_may_be_missing(written: dict[str, Any], missing: str) -> None:
    page({**written, missing: None})
    del written[missing]
    page(written)
    assert card(written, title="t", verdict="v", use="u").startswith("# t")


def test_the_card_says_the_same(written: dict[str, Any]) -> None:
    text = card(written, title="a | b <i>", verdict="Yes.", use="```sh\nrecurra generate .\n```", reasons=["Good."])
    html = MarkdownIt("default", {"html": True}).enable("table").render(text)
    assert "<i>" not in html
    for part in ("<table>", "1.681", "1.661 to 1.701", "1.862", "recurra generate .", "abc123", "Good."):
        assert part in html


def test_every_quantity_is_written_in_words() -> None:
    for quantity in QUANTITIES.values():
        assert quantity.meaning.endswith(".")
        assert quantity.show(0.25) in ("25.0\xa0%", "0.250", "0.25", "0.2")
        assert quantity.scale.tick(0.5) in ("50 %", "0.5")
