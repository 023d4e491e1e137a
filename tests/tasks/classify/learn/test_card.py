"""The model card: says the same as the report, and user text cannot become mark-up."""

from __future__ import annotations

from typing import Any

from markdown_it import MarkdownIt

from recurra.tasks.classify.learn.card import model_card


def test_the_card_holds_the_scores(binary: dict[str, Any]) -> None:
    card = model_card(binary)
    page = MarkdownIt().enable("table").render(card)
    for words in (
        "<h1>imdb classifier</h1>",
        "Yes: it beats a simple baseline",
        "negative, positive",
        "<table>",
        "Brier",
    ):
        assert words in page
    assert "recurra train imdb --text review" in page
    assert 'recurra.load("."' in card
    page = page.replace("\N{NO-BREAK SPACE}", " ")
    assert "with C = 1 is the best of 3 on 2,000 validation rows, trained on 40,500 rows" in page
    assert "NB-weighted (1,3)-grams + logistic regression 92.8" in page


def test_bears_missing_parts(binary: dict[str, Any]) -> None:
    assert "Not evaluated yet" in model_card({})
    for missing in list(binary):
        assert model_card({k: v for k, v in binary.items() if k != missing}).startswith("# ")


def test_hostile_labels_and_commands_stay_text(binary: dict[str, Any]) -> None:
    hostile = "<script>alert(1)</script> [x](javascript:alert(2)) | a\n# b ![i](http://e.x/i.png)"
    binary["labels"] = [hostile, "b"]
    binary["command"] = binary["data"]["name"] = binary["data"]["how"] = binary["baseline"]["name"] = hostile
    page = MarkdownIt("default", {"html": True}).render(model_card(binary))
    assert "<script" not in page
    assert "<img" not in page
    assert "<a " not in page
    assert page.count("<h1>") == 1
    binary["command"] = "a ```` b"
    assert "`````sh\na ```` b\n`````" in model_card(binary)
