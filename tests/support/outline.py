"""What a page holds: its tags in order, and its text as a reader sees it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input", "hr"}
HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}\u202e\x00\ud800'"


class Outline(HTMLParser):
    """Tags and text of a page whose every tag is closed in its turn.

    Attributes:
        tags: (name, attributes) of each.
        words: the texts, in order.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        """The text with every run of white space as one space."""
        return re.sub(r"\s+", " ", " ".join(self.words))


def assert_harmless(source: str) -> None:
    """Assert that a page runs nothing, loads nothing, and holds nothing that a file cannot."""
    source.encode("utf-8")
    assert "\x00" not in source
    outline = Outline(source)
    assert not {tag for tag, _ in outline.tags} & {"script", "img", "iframe", "object", "embed", "base", "form"}
    for tag, attributes in outline.tags:
        assert not any(name.startswith("on") for name in attributes), tag
        for name in ("src", "href", "srcset", "action"):
            assert attributes.get(name, "data:,") == "data:,"
    assert not re.search(r"url\(|@import|https?://", source)
    assert any("default-src 'none'" in (a.get("content") or "") for tag, a in outline.tags if tag == "meta")
