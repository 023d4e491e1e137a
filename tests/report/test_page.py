"""The page and the card of any task: complete, escaped, self-contained, and whole when parts are missing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markupsafe import Markup

from recurra.report.blocks import boxed, bullets, quotes, table, tiles
from recurra.report.card import model_card
from recurra.report.charts import Bar
from recurra.report.page import ReportPage, Section, render
from recurra.report.quantity import CROSS_ENTROPY, Quantity
from recurra.report.verdict import Verdict
from support.outline import HOSTILE, Outline, assert_harmless

QUANTITIES = {
    "nats_per_char": Quantity("Nats per character", "Cross-entropy of unseen text.", False),
    "perplexity": Quantity("Perplexity", "Among how many it is as uncertain.", False, digits=2),
    "accuracy": Quantity("Accuracy", "The share that it predicts.", True, share=True),
}


@pytest.fixture
def metrics() -> dict[str, Any]:
    """What a text generator's metrics.json holds."""
    return {
        "task": "generate",
        "labels": [],
        "test": {
            "nats_per_char": 1.6812, "nats_per_char_ci95": [1.6612, 1.7012], "perplexity": 5.372,
            "perplexity_ci95": [5.266, 5.481], "accuracy": 0.512, "rows": 111_540,
        },
        "valid": {"accuracy": 0.498, "rows": 1_210},
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


@pytest.fixture
def page() -> ReportPage:
    """What a text generator hands in."""
    return ReportPage(
        title="input.txt text generator",
        verdict=Verdict("good", "Yes.", ("It is less surprised.",), ("Short text.",)),
        quantities=QUANTITIES,
        sections=[Section("Samples", quotes([([("temperature", "0.8")], "ROMEO:\nlo!")]), "As it writes.")],
        row="symbol",
        rows="symbols",
        details=["40 symbols known"],
        intervals="Bootstrap intervals.",
        loss=CROSS_ENTROPY,
    )


def test_shows_all_that_is_there(metrics: dict[str, Any], page: ReportPage) -> None:
    shown = Outline(render(metrics, page))
    for part in (
        "Can I believe it?", "Yes.", "It is less surprised.", "Short text.", "How it learned", "Samples",
        "As it writes.", "40 symbols known", "LSTM", "Nats per character on 111,540 held-out symbols", "Loss (nats)",
        "ROMEO:", "1.681", "1.661 to 1.701", "6-gram", "1.862", "Perplexity", "Compared with simpler models",
        "Further left is better.", "Bootstrap intervals.", "How to reproduce it", "abc123",
        "recurra train input.txt --task generate", "51.2", "validation 1,210 49.8",
    ):  # fmt: skip
        assert part in shown.text
    assert sum(tag == "h1" for tag, _ in shown.tags) == 1
    charts = [attributes for tag, attributes in shown.tags if tag == "svg"]
    assert len(charts) == 3
    assert all(attributes.get("aria-label") for attributes in charts)


def test_the_first_quantity_that_was_measured_is_drawn_large(metrics: dict[str, Any], page: ReportPage) -> None:
    accuracy_first = {"missing": QUANTITIES["perplexity"], "accuracy": QUANTITIES["accuracy"], **QUANTITIES}
    source = render(metrics, replace(page, quantities=accuracy_first))
    assert re.search(r'figure-number">51\.2<small>%', source)
    metrics["test"]["accuracy"] = float("nan")
    assert re.search(r'figure-number">1\.681</div>', render(metrics, replace(page, quantities=accuracy_first)))


def test_simpler_models_are_drawn_beside_the_baseline(metrics: dict[str, Any], page: ReportPage) -> None:
    source = render(metrics, replace(page, simpler=[Bar("Any symbol alike", 4.2)]))
    shown = Outline(source)
    assert "Any symbol alike" in shown.text and "6-gram" in shown.text
    del metrics["baseline"]
    assert "Compared with" in Outline(render(metrics, replace(page, simpler=[Bar("Any symbol alike", 4.2)]))).text
    assert "Compared with" not in Outline(render(metrics, page)).text


def test_user_text_stays_text_and_nothing_is_loaded(metrics: dict[str, Any], page: ReportPage) -> None:
    metrics["command"] = metrics["data"]["name"] = metrics["baseline"]["name"] = HOSTILE
    metrics["config"][HOSTILE] = HOSTILE
    body = boxed(table([HOSTILE, "n"], [[HOSTILE, 3], [Markup("<i>kept</i>"), 4]], HOSTILE, numbers=1), Markup("b"))
    body += quotes([([(HOSTILE, HOSTILE)], HOSTILE)]) + tiles([(HOSTILE, HOSTILE)]) + bullets([HOSTILE])
    page = replace(
        page,
        title=HOSTILE,
        verdict=Verdict("bad", HOSTILE, (HOSTILE,), (HOSTILE,)),
        details=[HOSTILE],
        simpler=[Bar(HOSTILE, 2.0, (1.0, 3.0), note=HOSTILE)],
        sections=[Section(HOSTILE, body, HOSTILE)],
    )
    source = render(metrics, page)
    assert_harmless(source)
    outline = Outline(source)
    assert "i" in {tag for tag, _ in outline.tags}
    assert "{{ 7 * 7 }}" in outline.text


@pytest.mark.parametrize(
    "missing", ["test", "valid", "baseline", "history", "config", "split", "data", "versions", "command"]
)
def test_any_part_may_be_missing(metrics: dict[str, Any], page: ReportPage, missing: str) -> None:
    whole = Outline(render(metrics, page)).text
    for partial in ({**metrics, missing: None}, {name: part for name, part in metrics.items() if name != missing}):
        text = Outline(render(partial, page)).text
        assert len(text) < len(whole) and "Yes." in text and "ROMEO:" in text
        assert model_card(partial, page, use="u").startswith("# input.txt text generator")
    assert "Yes." in Outline(render({}, page)).text


def test_the_card_agrees_with_the_page(metrics: dict[str, Any], page: ReportPage) -> None:
    page = replace(page, title="a | b <i>")
    use = "```sh\nrecurra generate .\n```"
    text = model_card(metrics, page, use=use, sections=[("Further", "More.")])
    html = MarkdownIt("default", {"html": True}).enable("table").render(text)
    assert "<i>" not in html
    for part in (
        "<table>", "1.681", "1.661 to 1.701", "1.862", "1.840 to 1.880", "recurra generate .", "abc123",
        "It is less surprised.", "Short text.", "<h2>Further</h2>", "On 111,540\xa0held-out symbols",
        "Nats per character on 111,540 held-out symbols: 1.681 (95 % interval 1.661 to 1.701).",
    ):  # fmt: skip
        assert part in html
