"""What a notebook shows of a model: facts, verdict and curves, escaped, in light and dark."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest

import recurra
from recurra.report.notebook import NotebookModel, Shown, model_html
from support.live_page import CHROMIUM
from support.written_models import MODELS

HISTORY = [
    {"epoch": 1, "train_loss": 0.9, "valid_loss": 0.8, "train_accuracy": 0.5, "valid_accuracy": 0.6},
    {"epoch": 2, "train_loss": 0.5, "valid_loss": 0.6, "train_accuracy": 0.8, "valid_accuracy": 0.75},
]


class Balanced(HTMLParser):
    """Checks that every element is closed, and collects their names."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(page: str) -> set[str]:
    parser = Balanced()
    parser.feed(page)
    parser.close()
    assert not parser.open
    return parser.seen


def test_facts_verdict_and_curves_are_there() -> None:
    page = model_html("Classifier", Shown({"Network": "LSTM", "Nothing": ""}, "Yes: it works.", "good", HISTORY))
    assert read(page) == {"div", "style", "p", "dl", "dt", "dd", "svg", "text", "line", "polyline", "circle", "title"}
    assert '<p class="verdict good">Yes: it works.</p>' in page and "<dt>Network</dt><dd>LSTM</dd>" in page
    assert "Nothing" not in page
    assert page.count("<svg") == 2 and "Accuracy per epoch" in page and "validation, epoch 2: 75.0" in page


def test_text_is_escaped_and_nothing_is_loaded() -> None:
    page = model_html("<b>", Shown({"<i>": "<script>alert(1)</script>"}, "<img src=x>", "bad", HISTORY))
    assert not read(page) & {"b", "i", "script", "img", "link"}
    assert not re.search(r"https?:|url\(|@import", page)


def test_a_model_that_was_not_loaded_has_its_name() -> None:
    class Plain(NotebookModel):
        pass

    assert '<p class="name">Plain</p>' in Plain()._repr_html_()


@pytest.mark.parametrize("task", sorted(path.name for path in MODELS.iterdir() if (path / "manifest.json").exists()))
def test_every_loaded_model_shows_itself(task: str) -> None:
    directory = MODELS / task
    page = recurra.load(directory)._repr_html_()
    assert {"div", "dl"} <= read(page)
    assert f"<dd>{directory}</dd>" in page and "<dt>Task</dt>" in page


def test_a_directory_that_is_gone_or_changed_leaves_the_manifest(tmp_path: Path) -> None:
    shutil.copytree(MODELS / "tag", tmp_path / "m")
    model = recurra.load(tmp_path / "m")
    shutil.rmtree(tmp_path / "m")
    assert "<dt>Task</dt><dd>tag" in model._repr_html_()


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs a browser at {CHROMIUM}")
@pytest.mark.parametrize(("light", "dark"), [("data-jp-theme-light='true'", "data-jp-theme-light='false'"),
                                             ("class='vscode-light'", "class='vscode-dark'")])  # fmt: skip
def test_it_follows_the_notebooks_theme(tmp_path: Path, light: str, dark: str) -> None:
    driver = pytest.importorskip("playwright.sync_api")
    body = model_html("Classifier", Shown({"a": "b"}, "Yes", "good", HISTORY))
    with driver.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme)
            for theme, expected in ((light, [255, 255, 255]), (dark, [27, 28, 32])):
                (tmp_path / "page.html").write_text(f"<body {theme}>{body}</body>")
                page.goto((tmp_path / "page.html").as_uri())
                found = page.evaluate("getComputedStyle(document.querySelector('.recurra-model')).backgroundColor")
                assert json.loads(found.replace("rgb(", "[").replace(")", "]")) == expected
            (tmp_path / "page.html").write_text(f"<body>{body}</body>")
            page.goto((tmp_path / "page.html").as_uri())
            found = page.evaluate("getComputedStyle(document.querySelector('.recurra-model')).backgroundColor")
            assert found == {"light": "rgb(255, 255, 255)", "dark": "rgb(27, 28, 32)"}[scheme]
        browser.close()
