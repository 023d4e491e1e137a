"""The card of a base."""

from __future__ import annotations

from typing import Any

from recurra.pretraining.card import base_card

METRICS: dict[str, Any] = {
    "network": {"layers": 2, "cell": "gru", "hidden": 6, "direction": "both", "embedding": 4, "vocabulary": 1_234},
    "test": {"perplexity": 1_500.25, "perplexity_by_counts": 2_750.0, "rows": 50},
    "data": {"name": "<b>texts</b>.csv", "how": "texts.csv: a file", "fingerprint": "ab12"},
    "config": {"level": "word"},
    "split": {"how": "50 of 900 texts held out, seed 3"},
    "seed": 3,
    "versions": {"torch": "2.9"},
    "command": "recurra pretrain texts.csv --out base",
}


def test_it_says_what_the_base_is_how_to_use_it_and_what_was_measured() -> None:
    card = base_card(METRICS)
    for words in (
        "2 x GRU(6), both",
        "1,234 tokens (`--level word`)",
        "recurra train reviews.csv --from THIS_DIRECTORY --out model",
        "50 held-out texts: 1,500.2.",
        "how often each word occurs: 2,750.0.",
        "50 of 900 texts held out, seed 3",
        "recurra pretrain texts.csv --out base",
        "ab12",
    ):
        assert words in card, words
    assert "<b>" not in card, "a name is no mark-up"
