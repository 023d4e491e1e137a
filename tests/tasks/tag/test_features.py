"""The features of words: known words by id, others by their spelling; and word features in their file."""

from __future__ import annotations

import pytest

from recurra.errors import ArtefactError
from recurra.tasks.tag.features import WordFeatures


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "not a tagger's tokenizer"),
        ("[", "not a tagger's tokenizer"),
        ('{"rule": "x", "buckets": 1, "characters": [], "words": []}', "knows 'lower"),
        ('{"rule": "RULE", "buckets": 0, "characters": [], "words": []}', "out of range"),
        ('{"rule": "RULE", "buckets": 1, "characters": [], "words": ["a", "a"]}', "out of range"),
        ('{"rule": "RULE", "buckets": 1, "characters": [1], "words": []}', "out of range"),
    ],
)
def test_damaged_word_features_are_refused(text: str, message: str) -> None:
    from recurra.tasks.tag.features import RULE

    with pytest.raises(ArtefactError, match=message):
        WordFeatures.from_json(text.replace("RULE", RULE))
