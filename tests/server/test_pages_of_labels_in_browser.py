"""The page of a model that gives several labels: bars, thresholds, a slider and explanations, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import recurra
from recurra.tasks.multilabel.model import MultilabelClassifier
from support.labelled import LABELS
from support.live_page import IN_A_BROWSER, Opener, expect
from support.live_server import Server, ended_well, start_server

TEXT = "We had soup and bread. Then a song was very near."

pytestmark = IN_A_BROWSER


@pytest.fixture(scope="module")
def served(
    labelled_model: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, MultilabelClassifier]]:
    running = start_server(labelled_model[0], tmp_path_factory.mktemp("labels") / "errors")
    yield running, recurra.load(labelled_model[0], task="multilabel")
    ended_well(running)


def test_bars_thresholds_and_another_threshold(opened: Opener, served: tuple[Server, MultilabelClassifier]) -> None:
    server, model = served
    page = opened(server)
    page.fill("#text", TEXT)
    given = model.predict([TEXT])[0]
    expect(page.locator("#given")).to_have_text(", ".join(given))
    chances = dict(zip(LABELS, model.predict_proba([TEXT])[0].tolist(), strict=True))
    ranked = sorted(LABELS, key=lambda label: -chances[label])
    expect(page.locator("#bars li bdi")).to_have_text(ranked)
    expect(page.locator("#bars li.first")).to_have_count(len(given))
    marks = page.locator("#bars .mark").evaluate_all("all => all.map(it => +it.style.getPropertyValue('--at'))")
    thresholds = dict(zip(LABELS, model.thresholds.tolist(), strict=True))
    assert marks == pytest.approx([thresholds[label] for label in ranked], abs=1e-4)
    slider = page.locator("#threshold")
    expect(slider).to_have_attribute("aria-valuetext", "as trained")
    page.locator("#text").press("Tab")
    expect(slider).to_be_focused()
    assert slider.evaluate("it => getComputedStyle(it).outlineStyle") == "solid"
    for key, value in (("ArrowRight", "0.51"), ("End", "0.99")):
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", value)
    expect(page.locator("#reply-status")).to_have_text(f"{page.locator('#given').text_content()}.")
    expect(page.locator("#bars .share").first).to_contain_text("threshold 99.0 %")
    page.locator("#threshold").fill("0.01")
    expect(page.locator("#threshold-value")).to_have_text("0.01")
    low = [label for label in ranked if chances[label] >= 0.01]
    expect(page.locator("#given")).to_have_text(", ".join(low) or "No label")
    page.get_by_role("button", name="As trained").click()
    expect(page.locator("#given")).to_have_text(", ".join(given))


def test_a_label_is_explained_when_it_is_chosen(opened: Opener, served: tuple[Server, MultilabelClassifier]) -> None:
    server, model = served
    page = opened(server)
    page.fill("#text", TEXT)
    for label in ("music", "food"):
        page.get_by_role("button", name=label, exact=True).press("Enter")
        expect(page.locator("#bars [aria-pressed=true]")).to_be_focused()
        expect(page.locator("#legend-for")).to_have_text(f"evidence for {label}")
        expect(page.locator("#legend-against")).to_have_text(f"evidence against {label}")
        strongest = model.explain(TEXT, label).top(1)[0]
        expect(page.locator("#strongest tr").first.locator("th")).to_have_text(strongest.text)
    page.fill("#text", "")
    expect(page.locator("#reply")).to_be_hidden()
    expect(page.locator("#explained")).to_be_hidden()
